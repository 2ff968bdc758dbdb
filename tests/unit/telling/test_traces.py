"""Traces as a collector gets them: OTLP over HTTP, read from the protobuf messages."""

from __future__ import annotations

import logging

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from pipeline.errors import UsageError
from pipeline.telling.progress import Progress
from pipeline.telling.traces import Traces, _Counting
from tests.fakes.trace_collector import TraceCollector, attributes_of
from tests.fakes.webhook_receiver import refusing
from tests.unit.telling.ended import RUN, Waits, outcome, refused_outcome, report, run_through

_NS = 1_000_000_000


@pytest.fixture
def collector():
    with TraceCollector() as server:
        yield server


@pytest.fixture
def waits():
    return Waits()


def sent(collector, waits, told, whole, *, times=None):
    traces = Traces(collector.url, waits.timing())
    traces.deck_ended(told, whole, times)
    traces.close()
    return traces


def heard(waits):
    progress = Progress(lambda: waits.at_s)
    run_through(progress.watching(lambda _: None), waits)
    return progress.take(RUN)


def seconds(span):
    return (span.end_time_unix_nano - span.start_time_unix_nano) / _NS


def test_a_deck_and_its_slides(collector, waits):
    times = heard(waits)
    waits.at_s += 30  # until it is told
    traces = sent(collector, waits, outcome(), report(), times=times)
    (deck,), (first, second) = collector.of("deck"), collector.of("slide")
    assert deck.parent_span_id == b""
    assert seconds(deck) == pytest.approx(12.5, abs=1e-5)
    assert attributes_of(deck) == {
        "deck.run_id": RUN,
        "deck.status": "partial",
        "deck.exit_code": 20,
        "deck.slides.planned": 2,
        "deck.slides.illustrated": 1,
        "deck.slides.skipped": 1,
        "deck.slides.failed": 1,
        "deck.cost_usd": 0.07,
        "deck.saved_usd": 0.25,
    }
    for slide in (first, second):
        assert (slide.trace_id, slide.parent_span_id) == (deck.trace_id, deck.span_id)
        assert deck.start_time_unix_nano <= slide.start_time_unix_nano
        assert slide.end_time_unix_nano <= deck.end_time_unix_nano
    assert (seconds(first), seconds(second)) == (pytest.approx(5, abs=1e-5), pytest.approx(5, abs=1e-5))
    assert (second.start_time_unix_nano - first.start_time_unix_nano) / _NS == pytest.approx(1, abs=1e-5)
    assert attributes_of(first) == {
        "slide.number": 1,
        "slide.status": "illustrated",
        "slide.service": "openai",
        "slide.model": "gpt-image",
        "slide.attempts": 1,
        "slide.cost_usd": 0.05,
        "slide.saved_usd": 0.0,
    }
    assert first.status.code == Status.STATUS_CODE_UNSET
    assert second.status.code == Status.STATUS_CODE_ERROR
    assert [event.name for event in second.events] == ["prompt ready", "failed call"]
    assert attributes_of(second.events[1]) == {"service": "fal", "model": "flux", "kind": "policy"}
    assert collector.resources[0]["service.name"] == "deck-illustrator"
    assert traces.loss() == ""


def test_no_text_of_a_deck_goes_out(collector, waits):
    sent(collector, waits, outcome(message="hush", errors=("hush",)), report(message="hush"), times=heard(waits))
    assert collector.raw
    assert b"hush" not in collector.raw.lower()


def test_a_deck_that_never_began(collector, waits):
    sent(collector, waits, refused_outcome(), None)
    (deck,) = collector.spans
    assert deck.status.code == Status.STATUS_CODE_ERROR
    assert b"broken" not in collector.raw


def test_the_persons_own_variables_hold(collector, waits, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "night-shift")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-token=let-me-in")
    sent(collector, waits, outcome(), report())
    assert collector.resources[0]["service.name"] == "night-shift"
    assert collector.requests[0].headers["x-token"] == "let-me-in"


def test_a_collector_that_refuses_is_told_of_once(collector, waits, capfd, caplog):
    collector.faults.always(refusing(403))
    traces = Traces(collector.url.replace("http://", "http://me:hush@"), waits.timing())
    with caplog.at_level(logging.CRITICAL):
        for _ in range(3):
            traces.deck_ended(outcome(), report(), None)
        traces.close()
    line = f"telemetry.traces_url: {collector.origin} does not take the traces; the decks are made without"
    assert [traces.loss(), traces.loss()] == [line, ""]
    assert capfd.readouterr() == ("", "")


def test_a_collector_that_is_not_there(waits, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")
    traces = Traces("http://127.0.0.1:1/v1/traces", waits.timing())
    traces.deck_ended(outcome(), report(), None)
    traces.close()
    assert "does not take the traces" in traces.loss()


class Refusing(SpanExporter):
    """Counts in vain."""

    def __init__(self):
        self.asked = 0

    def export(self, spans):
        self.asked += 1
        return SpanExportResult.FAILURE


def test_the_first_loss_while_closing_is_the_last_try():
    refusing_one = Refusing()
    exporter = _Counting(refusing_one)
    for _ in range(2):
        exporter.export([])
    exporter.is_closing = True
    for _ in range(2):
        exporter.export([])
    assert refusing_one.asked == 2
    fresh = Refusing()
    exporter = _Counting(fresh)
    exporter.is_closing = True
    for _ in range(3):
        exporter.export([])
    assert fresh.asked == 1


def test_what_is_no_address(waits):
    with pytest.raises(UsageError, match=r"^telemetry\.traces_url: not an http or https address"):
        Traces("localhost:4318", waits.timing())
