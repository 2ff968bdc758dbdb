"""Who is alive: by a lock on one machine, by a note that changes from another."""

from __future__ import annotations

import os

import pytest

from pipeline.runs.watching.leases import Lease
from tests.clocks import ManualClock

LEASE_S = 60.0


@pytest.fixture
def lease(folders, clock):
    def make(machine="here"):
        return Lease(folders.processing, clock, LEASE_S, machine)

    return make


def kill(lease):
    """As the kernel does with who is killed: the files stay, the lock does not."""
    os.close(lease._lock._descriptor)


def test_a_killed_watcher_of_this_machine_is_dead_at_once_and_one_that_ended_left_nothing(lease, folders):
    killed = lease().__enter__()
    with lease() as own:
        with lease() as ended:
            assert [own.is_living(one.owner) for one in (killed, ended)] == [True, True]
        kill(killed)
        assert not own.is_living(killed.owner)
        assert own.others() == [killed.owner]
        own.forget(killed.owner)
        assert {path.name for path in folders.processing.iterdir()} == {f"{own.owner}.watcher", f"{own.owner}.lock"}
    assert not list(folders.processing.iterdir())


def test_a_watcher_of_another_machine_lives_as_long_as_its_note_changes(lease, clock):
    with lease("here") as own, lease("there") as other:
        assert own.is_living(other.owner)
        clock.advance(LEASE_S - 1)
        other.beat()
        assert own.is_living(other.owner)
        clock.advance(LEASE_S - 1)
        assert own.is_living(other.owner)
        clock.advance(1)
        assert not own.is_living(other.owner)
        other.beat()
        assert own.is_living(other.owner)


def test_what_a_watcher_leaves_that_ended_in_order_is_free_at_once_also_elsewhere(lease, folders):
    with lease("here") as own:
        with lease("there") as other:
            (folders.processing / f"{other.owner}.0" / "original").mkdir(parents=True)
            assert own.is_living(other.owner)
        assert not own.is_living(other.owner)
        assert own.others() == [other.owner]


def test_a_watcher_whose_note_is_not_to_be_seen_gets_time_to_show_it(lease, clock):
    with lease() as own:
        assert own.is_living("0badcafe")
        clock.advance(LEASE_S)
        assert not own.is_living("0badcafe")


def test_a_look_from_elsewhere_takes_no_lock_away(lease, folders):
    with lease("here") as own, lease("there") as other:
        assert other.is_living(own.owner)
        assert (folders.processing / f"{own.owner}.lock").exists()
        assert lease("here").is_living(own.owner)


def test_a_folder_that_was_removed_is_made_again(lease, folders):
    with lease() as own:
        for path in folders.processing.iterdir():
            path.unlink()
        folders.processing.rmdir()
        own.beat()
        assert (folders.processing / f"{own.owner}.watcher").exists()


def test_each_watcher_has_a_name_of_its_own(folders):
    clock = ManualClock()
    assert Lease(folders.processing, clock, 1.0).owner != Lease(folders.processing, clock, 1.0).owner
