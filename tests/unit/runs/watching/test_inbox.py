"""Which files may be taken, and when."""

from __future__ import annotations

import os

import pytest

from pipeline.runs.watching.inbox import Inbox

STEADY_S, INTERVAL_S = 3.0, 10.0


@pytest.fixture
def look(folders, clock, said):
    inbox = Inbox(folders.inbox, clock, said)
    return lambda: inbox.look(STEADY_S, INTERVAL_S)


def names(look):
    return [one.path.name for one in look.ready]


def test_a_file_is_taken_once_it_has_been_the_same_for_long_enough(look, put, clock):
    put("a.pptx")
    first = look()
    assert (names(first), first.waiting, first.wait_s) == ([], {"a.pptx"}, STEADY_S)
    clock.advance(2.5)
    assert look().wait_s == pytest.approx(0.5)
    clock.advance(0.5)
    assert names(look()) == ["a.pptx"]


@pytest.mark.parametrize("how", ["size", "time"])
def test_a_file_that_changes_begins_to_wait_anew(look, put, clock, how):
    path = put("a.pptx")
    look()
    clock.advance(STEADY_S - 0.1)
    if how == "size":
        with path.open("ab") as file:
            file.write(b"more")
    else:
        os.utime(path, ns=(1, 1))
    look()
    clock.advance(STEADY_S - 0.1)
    assert names(look()) == []
    clock.advance(0.1)
    assert names(look()) == ["a.pptx"]


def test_a_copy_that_pauses_is_waited_for_and_what_stays_broken_is_taken_in_the_end(look, put, clock):
    whole = put("a.pptx").read_bytes()
    put("a.pptx", whole[: len(whole) // 2])
    look()
    clock.advance(29)
    late = look()
    assert (names(late), late.waiting, late.wait_s) == ([], {"a.pptx"}, pytest.approx(1))
    put("b.pptx", b"never a zip")
    put("a.pptx", whole)
    look()
    clock.advance(STEADY_S)
    assert names(look()) == ["a.pptx"]
    clock.advance(27)
    assert set(names(look())) == {"a.pptx", "b.pptx"}


@pytest.mark.parametrize("owner", ["~$deck.pptx", "~$ck.pptx", ".~lock.deck.pptx#"])
def test_a_file_that_is_open_in_a_program_is_left_to_it_which_is_said(look, put, clock, said, owner):
    put("deck.pptx")
    lock = put(owner, b"ann")
    look()
    clock.advance(100)
    blocked = look()
    assert (names(blocked), blocked.blocked, blocked.wait_s) == ([], {"deck.pptx"}, None)
    assert said.texts == [
        f"deck.pptx: is open in another program ({owner} is beside it); it is taken when that has closed it"
    ]
    lock.unlink()
    assert names(look()) == ["deck.pptx"]


def test_what_is_no_deck_stays_and_old_formats_are_told_of(look, put, clock, said, folders):
    for name in ("notes.txt", ".a.pptx", "~$b.pptx", "illustrate.yaml", "c.pptx.part"):
        put(name)
    put("talk.ppt")
    (folders.inbox / "folder.pptx").mkdir()
    (folders.inbox / "link.pptx").symlink_to(put("aside.bin"))
    look()
    clock.advance(100)
    nothing = look()
    assert (names(nothing), nothing.waiting, nothing.blocked) == ([], frozenset(), frozenset())
    assert [text.partition(":")[0] for text in said.texts] == ["talk.ppt"]


def test_what_was_opened_or_taken_after_the_look_is_not_as_it_was(look, put, clock):
    path = put("a.pptx")
    look()
    clock.advance(STEADY_S)
    (candidate,) = look().ready
    assert candidate.is_as_it_was()
    owner = put("~$a.pptx", b"ann")
    assert not candidate.is_as_it_was()
    owner.unlink()
    path.unlink()
    assert not candidate.is_as_it_was()


def test_who_came_first_is_first(look, put, clock):
    for name, at in (("b.pptx", 2), ("a.PPTM", 3), ("c.potx", 1)):
        os.utime(put(name), (at, at))
    look()
    clock.advance(STEADY_S)
    assert names(look()) == ["c.potx", "b.pptx", "a.PPTM"]


def test_a_name_as_long_as_a_disk_takes_has_no_owner_beside_it(look, put, clock):
    name = "x" * 250 + ".pptx"
    put(name)
    look()
    clock.advance(60)
    (found,) = look().ready
    assert found.path.name == name
    assert found.is_as_it_was()
