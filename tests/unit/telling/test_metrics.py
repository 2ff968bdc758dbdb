"""Metrics as Prometheus gets them: over HTTP, read by its own parser."""

from __future__ import annotations

import socket
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.errors import UsageError
from pipeline.events import RunStarted, Stage, StageDone
from pipeline.telling.metrics import Metrics
from pipeline.telling.progress import Progress
from tests.unit.telling.ended import RUN, Waits, outcome, refused_outcome, report, run_through


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def progress(waits):
    return Progress(lambda: waits.at_s)


@pytest.fixture
def metrics(progress):
    served = Metrics("127.0.0.1", 0, progress)
    yield served
    served.close()


def scraped(metrics):
    """Every sample that is not nought, by its name and the values of its labels in their names' order."""
    with urlopen(f"http://127.0.0.1:{metrics.port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name.removeprefix("deck_illustrator_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.value and not sample.name.endswith("_created")
    }


def test_a_deck_in_numbers(metrics, progress, waits):
    run_through(progress.watching(lambda _: None), waits)
    metrics.deck_ended(outcome(), report(), progress.take(RUN))
    metrics.told("webhook", is_delivered=False)
    found = scraped(metrics)
    buckets = {name for name in found if name[0].endswith("_bucket")}
    assert {name: value for name, value in found.items() if name not in buckets} == {
        ("decks_total", "partial"): 1,
        ("slides_total", "illustrated"): 1,
        ("slides_total", "failed"): 1,
        ("slides_total", "skipped"): 1,
        ("images_total", "gpt-image", "openai"): 1,
        ("failures_total", "policy", "fal"): 1,
        ("cost_usd_total", "openai"): pytest.approx(0.05),
        ("cost_usd_total", "fal"): pytest.approx(0.01),
        ("cost_usd_total", "none"): pytest.approx(0.002 + 0.008),
        ("saved_usd_total",): 0.25,
        ("messages_total", "failed", "webhook"): 1,
        ("deck_seconds_count",): 1,
        ("deck_seconds_sum",): 12.5,
        ("image_seconds_count", "gpt-image", "openai"): 1,
        ("image_seconds_sum", "gpt-image", "openai"): 4,
    }


def test_a_deck_made_elsewhere_or_never_begun(metrics):
    metrics.deck_ended(outcome(), None, None)
    metrics.deck_ended(refused_outcome(), None, None)
    found = scraped(metrics)
    assert found["decks_total", "partial"] == found["decks_total", "failed"] == 1
    assert found["slides_total", "illustrated"] == found["slides_total", "failed"] == 1
    assert found["cost_usd_total", "none"] == pytest.approx(0.07)


def test_what_is_under_way(metrics, progress):
    sink = progress.watching(lambda _: None)
    sink(RunStarted(planned=3))
    sink(StageDone(stage=Stage.PROMPTS, slide_number=1))
    assert scraped(metrics) == {
        ("decks_under_way",): 1,
        ("slides_waiting", "prompts"): 2,
        ("slides_waiting", "images"): 1,
    }


def test_labels_name_no_deck(metrics):
    for number in range(50):
        metrics.deck_ended(outcome(input=f"deck-{number}", run_id=f"run-{number}"), report(), None)
    names = [str(name) for name in scraped(metrics)]
    assert len(names) < 50
    assert not [name for name in names if "hush" in name or "run-" in name or "deck-" in name]


def test_a_port_that_is_taken(progress):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"^telemetry\.metrics_port: 127\.0\.0\.1 port {port} cannot be listened"):
            Metrics("127.0.0.1", port, progress)


def test_a_host_that_is_not_this_machine(progress):
    with pytest.raises(UsageError, match=r"^telemetry\.metrics_port: 192\.0\.2\.1 port 0 cannot be listened on"):
        Metrics("192.0.2.1", 0, progress)
