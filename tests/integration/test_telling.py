"""A real run, and all who are told of it: a webhook, a command, Prometheus, a collector. No key reaches any of them."""

from __future__ import annotations

import json
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import illustrate_deck
from pipeline.asking.timing import Timing
from pipeline.config.loader import configuration_of
from pipeline.config.settings import Settings, Telemetry
from pipeline.engine.clock import StopSignal, SystemClock
from pipeline.reporting.report import report_json
from pipeline.runs.collection.outcomes import outcome_of
from pipeline.telling.teller import Teller
from tests.fakes import openai_faults
from tests.fakes.trace_collector import TraceCollector, attributes_of
from tests.fakes.webhook_receiver import SECRET, WebhookReceiver
from tests.unit.telling.test_metrics import scraped

_SAVE = "import json, os, sys; json.dump([sys.stdin.read(), dict(os.environ)], open('got.json', 'w'))"


@pytest.fixture
def receiver():
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def collector():
    with TraceCollector() as server:
        yield server


@pytest.fixture
def settings(receiver):
    Path("secret").write_text(SECRET)
    given = {
        "workers": {"prompt_delay_s": 0, "image_delay_s": 0},
        "layout": {"max_px_per_in": 50},
        "webhook": {"url": receiver.url, "secret_file": "secret"},
        "hook": {"command": [sys.executable, "-S", "-c", _SAVE]},
    }
    return Settings.model_validate(given)


@pytest.fixture
def teller(settings, collector):
    # A port that the system chooses; no person can set it.
    telemetry = Telemetry.model_construct(metrics_port=0, metrics_host="127.0.0.1", traces_url=collector.url)
    clock, stop = SystemClock(), StopSignal()
    timing = Timing(now=clock.now, monotonic=clock.monotonic, sleep=lambda seconds: clock.sleep(seconds, stop))
    credentials = configuration_of(settings).credentials
    opened = Teller.of(
        settings.model_copy(update={"telemetry": telemetry}),
        credentials=credentials,
        environ=os.environ,
        warn=pytest.fail,
        timing=timing,
        rng=random.Random(3),
    )
    yield opened
    opened.close()


def test_a_run_is_told_of(services, settings, teller, receiver, collector, make_deck):
    claude, openai = services
    openai.faults.on_call(1, openai_faults.moderation_blocked())  # a milder prompt is asked for
    began_s = datetime.now(UTC).timestamp()
    report = illustrate_deck(make_deck(2), settings=settings, progress=teller.watching(lambda _: None))
    teller.deck_ended(outcome_of(report), report)
    numbers = scraped(teller._metrics)
    teller.close()

    (message,) = receiver.messages.values()
    text, environ = json.loads(Path("got.json").read_text())
    assert message["type"] == environ["DECK_EVENT"] == "deck.done"
    assert message["data"] == json.loads(text) == json.loads(report_json(report))
    assert environ["DECK_OUTPUT"] == str(report.output)

    drawn = {(slide.model, slide.provider) for slide in report.slides if slide.model}
    assert {name[1:] for name in numbers if name[0] == "images_total"} == drawn
    assert sum(value for name, value in numbers.items() if name[0] == "images_total") == 2
    assert sum(value for name, value in numbers.items() if name[0] == "image_seconds_count") == 2
    assert numbers["failures_total", "policy", "openai"] == 1
    assert sum(value for name, value in numbers.items() if name[0] == "cost_usd_total") == pytest.approx(
        report.cost_usd
    )
    assert ("decks_under_way",) not in numbers

    (deck,) = collector.of("deck")
    assert began_s - 1 < deck.start_time_unix_nano / 1e9 < deck.end_time_unix_nano / 1e9 < began_s + 60
    assert {attributes_of(span)["slide.number"] for span in collector.of("slide")} == {2, 3}
    assert all(span.parent_span_id == deck.span_id for span in collector.of("slide"))
    assert b"river" not in collector.raw.lower()  # every slide's text has it

    for key in (claude.api_key, openai.api_key):
        assert key in os.environ.values()
        assert key not in text + json.dumps(environ) + json.dumps(message) + repr(numbers)
        assert key.encode() not in collector.raw
