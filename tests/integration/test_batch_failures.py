"""The half-price lane when things go wrong: nothing is lost, nothing is paid twice, one line says what happened."""

from __future__ import annotations

import pytest

from pipeline.store.single_flight import take
from tests.fakes import anthropic_faults, openai_faults
from tests.integration.conftest import FAST
from tests.integration.half_price import (
    IMPATIENT,
    SLIDES,
    WAITING,
    batches,
    costs,
    live_calls,
    never_taken,
    nothing_is_left,
    taken_but_unheard,
    worked,
)
from tests.integration.happenings import attempts, ends_in_one_line, home
from tests.integration.support import LENIENT, WORK, our_pictures


@pytest.mark.parametrize("kind", [0, 1], ids=["prompts", "pictures"])
def test_what_a_batch_did_not_bring_is_asked_singly(kind, batch, finish, run, services, out, tmp_path):
    """A refused one each, one that failed, one whose time ran out; pictures that are none."""
    server, faults = services[kind], (anthropic_faults, openai_faults)[kind]
    server.batches.faults.on_call(1, faults.server_error())
    server.batches.faults.on_call(2, (anthropic_faults.refusal(), openai_faults.image(b"no picture"))[kind])
    assert batch().code == WAITING
    finish()
    last = batch()
    finish()
    last = batch()
    assert last.code == 0, last.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert live_calls(services)[kind] == 2
    assert live_calls(services)[1 - kind] == 0
    told = attempts(run)
    assert told[("prompt", "image")[kind], "success"] == 1 + 2
    assert nothing_is_left(run, tmp_path)


def test_a_picture_refused_by_policy_gets_a_milder_prompt(to_pictures, batch, finish, services, run, out, tmp_path):
    services[1].batches.faults.on_call(1, openai_faults.moderation_blocked())
    to_pictures()
    finish()
    done = batch()
    assert done.code == 0, done.err
    assert live_calls(services) in ((0, 1), (1, 2))  # asked once more as it is; where that is refused too, a milder one
    assert nothing_is_left(run, tmp_path)


def test_garbage_that_was_charged_is_told_as_spent_and_not_used(to_pictures, batch, finish, services, out):
    services[1].batches.faults.on_call(1, openai_faults.text_instead_of_image)
    to_pictures()
    finish()
    done = batch().report
    assert done["exit_code"] == 0
    (wasted,) = done["money"]["not_used"]
    assert wasted["usd"] > 0
    assert done["cost_usd"] == pytest.approx(done["money"]["delivered_usd"] + wasted["usd"], abs=1e-5)


@pytest.mark.parametrize("how", ["expired", "failed", "archived"])
def test_a_batch_that_came_to_nothing_is_asked_singly(how, to_pictures, batch, finish, services, run, out, tmp_path):
    to_pictures()
    pictures = services[1].batches
    if how == "failed":
        pictures.fail("token_limit_exceeded", "too much under way")
    elif how == "expired":
        pictures.work(1)
        pictures.expire()
    else:
        finish()
        pictures.archive()
    done = batch()
    assert done.code == 0, done.err
    assert live_calls(services)[1] == {"expired": SLIDES - 1}.get(how, SLIDES)
    assert attempts(run)["image", "success"] == SLIDES
    assert done.report["money"]["maybe_calls"] == (SLIDES if how == "archived" else 0)
    assert nothing_is_left(run, tmp_path)


def test_a_budget_of_pictures_stops_the_handing_in(batch, finish, services, run, out):
    config = LENIENT + "budget: {max_images_per_day: 2}\n"
    first = batch(config=config)
    assert first.code == WAITING, first.err
    assert "From slide 4 on nothing is handed in as a batch: budget.max_images_per_day" in first.err
    assert services[0].batches.submitted.total() == 2  # no prompt whose picture there is no room for
    finish()
    assert batch(config=config).code == WAITING
    finish()
    last = batch(config=config)
    assert last.code == 10, last.err
    assert set(our_pictures(out.with_name("out.partial.pptx"))) == {2, 3}
    assert services[1].batches.submitted.total() == 2
    assert live_calls(services) == (0, 0)


def test_a_budget_in_dollars_stops_the_handing_in_at_half_prices(batch, finish, run, make_deck, services):
    deck = make_deck(SLIDES)
    prices = [one["cost_usd"] for one in run("plan", deck, "--batch").report["slides"] if one["status"] == "planned"]
    config = FAST + f"budget: {{max_usd_per_deck: {sum(prices[:2]) + prices[2] / 2}}}\n"
    assert batch(config=config).code == WAITING
    finish()
    assert batch(config=config).code == WAITING
    assert services[1].batches.submitted.total() == 2
    finish()
    assert batch(config=config).code == 10
    assert live_calls(services) == (0, 0)


def test_a_refused_batch_is_told_in_one_line_and_pays_nothing(batch, services, run, tmp_path):
    services[0].faults.always(anthropic_faults.bad_key())
    refused = batch()
    ends_in_one_line(refused, 6, "the batch:")
    assert attempts(run) == {("prompt", "auth"): SLIDES}
    assert nothing_is_left(run, tmp_path)
    services[0].faults.clear()
    assert batch().code == WAITING


@pytest.mark.parametrize("kind", [0, 1], ids=["prompts", "pictures"])
def test_a_batch_whose_handing_in_nobody_heard_of_is_found_again(kind, batch, finish, services, run, out, tmp_path):
    if kind == 1:
        batch()
        finish()
    services[kind].faults.on_request(lambda asked: asked.path.endswith("/batches"), taken_but_unheard)
    lost = batch()
    ends_in_one_line(lost, 7 + kind, "the batch:")
    assert [slide["status"] for slide in lost.report["slides"][1:]] == ["waiting"] * SLIDES
    services[kind].faults.clear()
    assert batch().code == WAITING
    finish()
    last = batch()
    if kind == 0:
        finish()
        last = batch()
    assert last.code == 0, last.err
    assert (batches(services), live_calls(services), worked(services)) == ((1, 1), (0, 0), (SLIDES, SLIDES))
    assert nothing_is_left(run, tmp_path)


def test_a_batch_that_never_reached_the_service_is_handed_in_anew(batch, finish, services, run, tmp_path):
    services[0].faults.always(never_taken)
    assert batch(config=IMPATIENT).code == 7
    services[0].faults.clear()
    assert batch().code == WAITING
    assert batches(services) == (1, 0)
    told = attempts(run)
    assert (told["prompt", "transient"], told["prompt", "pending"]) == (SLIDES, SLIDES)
    assert run("history", "stats").report["stats"][0]["maybe_usd"] == pytest.approx(
        run("history").report["runs"][0]["maybe_usd"]
    )


def test_another_batch_of_as_many_questions_is_not_taken_for_ours(batch, finish, services, run, out, tmp_path):
    claude = services[0]
    claude.faults.always(never_taken)
    assert batch(config=IMPATIENT).code == 7
    claude.faults.clear()
    questions = [(f"theirs-{number}", {"model": "m", "max_tokens": 1, "messages": []}) for number in range(SLIDES)]
    claude.batches._open(questions, {})  # by another program with the same key
    waiting = batch()
    assert waiting.code == WAITING
    assert "a batch whose id was never seen" in waiting.report["message"]
    finish()
    assert batch().code == WAITING  # it is seen not to be ours
    assert batch().code == WAITING
    assert batches(services) == (2, 0)
    for _ in range(2):
        finish()
        last = batch()
    assert last.code == 0, last.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert live_calls(services) == (0, 0)


def test_a_lost_network_while_looking_costs_nothing(batch, finish, services, run, tmp_path):
    batch()
    services[0].fetch_faults.always(never_taken)
    lost = batch(config=IMPATIENT)
    ends_in_one_line(lost, 7, "the batch:")
    assert [slide["status"] for slide in lost.report["slides"][1:]] == ["waiting"] * SLIDES
    services[0].fetch_faults.clear()
    finish()
    assert batch().code == WAITING
    assert (batches(services), live_calls(services)) == ((1, 1), (0, 0))


def test_a_key_that_is_gone_ends_in_one_line_and_loses_nothing(batch, finish, illustrate, monkeypatch, tmp_path):
    batch()
    finish()
    key = "ANTHROPIC_API_KEY"
    with monkeypatch.context() as without:
        without.delenv(key)
        ends_in_one_line(illustrate(SLIDES, "--prompt-model", "openai/gpt-5.4-mini"), 6, key, "set it")
    assert batch().code == WAITING


def test_a_note_that_was_removed_gives_the_batch_up_and_says_so(batch, finish, services, run, tmp_path):
    batch()
    (tmp_path / WORK / "batch-prompt.json").unlink()
    assert batch().code == WAITING
    assert attempts(run) == {("prompt", "lost"): SLIDES, ("prompt", "pending"): SLIDES}


def test_a_history_that_was_lost_learns_what_the_batch_cost(batch, finish, services, run, out, tmp_path):
    batch()
    for file in home().glob("history.sqlite*"):
        file.unlink()
    finish()
    assert batch().code == WAITING
    assert costs(run)["prompt"] > 0
    assert attempts(run)["prompt", "success"] == SLIDES


def test_a_work_folder_that_is_taken_is_left_alone(batch, services, tmp_path):
    batch()
    looks = len(services[0].fetches)
    lock = take(tmp_path / WORK / "run.lock", "output.work_folder")
    assert lock is not None
    try:
        ends_in_one_line(batch(), 5, "is at work on this output")
    finally:
        lock.release()
    assert len(services[0].fetches) == looks
