"""Files that vanish or are damaged between two runs and in the middle of one: what was paid for stays paid for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.happenings import (
    ONE_WORKER,
    attempts,
    calls,
    ends_in_one_line,
    home,
    left_over,
    meanwhile,
    run_states,
)
from tests.integration.support import WORK, our_pictures

MADE = {("prompt", "success"): 3, ("image", "success"): 3}


def garble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def first_of(pattern: str) -> Path:
    """Under "pictures" are the pictures and, in JSON, which of them answers a request."""
    return min((home() / "store").glob(pattern))


@pytest.mark.parametrize("harm", [Path.unlink, garble])
@pytest.mark.parametrize(
    ("kept", "again_made"), [("pictures/*.png", (3, 4)), ("pictures/*.json", (3, 4)), ("answers/*", (4, 3))]
)
def test_what_the_store_lost_between_two_runs_is_paid_for_again_and_nothing_else(
    run, services, make_deck, out, harm, kept, again_made
):
    deck = make_deck(3)
    assert run(deck, "-o", out).code == 0
    harm(first_of(kept))
    out.unlink()
    again = run(deck, "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == again_made
    assert attempts(run).total() == sum(again_made)
    out.unlink()
    assert run(deck, "-o", out).code == 0
    assert calls(services) == again_made


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda: shutil.rmtree(home() / "store"), id="the store"),
        pytest.param(lambda: first_of("pictures/*.png").unlink(), id="a picture"),
        pytest.param(lambda: garble(first_of("pictures/*.json")), id="a record"),
        pytest.param(lambda: shutil.rmtree(home() / "store" / "locks"), id="the locks"),
        pytest.param(lambda: shutil.rmtree(WORK), id="the work folder"),
        pytest.param(lambda: shutil.rmtree(home()), id="store and history"),
        pytest.param(lambda: home().joinpath("history.sqlite").unlink(), id="the history"),
    ],
)
def test_what_vanishes_in_the_middle_takes_nothing_from_the_run(run, services, make_deck, tmp_path, out, harm):
    services[1].faults.on_call(2, meanwhile(harm))
    ran = run(make_deck(3), "-o", out, config=ONE_WORKER)
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3)
    assert attempts(run) == MADE
    assert run_states(run) == ["success"]
    assert not left_over(tmp_path, home())


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda deck: deck.rename("elsewhere.pptx"), id="renamed"),
        pytest.param(lambda deck: Path("other.pptx").replace(deck), id="replaced"),
        pytest.param(Path.unlink, id="deleted"),
    ],
)
def test_a_deck_that_goes_away_in_the_middle_is_delivered_as_it_was_when_the_run_began(
    run, services, make_deck, out, happens
):
    deck = make_deck(3)
    make_deck(1, "other.pptx")
    services[1].faults.on_call(1, meanwhile(lambda: happens(deck)))
    ran = run(deck, "-o", out)
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert attempts(run) == MADE


def test_a_deck_that_is_written_to_in_the_middle_is_made_by_the_next_run_for_what_changed(
    run, services, make_deck, out
):
    deck = make_deck(2)
    larger = make_deck(3, "other.pptx").read_bytes()
    services[1].faults.on_call(1, meanwhile(lambda: deck.write_bytes(larger)))
    ends_in_one_line(run(deck, "-o", out, "--sequential"), 5, "the deck was written to during the run; run again")
    assert calls(services) == (1, 1), "what cannot be delivered is not paid for"
    assert not out.exists()
    again = run(deck, "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3)


def test_a_folder_of_the_output_that_vanishes_costs_nothing_but_the_command(run, services, make_deck, tmp_path):
    deck, out = make_deck(2), tmp_path / "finished" / "out.pptx"
    out.parent.mkdir()
    services[1].faults.on_call(2, meanwhile(lambda: shutil.rmtree(out.parent)))
    first = run(deck, "-o", out)
    if first.code:
        ends_in_one_line(first, 5, out.parent)
        out.parent.mkdir(exist_ok=True)
        again = run(deck, "-o", out)
        assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3}
    assert calls(services) == (2, 2)
