"""One trace for each deck, sent to a collector by OTLP over HTTP. Needs the extra `telemetry`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, StatusCode, set_span_in_context
from opentelemetry.util.types import AttributeValue

from pipeline.asking.timing import Timing
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.telling.addresses import address_of, shown
from pipeline.telling.progress import RunTimes

_NAME = "deck-illustrator"
# Beyond these a deck's spans are dropped where the collector does not keep up; the SDK's own 2,048 are few big decks.
_MOST_QUEUED = 16_384
_NS = 1_000_000_000
# The SDK would tell people at length, and again and again, of what this module tells them in a line.
logging.getLogger("opentelemetry").addHandler(logging.NullHandler())

Attributes = dict[str, AttributeValue]


class Traces:
    """Sends a span for each deck, a span below it for each slide that was worked on: counts, costs, names of models.

    No text of a slide, no prompt and no name of a file goes out. The SDK sends them from a thread of its own; how, is
    set as for every program that uses it: OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME and so on.
    """

    def __init__(self, url: str, timing: Timing) -> None:
        """Raises UsageError for what is no address."""
        self._address = address_of("telemetry.traces_url", url)
        self._timing = timing
        self._exporter = _Counting(OTLPSpanExporter(endpoint=url))
        resource = Resource({SERVICE_NAME: _NAME}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter, max_queue_size=_MOST_QUEUED))
        self._tracer = self._provider.get_tracer(_NAME)

    def deck_ended(self, outcome: DeckOutcome, report: RunReport | None, times: RunTimes | None) -> None:
        """Send the deck's trace. Without `times` it ends now and has no slides: nothing was heard of them."""
        now_s = self._timing.monotonic()
        zero_ns = self._timing.now().timestamp() * _NS - now_s * _NS
        ended_s = times.ended_s if times and times.ended_s is not None else now_s
        started_s = min(ended_s - outcome.seconds, times.started_s if times else ended_s)
        deck = self._tracer.start_span(
            "deck", Context(), attributes=_of_deck(outcome), start_time=int(zero_ns + started_s * _NS)
        )
        if outcome.status is RunStatus.FAILED:
            deck.set_status(StatusCode.ERROR)
        if report is not None and times is not None:
            self._add_slides(deck, report, _Spans(times, ended_s, zero_ns))
        deck.end(int(zero_ns + ended_s * _NS))

    def loss(self) -> str:
        """A line where spans were lost, once; else ""."""
        if not self._exporter.has_news:
            return ""
        self._exporter.has_news = False
        return f"telemetry.traces_url: {shown(self._address)} does not take the traces; the decks are made without"

    def close(self) -> None:
        """Send what is left, for as long as the exporter's own timeout lasts."""
        self._exporter.is_closing = True
        self._provider.shutdown()

    def _add_slides(self, deck: Span, report: RunReport, spans: _Spans) -> None:
        below = set_span_in_context(deck, Context())
        for slide in report.slides:
            if slide.number not in spans:
                continue
            begin_ns, ready_ns, end_ns = spans.of(slide.number)
            span = self._tracer.start_span("slide", below, attributes=_of_slide(slide), start_time=begin_ns)
            if ready_ns is not None:
                span.add_event("prompt ready", timestamp=ready_ns)
            for call in slide.failed_calls:
                told: Attributes = {"service": call.service, "model": call.model, "kind": call.kind.value}
                span.add_event("failed call", told, timestamp=end_ns)
            if slide.status in (SlideStatus.FAILED, SlideStatus.PLACEHOLDER):
                span.set_status(StatusCode.ERROR)
            span.end(end_ns)


class _Spans:
    """When each slide of a run was worked on, in nanoseconds from 1970.

    Prompts are written one after the other, so one begins when the one before it is ready.
    """

    def __init__(self, times: RunTimes, ended_s: float, zero_ns: float) -> None:
        self._times = times
        self._ended_s = ended_s
        self._zero_ns = zero_ns
        self._begun = dict(_begun(times))

    def __contains__(self, number: int) -> bool:
        return number in self._begun

    def of(self, number: int) -> tuple[int, int | None, int]:
        """The beginning, the time the prompt was ready (None where it never was), the end."""
        ready = self._times.prompted.get(number)
        end = self._times.settled.get(number, self._ended_s)
        return self._ns(self._begun[number]), None if ready is None else self._ns(ready), self._ns(end)

    def _ns(self, monotonic_s: float) -> int:
        return int(self._zero_ns + monotonic_s * _NS)


def _begun(times: RunTimes) -> Iterator[tuple[int, float]]:
    begin = times.started_s
    written = times.settled | times.prompted  # where there is no prompt the slide was settled in its place
    for number, at_s in sorted(written.items(), key=lambda item: item[1]):
        yield number, begin
        begin = at_s


class _Counting(SpanExporter):
    """Passes spans on and remembers whether any were lost. Once it is closing, the first loss is the last try."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._has_lost = False
        self.has_news = False
        self.is_closing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.is_closing and self._has_lost:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        if result is SpanExportResult.FAILURE and not self._has_lost:
            self.has_news = self._has_lost = True
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _of_deck(outcome: DeckOutcome) -> Attributes:
    return {
        "deck.run_id": outcome.run_id,
        "deck.status": outcome.status.value,
        "deck.exit_code": int(outcome.exit_code),
        "deck.slides.planned": outcome.planned,
        "deck.slides.illustrated": outcome.illustrated,
        "deck.slides.skipped": outcome.skipped,
        "deck.slides.failed": outcome.failed,
        "deck.cost_usd": outcome.cost_usd,
        "deck.saved_usd": outcome.saved_usd,
    }


def _of_slide(slide: SlideOutcome) -> Attributes:
    return {
        "slide.number": slide.number,
        "slide.status": slide.status.value,
        "slide.service": slide.provider,
        "slide.model": slide.model,
        "slide.attempts": slide.attempts,
        "slide.cost_usd": slide.cost_usd,
        "slide.saved_usd": slide.saved_usd,
    }
