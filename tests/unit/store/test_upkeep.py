"""What is in the store, and what is thrown away: the old, the too much and the useless, and nothing that is in use."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from pipeline.errors import FileAccessError
from pipeline.records import CallKind
from pipeline.store.upkeep import Pruned, StoreSize, clear, entries, prune, prune_daily, size_of
from tests.unit.store.stores import ANSWER, NOW, PNG, digest, files_in, image, picture, question, store_in

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


def keep(folder, number, age, data=None):
    store = store_in(folder, NOW - age)
    return store.keep_picture(picture(number), image(PNG + bytes([number]) * 1000 if data is None else data))


def found(folder, count=5):
    """Without using it."""
    keys = {entry.key for entry in entries(folder)}
    return [number for number in range(1, count + 1) if picture(number).key in keys]


def bytes_in(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def thrown_away(folder, older_than=None, max_size=None):
    before = bytes_in(folder)
    pruned = prune(folder, older_than=older_than, max_size=max_size, now=NOW)
    assert pruned.bytes == before - bytes_in(folder)
    assert not list((folder / "locks").glob("*"))
    return pruned.entries


def leave(path, age):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    os.utime(path, ((NOW - age).timestamp(),) * 2)
    return path


def test_where_there_is_no_store_there_is_nothing_and_nothing_is_made(tmp_path, folder):
    nothing = Pruned(entries=0, bytes=0)
    assert list(entries(folder)) == []
    assert size_of(folder) == StoreSize(pictures=0, answers=0, bytes=0)
    assert prune(folder, older_than=DAY, max_size=0, now=NOW) == clear(folder, now=NOW) == nothing
    assert prune_daily(folder, retention=DAY, max_size=0, now=NOW) is None
    assert not list(tmp_path.iterdir())


def test_entries_say_what_was_asked_and_paid_and_when_it_was_used(folder):
    kept = keep(folder, 1, 3 * DAY)
    store_in(folder, NOW - 2 * DAY).keep_answer(question(), ANSWER)
    store_in(folder, NOW - DAY).find_picture(picture(1))
    one, other = sorted(entries(folder), key=lambda entry: entry.kind)
    assert (one.kind, one.key, one.service, one.model) == (CallKind.IMAGE, picture(1).key, "openai", "gpt-image-1")
    assert (one.prompt, one.bytes, one.cost_usd, one.path) == ("A red fox, number 1", 1008, 0.04, kept.path)
    assert (one.created, one.last_used) == (NOW - 3 * DAY, NOW - DAY)
    assert (other.kind, other.key, other.prompt, other.cost_usd) == (CallKind.PROMPT, question().key, "A red fox", 0.01)
    assert (other.created, other.last_used, other.path) == (NOW - 2 * DAY, NOW - 2 * DAY, None)


def test_the_size_counts_what_can_be_found_and_the_bytes_of_everything(folder):
    keep(folder, 1, DAY)
    keep(folder, 2, DAY).path.unlink()
    store_in(folder).keep_answer(question(), ANSWER)
    store_in(folder).keep_receipt(picture().key, b"{}")
    leave(folder / "pictures" / ".0123.run-0.tmp", DAY)
    assert size_of(folder) == StoreSize(pictures=1, answers=1, bytes=bytes_in(folder))


def test_what_was_not_used_for_so_long_goes(folder):
    for number, days in enumerate((1, 2, 3, 4), 1):
        keep(folder, number, days * DAY)
    store_in(folder, NOW - 4 * DAY).keep_answer(question(1), ANSWER)
    store_in(folder).keep_answer(question(2), ANSWER)
    store_in(folder, NOW - DAY).find_picture(picture(4))
    assert thrown_away(folder, older_than=2 * DAY) == 2
    assert found(folder) == [1, 2, 4]
    assert [store_in(folder).find_answer(question(number)) for number in (1, 2)] == [None, ANSWER]
    assert thrown_away(folder, older_than=2 * DAY) == 0


def test_the_longest_unused_goes_until_the_rest_fits(folder):
    for number in range(1, 5):
        keep(folder, number, number * DAY)
    one = bytes_in(folder) // 4
    assert thrown_away(folder, max_size=4 * one) == 0
    assert thrown_away(folder, max_size=4 * one - 1) == 1
    assert found(folder) == [1, 2, 3]
    assert thrown_away(folder, older_than=DAY, max_size=one * 2) == 2
    assert found(folder) == [1]
    assert thrown_away(folder, max_size=0) == 1
    assert files_in(folder) == []


def test_a_picture_stays_while_one_request_needs_it_and_counts_once(folder):
    for number in range(1, 4):
        keep(folder, number, number * DAY, data=PNG * 200)
    size = bytes_in(folder)
    assert thrown_away(folder, max_size=size) == 0
    assert thrown_away(folder, max_size=size - 1) == 1
    assert found(folder) == [1, 2]
    assert thrown_away(folder, older_than=DAY) == 1
    assert found(folder) == [1]
    assert len(list((folder / "pictures").glob("*.png"))) == 1


def test_what_is_of_no_use_goes_at_any_age(folder):
    keep(folder, 1, timedelta())
    keep(folder, 2, timedelta()).path.unlink()
    keep(folder, 3, timedelta())
    (folder / "pictures" / f"{picture(3).key}.json").write_bytes(b"{")
    store_in(folder).keep_answer(question(), ANSWER)
    (folder / "answers" / f"{question().key}.json").write_bytes(b"")
    assert thrown_away(folder) == 3
    assert {path.name for path in (folder / "pictures").iterdir()} == {
        f"{digest(PNG + bytes([1]) * 1000)}.png",
        f"{picture(1).key}.json",
    }


def test_temporaries_and_receipts_go_after_a_day_and_locks_nobody_holds_at_once(folder):
    keep(folder, 1, timedelta())
    old = [
        leave(folder / "pictures" / ".01.run-0.tmp", 25 * timedelta(hours=1)),
        leave(folder / ".02..tmp", 2 * DAY),
        leave(folder / "receipts" / f"{picture(1).key}.json", 2 * DAY),
    ]
    young = [
        leave(folder / "answers" / ".03.run-0.tmp", 23 * timedelta(hours=1)),
        leave(folder / "receipts" / f"{picture(2).key}.json", 23 * timedelta(hours=1)),
        leave(folder / "pictures" / ".04.run-0.tmp", -2 * DAY),  # the clock went backwards
    ]
    leave(folder / "locks" / f"{picture(1).key}.lock", timedelta())
    os.truncate(folder / "locks" / f"{picture(1).key}.lock", 0)
    assert thrown_away(folder) == 0
    assert [path for path in (*old, *young) if path.exists()] == young
    assert found(folder) == [1]


def test_files_that_are_none_of_ours_stay(folder):
    stranger = leave(folder / "pictures" / "holiday.png", 999 * DAY)
    other = leave(folder / "notes.txt", 999 * DAY)
    keep(folder, 1, 999 * DAY)
    assert thrown_away(folder, older_than=DAY) == 1
    clear(folder, now=NOW)
    assert stranger.exists()
    assert other.exists()


def test_clearing_removes_all_but_what_is_held_and_receipts_of_today(folder):
    for number in range(1, 4):
        keep(folder, number, timedelta())
    store_in(folder).keep_answer(question(), ANSWER)
    store_in(folder).keep_receipt(picture(9).key, b"{}")
    with store_in(folder).alone_with(picture(2), pytest.fail):
        assert clear(folder, now=NOW).entries == 3
        assert found(folder) == [2]
    assert clear(folder, now=NOW).entries == 1
    assert files_in(folder) == [f"receipts/{picture(9).key}.json"]


def test_what_was_used_in_the_future_is_not_old(folder):
    keep(folder, 1, -30 * DAY)
    assert thrown_away(folder, older_than=DAY) == 0


def test_it_is_pruned_by_itself_once_a_day(folder):
    def daily(now, **limits):
        return prune_daily(folder, **({"retention": 2 * DAY, "max_size": None} | limits), now=now)

    keep(folder, 1, 3 * DAY)
    assert daily(NOW, retention=None) is None
    assert daily(NOW).entries == 1
    keep(folder, 2, 3 * DAY)
    assert daily(NOW + DAY - timedelta(seconds=1)) is None
    assert daily(NOW + DAY).entries == 1
    keep(folder, 3, 3 * DAY)
    assert daily(NOW).entries == 1  # the clock went backwards
    keep(folder, 4, 3 * DAY)
    (folder / "pruned").write_bytes(b"\xffnever")
    assert daily(NOW, retention=None, max_size=0).entries == 1
    assert files_in(folder) == ["pruned"]


def test_what_the_disk_refuses_is_told(folder, monkeypatch):
    keep(folder, 1, DAY)

    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refuse)
        with pytest.raises(FileAccessError, match=r"cannot be removed \(Read-only"):
            clear(folder, now=NOW)
    (folder / "answers").write_bytes(b"")
    with pytest.raises(FileAccessError, match="answers: cannot be read"):
        size_of(folder)
