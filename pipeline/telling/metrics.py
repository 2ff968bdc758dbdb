"""Numbers for Prometheus, served over HTTP while the program runs. Needs the extra `telemetry`."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from pipeline.errors import UsageError
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.telling.progress import Progress, RunTimes

_NAMESPACE = "deck_illustrator"
_DECK_S = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400)
_IMAGE_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
# Prometheus takes an empty label for a missing one.
_NOBODY = "none"


class Metrics:
    """All metrics of this process. Labels are of statuses, kinds of failure, services and models: never of decks.

    `port` is where they are served. Safe for threads.
    """

    def __init__(self, host: str, port: int, progress: Progress) -> None:
        """Raises UsageError where nothing can be served there."""
        self._registry = CollectorRegistry()
        self._decks = self._counter("decks", "Decks that have ended", "status")
        self._slides = self._counter("slides", "Slides of these decks", "status")
        self._images = self._counter("images", "Pictures put on slides", "service", "model")
        self._failures = self._counter("failures", "Calls for a picture that brought none", "kind", "service")
        self._cost = self._counter(
            "cost_usd", "Dollars paid; a slide's prompt is counted where its picture was made", "service"
        )
        self._saved = self._counter("saved_usd", "Dollars not paid, since it was paid for before")
        self._messages = self._counter("messages", "Webhook messages and hooks run", "to", "result")
        self._deck_s = self._histogram("deck_seconds", "From the start of a deck to its end", _DECK_S)
        self._image_s = self._histogram(
            "image_seconds", "From a slide's prompt to its picture, waits included", _IMAGE_S, "service", "model"
        )
        self._watch(progress)
        self._begin_with_nought()
        try:
            self._server, self._thread = start_http_server(port, host, self._registry)
        except OSError as error:
            raise UsageError(
                f"telemetry.metrics_port: {host} port {port} cannot be listened on ({error.strerror}); choose another"
            ) from error
        self.port = self._server.server_port

    def deck_ended(self, outcome: DeckOutcome, report: RunReport | None, times: RunTimes | None) -> None:
        """Count a deck. Without a `report` its slides are counted, but not whose pictures they have."""
        self._decks.labels(outcome.status).inc()
        self._deck_s.observe(outcome.seconds)
        self._saved.inc(outcome.saved_usd)
        if report is None:
            self._count_slides(outcome)
            self._cost.labels(_NOBODY).inc(outcome.cost_usd)
            return
        for slide in report.slides:
            self._slide_ended(slide, times)
        in_slides = sum(slide.cost_usd for slide in report.slides)
        self._cost.labels(_NOBODY).inc(max(0.0, report.cost_usd - in_slides))

    def told(self, to: str, *, is_delivered: bool) -> None:
        """Count a message to a "webhook", or a "hook" that was run."""
        self._messages.labels(to, "delivered" if is_delivered else "failed").inc()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _slide_ended(self, slide: SlideOutcome, times: RunTimes | None) -> None:
        self._slides.labels(slide.status).inc()
        spent = slide.cost_usd
        for call in slide.failed_calls:
            self._failures.labels(call.kind, call.service).inc()
            self._cost.labels(call.service).inc(call.cost_usd)
            spent -= call.cost_usd
        self._cost.labels(slide.provider or _NOBODY).inc(max(0.0, spent))
        if slide.status is SlideStatus.ILLUSTRATED:
            self._images.labels(slide.provider, slide.model).inc()
            seconds = times.image_s(slide.number) if times else None
            if seconds is not None:
                self._image_s.labels(slide.provider, slide.model).observe(seconds)

    def _count_slides(self, outcome: DeckOutcome) -> None:
        self._slides.labels(SlideStatus.ILLUSTRATED).inc(outcome.illustrated)
        self._slides.labels(SlideStatus.SKIPPED).inc(outcome.skipped)
        self._slides.labels(SlideStatus.FAILED).inc(outcome.failed)

    def _watch(self, progress: Progress) -> None:
        """What is under way is looked up when somebody asks."""
        decks = Gauge("decks_under_way", "Decks that are made now", namespace=_NAMESPACE, registry=self._registry)
        decks.set_function(lambda: len(progress.under_way))
        waiting = Gauge(
            "slides_waiting",
            "Slides in the queue for a stage",
            ["stage"],
            namespace=_NAMESPACE,
            registry=self._registry,
        )
        waiting.labels("prompts").set_function(lambda: sum(run.awaiting_prompt for run in progress.under_way))
        waiting.labels("images").set_function(lambda: sum(run.awaiting_image for run in progress.under_way))

    def _begin_with_nought(self) -> None:
        """A series that begins with its first event hides that event from `rate` and `increase`."""
        for run_status in RunStatus:
            self._decks.labels(run_status)
        for slide_status in SlideStatus:
            self._slides.labels(slide_status)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, namespace=_NAMESPACE, registry=self._registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, what, labels, namespace=_NAMESPACE, registry=self._registry, buckets=buckets)
