"""What others write while one looks and removes is not removed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.store.inventory import take_inventory
from pipeline.store.removal import Removal
from pipeline.store.shelf import StoreFolders
from pipeline.store.upkeep import prune
from tests.unit.store.stores import ANSWER, NOW, files_in, image, picture, question, store_in


def looked_at(folder):
    return take_inventory(StoreFolders(folder))


def remove_all(inventory):
    removal = Removal(inventory, NOW)
    removal.remove(inventory.items)
    return removal


def test_what_was_found_or_kept_anew_since_it_was_looked_at_stays(tmp_path):
    store = store_in(tmp_path)
    for number in range(1, 4):
        store.keep_picture(picture(number), image(bytes([number])))
    store.keep_answer(question(), ANSWER)
    inventory = looked_at(tmp_path)
    later = store_in(tmp_path, NOW + timedelta(seconds=1))
    later.find_picture(picture(1))
    later.keep_picture(picture(2), image(b"\2"))
    later.find_answer(question())
    removal = remove_all(inventory)
    assert removal.removed == 1
    assert [number for number in range(1, 4) if store.find_picture(picture(number))] == [1, 2]
    assert store.find_answer(question()) == ANSWER


def test_a_picture_that_answers_another_request_by_now_stays(tmp_path):
    store = store_in(tmp_path)
    store.keep_picture(picture(1), image(b"same"))
    inventory = looked_at(tmp_path)
    store_in(tmp_path, NOW + timedelta(seconds=1)).keep_picture(picture(2), image(b"same"))
    assert remove_all(inventory).removed == 1
    assert store.find_picture(picture(1)) is None
    assert store.find_picture(picture(2)).data == b"same"


def test_a_picture_no_record_named_yet_when_it_was_looked_at_stays(tmp_path):
    store = store_in(tmp_path)
    store.keep_picture(picture(1), image(b"same"))
    record = next((tmp_path / "pictures").glob("*.json"))
    record.unlink()
    inventory = looked_at(tmp_path)
    store_in(tmp_path, NOW + timedelta(seconds=1)).keep_picture(picture(1), image(b"same"))
    assert remove_all(inventory).freed == 0
    assert store.find_picture(picture(1)).data == b"same"


def test_a_picture_whose_record_came_a_moment_after_it_was_looked_at_stays(tmp_path, monkeypatch):
    store, seen, replace = store_in(tmp_path), [], Path.replace

    def look_before_the_record(self, target):
        if target.suffix == ".json":
            seen.append(looked_at(tmp_path))
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", look_before_the_record)
        kept = store.keep_picture(picture(), image())
    (inventory,) = seen
    assert [file.path for file in inventory.pictures] == [kept.path]
    assert not inventory.items
    assert remove_all(inventory).freed == 0
    assert store.find_picture(picture()) is not None


def test_a_picture_that_came_while_one_looked_is_seen_with_its_record(tmp_path, monkeypatch):
    store, kept, listed, iterdir = store_in(tmp_path), [], [], Path.iterdir

    def keep_before_records_are_listed(self):
        listed.append(self.name)
        if listed.count("pictures") == 2 and not kept:
            kept.append(store.keep_picture(picture(2), image(b"2")))
        return iterdir(self)

    store.keep_picture(picture(1), image(b"1"))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", keep_before_records_are_listed)
        inventory = looked_at(tmp_path)
    assert [item.is_whole for item in inventory.items] == [True, True]


def test_a_picture_that_is_being_kept_stays(tmp_path):
    store = store_in(tmp_path)
    name = store.keep_picture(picture(1), image(b"same")).hash
    next((tmp_path / "pictures").glob("*.json")).unlink()
    with store._locks.if_free(name):
        assert remove_all(looked_at(tmp_path)).freed == 0
    assert remove_all(looked_at(tmp_path)).freed == 4


def test_what_vanishes_in_between_is_no_error_and_not_counted(tmp_path):
    store = store_in(tmp_path)
    store.keep_picture(picture(1), image(b"1"))
    store.keep_answer(question(), ANSWER)
    inventory = looked_at(tmp_path)
    remove_all(looked_at(tmp_path))
    removal = remove_all(inventory)
    assert (removal.removed, removal.freed) == (0, 0)


def test_where_a_record_is_its_picture_is_while_many_keep_and_prune(tmp_path):
    """Four threads keep the same few pictures under ever new requests; two throw away nearly all, records first.

    So where a record is, its picture is.
    """
    lost, done = [], threading.Event()

    def keep(first):
        for number in range(first, first + 30):
            store = store_in(tmp_path, datetime.now(UTC))
            store.keep_picture(picture(number), image(bytes([number % 5]) * 500))
            found = store.find_picture(picture(number))
            if found is None and (tmp_path / "pictures" / f"{picture(number).key}.json").exists():
                lost.append(number)

    def throw_away():
        while not done.is_set():
            prune(tmp_path, older_than=None, max_size=2_500, now=datetime.now(UTC))

    keepers = [threading.Thread(target=keep, args=(first,)) for first in (100, 200, 300, 400)]
    pruners = [threading.Thread(target=throw_away) for _ in range(2)]
    for thread in keepers + pruners:
        thread.start()
    for thread in keepers:
        thread.join()
    done.set()
    for thread in pruners:
        thread.join()
    assert lost == []
    left = looked_at(tmp_path)
    assert len(left.items) < 4 * 30
    assert all(item.is_whole for item in left.items)
    assert not [name for name in files_in(tmp_path) if name.endswith((".tmp", ".lock"))]
