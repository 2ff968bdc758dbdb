"""Disks that are full, files that vanish or are damaged, at the start and in the middle of a run: what was paid stays.

Things happen while a service holds a call, so that they fall between the same two steps in every run.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter

import pytest

from tests.integration.disks import MEGABYTE, mounted
from tests.integration.happenings import (
    ONE_WORKER,
    attempts,
    calls,
    ends_in_one_line,
    home,
    meanwhile,
    run_states,
    spoil_history,
)
from tests.integration.support import QUICK, our_pictures


@pytest.fixture
def disk(tmp_path):
    """64 MB: room for everything a run of three slides keeps."""
    with mounted(tmp_path / "disk", size=64 * MEGABYTE) as disk:
        yield disk


def test_a_disk_that_fills_up_while_a_picture_is_made_loses_that_one_alone(run, make_deck, services, disk, out):
    config = ONE_WORKER + f"store: {{folder: {disk.folder}/store}}\n"
    services[1].faults.on_call(2, meanwhile(disk.fill))
    deck = make_deck(3)
    ends_in_one_line(run(deck, "-o", out, config=config), 5, disk.folder, "No space left", "free space there")
    assert not out.exists()
    disk.free()
    first = attempts(run)
    assert first["image", "success"] == 1
    assert first["image", "lost"] == 1
    drawn = calls(services)[1]
    again = run(deck, "-o", out, config=config)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    lost = Counter(one for one in first.elements() if one[1] == "lost")
    assert calls(services) == (3 + lost["prompt", "lost"], drawn + 2)
    assert attempts(run) == {("prompt", "success"): 3, ("image", "success"): 3, **lost}


def test_a_disk_that_fills_up_under_the_history_takes_no_picture_with_it(run, make_deck, services, disk, out):
    config = ONE_WORKER + f"history: {{url: {disk.folder}/history.sqlite}}\n"
    services[1].faults.on_call(2, meanwhile(disk.fill))
    deck = make_deck(3)
    ends_in_one_line(run(deck, "-o", out, config=config), 5, disk.folder / "history.sqlite", "full")
    disk.free()
    before = calls(services)
    again = run(deck, "-o", out, config=config)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3), before


def test_a_disk_that_is_full_when_the_deck_is_delivered(run, make_deck, services, disk):
    out = disk.folder / "out.pptx"
    services[1].faults.on_call(3, meanwhile(disk.fill))
    deck = make_deck(3)
    ends_in_one_line(run(deck, "-o", out), 5, out, "No space left")
    assert not out.exists()
    assert not [path for path in disk.folder.iterdir() if path.suffix == ".tmp"]
    disk.free()
    again = run(deck, "-o", out)
    assert again.code == 0, again.err
    assert again.report["cost_usd"] == 0
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3)
    assert attempts(run) == {("prompt", "success"): 3, ("image", "success"): 3}


def test_where_everything_is_on_the_disk_that_fills_up(run, make_deck, services, disk, monkeypatch):
    monkeypatch.setenv("DECK_ILLUSTRATOR_HOME", str(disk.folder / "home"))
    out = disk.folder / "out.pptx"
    services[1].faults.on_call(2, meanwhile(disk.fill))
    deck = make_deck(3)
    ends_in_one_line(run(deck, "-o", out, config=ONE_WORKER), 5, disk.folder, "free space there")
    disk.free()
    before = calls(services)
    again = run(deck, "-o", out)
    assert again.code == 0, again.err
    assert calls(services)[1] == before[1] + 2
    told = attempts(run)
    assert told["image", "success"] == 3
    assert told["image", "lost"] == 1
    assert told.total() == sum(calls(services))
    assert run_states(run) == ["success", "broken_off"]
    assert "1 of its calls" in again.err


@pytest.mark.parametrize("what", ["store", "history", "output"])
@pytest.mark.parametrize("how", ["full", "read only"])
def test_a_disk_nothing_can_be_kept_on_is_refused_before_any_call(run, make_deck, services, disk, tmp_path, what, how):
    settings = {
        "store": f"store: {{folder: {disk.folder}/store}}\n",
        "history": f"history: {{url: {disk.folder}/history.sqlite}}\n",
        "output": "",
    }
    out = (disk.folder if what == "output" else tmp_path) / "out.pptx"
    disk.fill() if how == "full" else disk.make_read_only()
    ends_in_one_line(run(make_deck(2), "-o", out, config=QUICK + settings[what]), 5, disk.folder)
    assert calls(services) == (0, 0)


def test_a_run_that_was_refused_at_its_start_is_nothing_the_next_one_has_to_tell_of(
    run, make_deck, services, disk, out
):
    config = QUICK + f"history: {{url: {disk.folder}/history.sqlite}}\n"
    deck = make_deck(1)
    disk.fill()
    assert run(deck, "-o", out, config=config).code == 5
    disk.free()
    again = run(deck, "-o", out, config=config)
    assert again.code == 0, again.err
    assert "broken off" not in again.err


def test_what_is_in_a_store_that_became_read_only_is_used_as_ever(run, make_deck, services, disk, out):
    config = QUICK + f"store: {{folder: {disk.folder}/store}}\n"
    deck = make_deck(2)
    assert run(deck, "-o", out, config=config).code == 0
    disk.make_read_only()
    out.unlink()
    again = run(deck, "-o", out, config=config)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3}
    assert calls(services) == (2, 2)


def test_a_store_that_is_a_file_is_refused_before_any_call(run, make_deck, services, tmp_path, out):
    (tmp_path / "store").write_text("a person's own")
    ends_in_one_line(run(make_deck(2), "-o", out, config=QUICK + f"store: {{folder: {tmp_path}/store}}\n"), 5, "store")
    assert calls(services) == (0, 0)


def test_a_history_that_is_locked_for_a_second_is_waited_for(run, make_deck, services, out):
    locks = []

    def lock() -> None:
        other = sqlite3.connect(home() / "history.sqlite", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        locks.append(threading.Timer(1.0, other.close))
        locks[0].start()

    services[1].faults.on_call(1, meanwhile(lock))
    ran = run(make_deck(2), "-o", out)
    locks[0].join()
    assert ran.code == 0, ran.err
    assert calls(services) == (2, 2)
    assert attempts(run) == {("prompt", "success"): 2, ("image", "success"): 2}


def test_a_history_damaged_in_the_middle_is_put_aside_and_the_run_goes_on(run, make_deck, services, out):
    services[1].faults.on_call(1, meanwhile(spoil_history))
    ran = run(make_deck(3), "-o", out, "--sequential", as_json=False)
    assert ran.code == 0, ran.err
    assert ran.err.count("begins anew") == 1, ran.err
    assert len(list(home().glob("history.sqlite.damaged-*"))) == 1
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3)
    assert attempts(run) == {("prompt", "success"): 3, ("image", "success"): 3}


def test_a_history_damaged_between_two_runs_costs_no_picture(run, make_deck, services, out):
    deck = make_deck(2)
    assert run(deck, "-o", out).code == 0
    spoil_history()
    again = run(deck, "-o", out, "--force", as_json=False)
    assert again.code == 0, again.err
    assert again.err.count("begins anew") == 1
    assert calls(services) == (2, 2)
