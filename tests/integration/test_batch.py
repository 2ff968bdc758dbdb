"""The half-price lane, through the program and its services: handed in, remembered, collected, never paid twice."""

from __future__ import annotations

import pytest

from pipeline.config.loader import load_configuration
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate as illustrate_in_process
from pipeline.runs.preparing import Order
from tests.clocks import ManualClock
from tests.integration.conftest import FAST
from tests.integration.half_price import (
    NOTES,
    SLIDES,
    WAITING,
    batches,
    costs,
    live_calls,
    nothing_is_left,
    worked,
)
from tests.integration.happenings import attempts, ends_in_one_line, home, run_states
from tests.integration.support import WORK, names_in, our_pictures


def test_three_starts_of_the_same_command(batch, finish, run, services, out, tmp_path):
    first = batch()
    assert first.code == WAITING, first.err
    assert (first.report["status"], first.report["output"]) == ("waiting", None)
    (name,) = [one.id for one in services[0].batches]
    assert first.report["message"] == f"{SLIDES} prompts are under way in batch {name}"
    assert [slide["status"] for slide in first.report["slides"]] == ["skipped", *["waiting"] * SLIDES]
    assert f"{SLIDES} prompts are handed in as batch {name}." in first.err
    assert "run the same command again" in first.err
    assert run_states(run) == ["waiting"]
    assert batch().code == WAITING  # nothing has changed there
    assert batches(services) == (1, 0)

    finish()
    second = batch()
    assert second.code == WAITING, second.err
    assert f"Batch {name} of {SLIDES} prompts is collected." in second.err
    assert f"{SLIDES} images are under way" in second.report["message"]

    finish()
    third = batch()
    assert third.code == 0, third.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert (batches(services), live_calls(services), worked(services)) == ((1, 1), (0, 0), (SLIDES, SLIDES))
    assert attempts(run) == {("prompt", "success"): SLIDES, ("image", "success"): SLIDES}
    assert nothing_is_left(run, tmp_path)


def test_all_of_it_costs_half_in_plan_report_and_history(batch, finish, run, make_deck, services, out):
    deck = make_deck(SLIDES)
    usual, halved = (run("plan", deck, *words).report["cost_usd"] for words in ([], ["--batch"]))
    assert halved == pytest.approx(usual / 2)

    batch()
    finish()
    second = batch().report
    finish()
    third = batch().report
    paid = costs(run)
    assert second["cost_usd"] == pytest.approx(paid["prompt"], abs=1e-5)
    assert third["cost_usd"] == pytest.approx(paid["image"], abs=1e-5)
    assert third["money"]["delivered_usd"] == pytest.approx(paid["image"], abs=1e-5)
    assert third["money"]["saved_usd"] == pytest.approx(paid["prompt"], abs=1e-5)  # paid by the start before
    assert not third["money"]["not_used"]

    live = run(make_deck(SLIDES, "live.pptx"), "-o", out.with_name("live-out.pptx"), config=FAST + _fresh("live"))
    assert live.code == 0, live.err
    assert sum(paid.values()) == pytest.approx(live.report["cost_usd"] / 2, rel=0.02)


def _fresh(name: str) -> str:
    """Settings with a store and a history nobody has used."""
    return f"store: {{folder: {name}-store}}\nhistory: {{url: {name}.sqlite}}\n"


def test_waiting_collects_both_batches_in_one_run(services, finish, make_deck, run, out, tmp_path):
    class Patient(ManualClock):
        def sleep(self, seconds, stop):
            super().sleep(seconds, stop)
            if self.slept.count(30.0) % 2 == 0:
                finish()

    clock, heard = Patient(), []
    (tmp_path / "fast.yaml").write_text(FAST)
    report = illustrate_in_process(
        Order(input=make_deck(SLIDES), output=out, batch=True, wait=True),
        load_configuration(tmp_path / "fast.yaml"),
        Surroundings(sink=lambda event: heard.append(getattr(event, "text", "")), clock=clock),
    )
    assert report.exit_code == 0, report.message
    assert clock.slept.count(30.0) == 4
    assert set(our_pictures(out)) == {2, 3, 4}
    assert (batches(services), live_calls(services)) == ((1, 1), (0, 0))
    assert sum(text.startswith("Waiting: ") for text in heard) == 2
    paid = costs(run)
    assert report.cost_usd == pytest.approx(sum(paid.values()), abs=1e-5)
    assert report.money.delivered_usd == pytest.approx(report.cost_usd, abs=1e-5)
    assert report.money.saved_usd == 0
    assert nothing_is_left(run, tmp_path)


def test_a_run_without_batch_collects_too_and_then_asks_singly(batch, finish, illustrate, services, run, out, tmp_path):
    assert batch().code == WAITING
    assert illustrate(SLIDES).code == WAITING  # else the prompts would be paid twice
    finish()
    done = illustrate(SLIDES)
    assert done.code == 0, done.err
    assert (batches(services), live_calls(services)) == ((1, 0), (0, SLIDES))
    assert nothing_is_left(run, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--image-model", "openai/gpt-image-2"), id="another model of the service"),
        pytest.param(("--prompt-model", "openai/gpt-5.4-mini"), id="another writer"),
        pytest.param(("--slides", "2"), id="fewer slides"),
    ],
)
def test_what_was_handed_in_is_collected_whatever_the_settings_say_by_now(
    words, to_pictures, finish, illustrate, services, run, out, tmp_path
):
    to_pictures()
    finish()
    other = illustrate(SLIDES, *words)
    told = attempts(run)
    assert told["image", "pending"] == 0, other.err
    assert f"of {SLIDES} images is collected" in other.err
    assert len(list((home() / "store" / "pictures").glob("*.json"))) >= SLIDES
    same = illustrate(SLIDES, "--force")
    assert same.code == 0, same.err
    before = live_calls(services)
    assert set(our_pictures(out)) == {2, 3, 4}
    assert [slide["saved_usd"] > 0 for slide in same.report["slides"][1:]] == [True] * SLIDES
    assert live_calls(services) == before
    assert not NOTES & names_in(tmp_path / WORK)


def test_an_offline_run_leaves_the_batch_alone(batch, finish, illustrate, services, out, tmp_path):
    batch()
    calls = len(services[0].fetches)
    draft = illustrate(SLIDES, "--offline")
    assert draft.code == 0
    assert "A batch is under way; a run that is not offline collects it." in draft.err
    assert len(services[0].fetches) == calls
    finish()
    assert batch("--force").code == WAITING


@pytest.mark.parametrize(
    "words", [("--offline",), ("--prompt-model", "openai/gpt-5.4-mini", "--image-model", "bfl/flux-2-pro")]
)
def test_services_without_batches_are_refused_in_one_line(words, batch, services, monkeypatch, tmp_path):
    monkeypatch.setenv("BFL_API_KEY", "a-key")
    refused = batch(*words)
    ends_in_one_line(refused, 2)
    assert not (tmp_path / WORK).exists()
    assert live_calls(services) == (0, 0)


def test_only_the_prompts_are_asked_for_in_a_batch(batch, finish, services, run, out, tmp_path):
    config = FAST + "images: {provider: offline}\n"
    assert batch(config=config).code == WAITING
    finish()
    done = batch(config=config)
    assert done.code == 0, done.err
    assert (batches(services), live_calls(services)) == ((1, 0), (0, 0))
    assert nothing_is_left(run, tmp_path)


def test_only_the_pictures_are_asked_for_in_a_batch(batch, finish, services, run, out, tmp_path):
    config = FAST + "prompts: {provider: offline}\n"
    assert batch(config=config).code == WAITING
    finish()
    done = batch(config=config)
    assert done.code == 0, done.err
    assert (batches(services), live_calls(services)) == ((0, 1), (0, 0))
    assert nothing_is_left(run, tmp_path)


def test_what_another_deck_has_handed_in_is_waited_for_and_collected_for_both(
    batch, finish, run, make_deck, services, out, tmp_path
):
    """Two decks that share slides: the other one asks for its own alone, singly or in a batch."""
    other = out.with_name("other.pptx")
    wider = make_deck(SLIDES + 1, "wider.pptx")
    assert batch().code == WAITING
    singly = run(wider, "-o", other)
    assert singly.code == WAITING, singly.err
    assert f"prompts of this deck are under way in a batch of {tmp_path / WORK}" in singly.report["message"]
    both = run(wider, "-o", other, "--batch")
    assert both.code == WAITING
    assert services[0].batches.submitted.total() == SLIDES + 1
    finish()
    assert run(wider, "-o", other, "--batch").code == WAITING  # the other's prompts too, and all pictures
    assert services[1].batches.submitted.total() == SLIDES + 1
    assert not NOTES & names_in(tmp_path / WORK)
    waiting = batch()
    assert waiting.code == WAITING
    assert "images of this deck are under way in a batch of" in waiting.report["message"]
    finish()
    done = batch()
    assert done.code == 0, done.err
    assert run(wider, "-o", other, "--batch").code == 0
    assert (worked(services), live_calls(services)) == ((SLIDES + 1, SLIDES + 1), (0, 0))
    assert nothing_is_left(run, tmp_path)


def test_the_history_shows_a_batch(batch, finish, run):
    batch()
    (name,) = [one["id"] for one in run("history").report["runs"]]
    assert f"pending in batch {name}-prompt" in run("history", "show", name, as_json=False).out
    finish()
    batch()
    told = run("history", as_json=False).out
    assert "was collected by run" in told
    assert "waiting" in told
