"""Who is told of what, from settings to the other end of the wire; and that no other side makes a run fail."""

from __future__ import annotations

import importlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.config.settings import Settings, Telemetry
from pipeline.errors import ExitCode, UsageError
from pipeline.outcomes import DecksReport, RunStatus
from tests.fakes.faults import fine
from tests.fakes.trace_collector import TraceCollector
from tests.fakes.webhook_receiver import SECRET, WebhookReceiver, refusing
from tests.unit.telling.ended import Waits, outcome, refused_outcome, report, run_through, teller_of
from tests.unit.telling.test_metrics import scraped

_NOTE = "import os, sys; print(os.environ['DECK_EVENT'], sys.stdin.read(), file=open('told', 'a'))"


@pytest.fixture
def receiver():
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def open_teller(waits, warnings):
    """A teller of settings, closed after the test."""
    opened = []

    def make(settings, **how):
        opened.append(teller_of(settings, waits, warnings, **how))
        return opened[-1]

    yield make
    for teller in opened:
        teller.close()


@pytest.fixture
def webhook(receiver):
    Path("secret").write_text(SECRET)
    return {"url": receiver.url, "secret_file": "secret"}


def with_metrics(**sections):
    """Settings with metrics at a port the system chooses, which no person can set."""
    telemetry = Telemetry.model_construct(metrics_port=0, metrics_host="127.0.0.1", traces_url=None)
    return Settings.model_validate(sections).model_copy(update={"telemetry": telemetry})


def many(*outcomes, stopped=None):
    return DecksReport(decks=outcomes, seconds=20.0, stopped=stopped)


def types_of(receiver):
    return [message["type"] for message in receiver.messages.values()]


def test_nobody_is_told_where_nobody_is_named(open_teller, warnings):
    teller = open_teller({})
    teller.deck_ended(outcome(), report())
    teller.decks_ended(many(outcome()))
    assert teller.watching(print) is print
    assert warnings == []


def test_the_webhook_gets_the_json_report(open_teller, receiver, webhook):
    open_teller({"webhook": webhook}).deck_ended(outcome(input="s3://bucket/deck.pptx"), report())
    ((number, message),) = receiver.messages.items()
    assert len(number) == 36
    assert message["type"] == "deck.done"
    assert message["data"]["input"] == "s3://bucket/deck.pptx"
    assert message["data"]["slides"][1]["failed_calls"][0]["kind"] == "policy"


def test_a_deck_that_never_began_has_a_report_of_the_same_fields(open_teller, receiver, webhook):
    teller = open_teller({"webhook": webhook})
    teller.deck_ended(outcome(), report())
    teller.deck_ended(refused_outcome(), None)
    done, failed = receiver.messages.values()
    assert (done["type"], failed["type"]) == ("deck.done", "deck.failed")
    assert done["data"].keys() == failed["data"].keys()
    assert (failed["data"]["exit_code"], failed["data"]["message"]) == (4, "broken.pptx: not a deck")


@pytest.mark.parametrize(
    ("status", "types"),
    [
        (RunStatus.SUCCESS, ["deck.done"]),
        (RunStatus.PARTIAL, ["deck.done"]),
        (RunStatus.NOTHING_TO_DO, ["deck.done"]),
        (RunStatus.FAILED, ["deck.failed"]),
        (RunStatus.WAITING, []),
    ],
)
def test_what_a_status_is_called(open_teller, receiver, webhook, status, types):
    open_teller({"webhook": webhook}).deck_ended(outcome(status=status), report(status=status))
    assert types_of(receiver) == types


def test_only_what_is_wanted_is_told(open_teller, receiver, webhook):
    note = [sys.executable, "-S", "-c", _NOTE]
    settings = {"webhook": {**webhook, "when": ["failed"]}, "hook": {"command": note, "when": ["done"]}}
    teller = open_teller(settings)
    teller.deck_ended(outcome(), report())
    teller.deck_ended(refused_outcome(), None)
    teller.decks_ended(many(outcome()))
    teller.decks_ended(many(outcome(), refused_outcome()))
    assert types_of(receiver) == ["deck.failed", "decks.ended"]
    event, _, told = Path("told").read_text().partition(" ")
    assert event == "deck.done"
    assert json.loads(told)["run_id"] == report().run_id


def test_many_decks(open_teller, receiver, webhook):
    teller = open_teller({"webhook": {**webhook, "when": ["failed"]}})
    teller.decks_ended(many(outcome(), stopped=ExitCode.BUDGET))
    (message,) = receiver.messages.values()
    assert message["type"] == "decks.ended"
    assert message["data"]["exit_code"] == ExitCode.BUDGET
    assert [deck["input"] for deck in message["data"]["decks"]] == ["hush-deck.pptx"]


def test_who_cannot_be_told_is_warned_of_and_the_next_is_told_all_the_same(open_teller, receiver, webhook, warnings):
    receiver.faults.always(refusing(404))
    settings = with_metrics(webhook=webhook, hook={"command": ["false"]})
    teller = open_teller(settings)
    teller.deck_ended(outcome(), report())
    assert [line.partition(":")[0] for line in warnings] == ["hook.command", "webhook.url"]
    assert not [line for line in warnings if "token" in line or "\n" in line]
    receiver.faults.clear()
    teller.deck_ended(outcome(), report())
    assert types_of(receiver) == ["deck.done"]
    found = scraped(teller._metrics)
    assert {name[1:]: value for name, value in found.items() if name[0] == "messages_total"} == {
        ("failed", "webhook"): 1,
        ("delivered", "webhook"): 1,
        ("failed", "hook"): 2,
    }


def test_decks_tell_from_threads_of_their_own(open_teller, receiver, webhook, waits, warnings):
    teller = open_teller(with_metrics(webhook=webhook))

    def make(number):
        run_through(teller.watching(lambda _: None), waits, f"run-{number}")
        teller.deck_ended(outcome(run_id=f"run-{number}"), report(run_id=f"run-{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(40)))
    assert {message["data"]["run_id"] for message in receiver.messages.values()} == {f"run-{n}" for n in range(40)}
    found = scraped(teller._metrics)
    assert found["messages_total", "delivered", "webhook"] == found["decks_total", "partial"] == 40
    assert found["image_seconds_count", "gpt-image", "openai"] == 40
    assert ("decks_under_way",) not in found
    assert warnings == []


def test_an_address_that_is_gone_is_left_alone(open_teller, receiver, webhook, warnings):
    receiver.faults.on_call(1, refusing(410))
    receiver.faults.always(fine)
    teller = open_teller({"webhook": webhook})
    for _ in range(3):
        teller.deck_ended(outcome(), report())
    assert len(receiver.requests) == len(warnings) == 1


def test_metrics_and_traces_know_what_was_heard(open_teller, waits):
    with TraceCollector() as collector:
        settings = with_metrics()
        telemetry = settings.telemetry.model_copy(update={"traces_url": collector.url})
        teller = open_teller(settings.model_copy(update={"telemetry": telemetry}))
        run_through(teller.watching(lambda _: None), waits)
        teller.deck_ended(outcome(), report())
        assert scraped(teller._metrics)["image_seconds_sum", "gpt-image", "openai"] == 4
        teller.close()
        assert len(collector.of("slide")) == 2


def test_traces_nobody_takes_are_told_of_at_the_end(waits, warnings):
    with TraceCollector() as collector:
        collector.faults.always(refusing(400))
        teller = teller_of({"telemetry": {"traces_url": collector.url}}, waits, warnings)
        teller.deck_ended(outcome(), report())
        teller.close()
    assert [line.partition(";")[0] for line in warnings] == [
        f"telemetry.traces_url: {collector.origin} does not take the traces"
    ]


@pytest.mark.parametrize("setting", [{"metrics_port": 9464}, {"traces_url": "http://localhost:4318/v1/traces"}])
def test_without_the_extra(monkeypatch, waits, warnings, setting):
    for module in ("teller", "metrics", "traces"):
        monkeypatch.delitem(sys.modules, f"pipeline.telling.{module}", raising=False)
    for package in ("prometheus_client", "opentelemetry.context"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(f"{teller_of.__module__}.Teller", importlib.import_module("pipeline.telling.teller").Teller)
    teller_of({}, waits, warnings).close()
    with pytest.raises(UsageError, match=r"pip install 'deck-illustrator\[telemetry\]', or set it to null") as caught:
        teller_of({"telemetry": setting}, waits, warnings)
    assert str(caught.value).startswith(f"telemetry.{next(iter(setting))}: ")


def test_what_cannot_be_used_is_refused_before_the_first_deck_and_leaves_nothing_open(webhook, waits, warnings):
    settings = with_metrics(webhook=webhook)
    telemetry = settings.telemetry.model_copy(update={"traces_url": "nowhere"})
    with pytest.raises(UsageError, match=r"^telemetry\.traces_url"):
        teller_of(settings.model_copy(update={"telemetry": telemetry}), waits, warnings)
