"""Runs that are killed at chosen steps, as a power cut would: the same command goes on, and nothing is paid twice."""

from __future__ import annotations

import getpass
import os
import shutil
from signal import SIGKILL

import pytest

from tests.fakes import BflServer
from tests.integration.happenings import (
    ONE_WORKER,
    Held,
    attempts,
    calls,
    ends_in_one_line,
    home,
    left_over,
    run_states,
    spoil_history,
)
from tests.integration.support import CONFIG, QUICK, WORK, our_pictures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here"),
]


@pytest.fixture
def start(forge, tmp_path):
    """Start the program on a deck, as a process of its own."""
    said = tmp_path.with_name(f"{tmp_path.name}.said")  # beside what the tests look at

    def launch(*words: object, config: str = QUICK, dies_at=()):
        (tmp_path / CONFIG).write_text(config, encoding="utf-8")
        return forge.start(*words, "--config", CONFIG, "--json", said=said, dies_at=dies_at)

    return launch


@pytest.fixture
def killed(start, services, make_deck):
    """Kill a run of a deck with so many content slides while the picture service holds its call of that number."""

    def kill(content: int, call: int) -> None:
        held = Held()
        services[1].faults.on_call(call, held)
        make_deck(content)
        process = start("deck.pptx", "-o", "out.pptx", config=ONE_WORKER)
        held.wait()
        process.kill()
        assert process.ended()[0] == -SIGKILL
        held.release()

    return kill


def test_whoever_comes_while_a_run_is_at_work_is_told_who_holds_the_output(start, services, make_deck, run, out):
    held = Held()
    services[1].faults.always(held)
    process = start(make_deck(1), "-o", out)
    held.wait()
    ends_in_one_line(run("deck.pptx", "-o", out), 5, f"pid {process.pid} on", getpass.getuser(), "is at work")
    held.release()
    assert process.ended()[0] == 0
    assert calls(services) == (1, 1)


def test_a_call_in_flight_at_a_kill_is_made_again_and_told_as_lost(killed, services, run, tmp_path, out):
    killed(3, 2)
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services)[1] == 3 + 1
    told = attempts(run)
    assert (told["image", "success"], told["image", "lost"]) == (3, 1)
    assert told.total() >= sum(calls(services)), "every call is written down before it goes out"
    assert run_states(run) == ["success", "broken_off"]
    dead, lost = run("history").report["runs"][1]["id"], told["image", "lost"] + told["prompt", "lost"]
    assert f"Run {dead} was broken off; this one goes on with what it paid for; {lost} of its calls" in again.err
    assert "may have been charged" in run("history", "show", dead, as_json=False).out
    assert not left_over(tmp_path, home())


@pytest.mark.parametrize(
    ("last_step", "is_there"),
    [
        pytest.param([], False, id="before the rename"),
        pytest.param([("open", "")], True, id="after the rename"),
        pytest.param([("os.remove", "out.work/run.json")], True, id="at the very end"),
    ],
)
def test_a_run_killed_around_the_rename_of_its_deck_delivers_next_time_without_force(
    start, services, make_deck, run, tmp_path, out, last_step, is_there
):
    steps = [("os.rename", out), *((event, tmp_path / name) for event, name in last_step)]
    process = start(make_deck(2), "-o", out, dies_at=steps)
    assert process.ended()[0] == -SIGKILL
    assert out.exists() == is_there
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3}
    assert calls(services) == (2, 2)
    assert attempts(run) == {("prompt", "success"): 2, ("image", "success"): 2}
    assert not left_over(tmp_path, home())


def test_a_persons_own_file_at_the_output_of_a_killed_run_is_not_overwritten(
    start, services, make_deck, run, tmp_path, out
):
    process = start(make_deck(1), "-o", out, dies_at=[("os.rename", out), ("open", tmp_path)])
    assert process.ended()[0] == -SIGKILL
    out.write_bytes(b"a person's own")
    ends_in_one_line(run("deck.pptx", "-o", out), 5, out, "exists already")
    assert out.read_bytes() == b"a person's own"


def test_a_run_killed_before_it_had_taken_over_leaves_two_to_the_next(killed, start, services, run, tmp_path, out):
    """Its own note stands where the first one's stood; the history has not heard of either's end."""
    killed(1, 1)
    second = start("deck.pptx", "-o", out, dies_at=[("open", tmp_path / WORK / "run.log")])
    assert second.ended()[0] == -SIGKILL
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert run_states(run) == ["success", "broken_off"]
    assert attempts(run) == {("prompt", "success"): 1, ("image", "success"): 1, ("image", "lost"): 1}
    assert calls(services) == (1, 2)


def test_a_killed_run_whose_work_folder_was_removed_is_told_of_all_the_same(killed, services, run, tmp_path, out):
    killed(1, 1)
    shutil.rmtree(tmp_path / WORK)
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert "1 of its calls" in again.err
    assert run_states(run) == ["success", "broken_off"]
    assert attempts(run)["image", "lost"] == 1


def test_a_history_that_was_damaged_with_a_killed_run_is_begun_anew_by_the_next(killed, services, run, tmp_path, out):
    killed(1, 1)
    spoil_history()
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert again.err.count("begins anew") == 1
    assert run_states(run) == ["success"]
    assert attempts(run) == {("image", "success"): 1}
    assert calls(services) == (1, 2)
    assert not left_over(tmp_path, home())


def test_two_decks_killed_together_go_on_together(start, services, make_deck, run, tmp_path):
    """They share two slides, so one of them waits for the other's pictures when both are killed."""
    openai = services[1]
    decks, held = (make_deck(2, "a.pptx"), make_deck(3, "b.pptx")), Held()
    openai.faults.always(held)
    both = [start(deck, "-o", f"{deck.stem}.out.pptx") for deck in decks]
    held.wait()
    for process in both:
        process.kill()
    assert [process.ended()[0] for process in both] == [-SIGKILL, -SIGKILL]
    held.release()
    openai.faults.clear()
    lost = calls(services)[1]
    both = [start(deck, "-o", f"{deck.stem}.out.pptx") for deck in decks]
    assert [process.ended()[0] for process in both] == [0, 0]
    assert calls(services)[1] == lost + 3
    assert set(our_pictures(tmp_path / "a.out.pptx")) == {2, 3}
    assert set(our_pictures(tmp_path / "b.out.pptx")) == {2, 3, 4}
    told = attempts(run)
    assert told["image", "success"] == 3
    assert told["image", "lost"] >= lost, "every call is written down before it goes out"
    assert not left_over(tmp_path, home())


def test_a_run_killed_while_it_waits_for_a_task_fetches_what_it_had_ordered(
    start, claude, make_deck, run, tmp_path, out, monkeypatch
):
    config, held = QUICK + "images: {provider: bfl}\n", Held()
    with BflServer() as bfl:
        monkeypatch.setenv("BFL_BASE_URL", bfl.base_url)
        monkeypatch.setenv("BFL_API_KEY", bfl.api_key)
        bfl.fetch_faults.always(held)
        process = start(make_deck(1), "-o", out, config=config)
        held.wait()
        process.kill()
        assert process.ended()[0] == -SIGKILL
        held.release()
        bfl.fetch_faults.clear()
        again = run("deck.pptx", "-o", out, config=config)
        assert again.code == 0, again.err
        assert len(bfl.requests) == len(bfl.tasks) == 1
    assert run_states(run) == ["success", "broken_off"]
    assert not [one for one in run("history", "--attempts").report["attempts"] if one["may_be_charged"]]
    assert again.report["cost_usd"] > 0
    assert not left_over(tmp_path, home())
