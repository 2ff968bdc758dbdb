"""Machines with nothing in common but a Redis and a depot pay for everything once."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import pytest
import redis

from pipeline.errors import FileAccessError
from pipeline.store.shared.depot import Depot
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
from pipeline.store.shared.store import SharedStore
from tests.unit.store.stores import ANSWER, NOW, PNG, digest, files_in, finished, image, picture, question, store_in

KEY = picture().key
RECEIPT = b'{"address": "https://example.org/task?secret=1"}'
# Wants the same three pictures as every other machine does, in threads, and makes what is not there.
WANTING = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from redis import Redis
from pipeline.engine.heart import Heart
from pipeline.store.shared.depot import Depot
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
from pipeline.store.shared.store import SharedStore
from tests.unit.store.stores import image, picture
home, redis_url, depot_url, made = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
client = Redis.from_url(redis_url)
presence = Presence(client, lease_s=float(sys.argv[5]), name=home.name)
presence.begin()
locks = SharedLocks(client, presence)
store = SharedStore(home, owner=home.name, now=lambda: datetime.now(UTC), depot=Depot(depot_url), locks=locks)
def want(number):
    with store.alone_with(picture(number), time.sleep):
        if store.find_picture(picture(number)) is None:
            with made.open("a") as paid:
                paid.write(f"{number}\\n")
            sys.stdout.write("paying\\n")  # in one go, threads being many
            sys.stdout.flush()
            if "--hangs" in sys.argv:
                sys.stdin.readline()
            store.keep_picture(picture(number), image(b"%d" % number))
    return store.find_picture(picture(number)).data == b"%d" % number
print("ready", flush=True)
sys.stdin.readline()
with Heart(presence.beat, 0.25), ThreadPoolExecutor(3) as pool:
    assert all(pool.map(want, [number % 3 for number in range(6)]))
"""


class ImpatientError(Exception):
    pass


def refuse(_seconds):
    raise ImpatientError


@pytest.fixture
def machine(tmp_path, redis_client):
    """A store of the machine of that name."""

    def made(name, url=None):
        presence = Presence(redis_client, lease_s=60.0, name=name)
        presence.begin()
        return SharedStore(
            tmp_path / name,
            owner=f"run-of-{name}",
            now=lambda: NOW,
            depot=Depot(url or str(tmp_path / "depot"), sleep=lambda _: None),
            locks=SharedLocks(redis_client, presence),
        )

    return made


@pytest.fixture
def ours(machine):
    return machine("ours")


@pytest.fixture
def theirs(machine):
    return machine("theirs")


@pytest.fixture
def unreachable(tmp_path):
    """Where the depot should be is a file."""
    (tmp_path / "depot").write_bytes(b"")


def test_a_picture_one_has_kept_the_other_finds_and_has_then(tmp_path, ours, theirs):
    kept = ours.keep_picture(picture(), image())
    found = theirs.find_picture(picture())
    assert found == replace(kept, path=tmp_path / "theirs" / "pictures" / kept.path.name)
    assert found.path.read_bytes() == PNG
    assert files_in(tmp_path / "depot") == sorted([f"pictures/{KEY}.json", f"pictures/{digest(PNG)}.png"])
    assert store_in(tmp_path / "theirs").find_picture(picture()) == found
    assert theirs.find_picture(picture(2)) is None
    shutil.rmtree(tmp_path / "depot")
    assert theirs.push_missing() == 0  # what was had from there is not sent there


def test_an_answer_one_has_kept_the_other_finds_and_has_then(tmp_path, ours, theirs):
    ours.keep_answer(question(), ANSWER)
    assert theirs.find_answer(question()) == ANSWER
    assert store_in(tmp_path / "theirs").find_answer(question()) == ANSWER
    assert theirs.find_answer(question(2)) is None


def test_what_one_has_discarded_neither_the_depot_nor_a_third_has(tmp_path, machine, ours):
    ours.keep_picture(picture(), image())
    ours.keep_answer(question(), ANSWER)
    ours.discard_picture(picture())
    ours.discard_answer(question())
    ours.discard_picture(picture(2))
    assert files_in(tmp_path / "depot") == []
    assert ours.find_picture(picture()) is None
    assert machine("third").find_answer(question()) is None


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda _: b"", lambda data: b"\0" + data[1:]])
def test_what_is_not_whole_in_the_depot_is_not_taken_and_made_anew(tmp_path, ours, theirs, spoil):
    for store in (ours, theirs):
        store.keep_picture(picture(2), image(b"another"))
    ours.keep_picture(picture(), image())
    ours.keep_answer(question(), ANSWER)
    for name in (f"pictures/{digest(PNG)}.png", f"answers/{question().key}.json"):
        file = tmp_path / "depot" / name
        file.write_bytes(spoil(file.read_bytes()))
    before = files_in(tmp_path / "theirs")
    assert theirs.find_picture(picture()) is None
    assert theirs.find_answer(question()) is None
    assert files_in(tmp_path / "theirs") == before
    theirs.keep_picture(picture(), image())
    assert (tmp_path / "depot" / "pictures" / f"{digest(PNG)}.png").read_bytes() == PNG


@pytest.mark.parametrize("gone", [f"{KEY}.json", f"{digest(PNG)}.png"])
def test_half_a_picture_in_the_depot_is_none(tmp_path, ours, theirs, gone):
    ours.keep_picture(picture(), image())
    (tmp_path / "depot" / "pictures" / gone).unlink()
    assert theirs.find_picture(picture()) is None


def test_a_local_picture_that_was_damaged_is_had_from_the_depot(ours):
    kept = ours.keep_picture(picture(), image())
    kept.path.write_bytes(b"half")
    assert ours.find_picture(picture()).data == PNG
    assert kept.path.read_bytes() == PNG


@pytest.mark.usefixtures("unreachable")
def test_where_the_depot_is_away_what_is_paid_for_stays_and_is_sent_at_the_next_start(tmp_path, machine, ours, theirs):
    for keep in (
        lambda: ours.keep_picture(picture(), image()),
        lambda: ours.keep_answer(question(), ANSWER),
        lambda: ours.keep_receipt("a" * 64, RECEIPT),
        lambda: ours.find_picture(picture(2)),  # it might be paid for twice
        lambda: ours.find_answer(question(2)),
    ):
        with pytest.raises(FileAccessError, match=r"^\S+/depot/\S+: cannot be \w+ \(.+\); look after that place"):
            keep()
    assert ours.find_picture(picture()).data == PNG
    assert ours.find_answer(question()) == ANSWER
    assert ours.find_receipt("a" * 64) == RECEIPT
    (tmp_path / "depot").unlink()
    again = machine("ours")
    assert again.push_missing() == 3
    assert again.push_missing() == 0
    assert theirs.find_picture(picture()).data == PNG
    assert theirs.find_answer(question()) == ANSWER
    assert theirs.find_receipt("a" * 64) == RECEIPT
    assert theirs.push_missing() == 0


def test_a_store_that_joins_a_fleet_brings_what_it_has_and_leaves_what_others_use(tmp_path, machine, ours):
    alone = store_in(tmp_path / "joining")
    alone.keep_picture(picture(), image(b"one picture"))
    alone.keep_picture(picture(2), image(b"of two"))
    alone.keep_answer(question(), ANSWER)
    alone.keep_receipt(picture(2).key, RECEIPT)
    ours.keep_picture(picture(2), image(b"the one others use"))
    assert machine("joining").push_missing() == 2
    third = machine("third")
    assert third.find_picture(picture()).data == b"one picture"
    assert third.find_picture(picture(2)).data == b"the one others use"
    assert third.find_receipt(picture(2).key) is None
    assert not list((tmp_path / "joining" / "receipts").iterdir())


def test_what_was_pruned_is_no_longer_remembered_as_sent(tmp_path, ours, machine):
    ours.keep_answer(question(), ANSWER)
    (tmp_path / "ours" / "answers" / f"{question().key}.json").unlink()
    assert ours.push_missing() == 0
    (tmp_path / "depot" / "answers" / f"{question().key}.json").unlink()
    store_in(tmp_path / "ours").keep_answer(question(), ANSWER)
    assert ours.push_missing() == 1


def test_what_is_kept_anew_and_cannot_be_sent_is_sent_later_whatever_was_sent_before(tmp_path, ours):
    ours.keep_picture(picture(), image())
    ours.keep_answer(question(), ANSWER)
    shutil.rmtree(tmp_path / "depot")
    (tmp_path / "depot").write_bytes(b"")
    for keep in (lambda: ours.keep_picture(picture(), image()), lambda: ours.keep_answer(question(), ANSWER)):
        with pytest.raises(FileAccessError):
            keep()
    (tmp_path / "depot").unlink()
    assert ours.push_missing() == 2


def test_another_depot_has_nothing_of_what_the_first_one_was_sent(tmp_path, ours, machine):
    ours.keep_answer(question(), ANSWER)
    assert machine("ours", str(tmp_path / "another")).push_missing() == 1
    assert files_in(tmp_path / "another") == [f"answers/{question().key}.json"]


def test_an_order_under_way_is_gone_on_with_by_another_and_forgotten_by_all(tmp_path, ours, theirs):
    ours.keep_receipt(KEY, RECEIPT)
    ours.keep_receipt(KEY, RECEIPT + b" ")
    assert theirs.find_receipt(KEY) == RECEIPT + b" "
    theirs.drop_receipt(KEY)
    assert ours.find_receipt(KEY) is None
    assert files_in(tmp_path / "depot") == []
    ours.drop_receipt(KEY)


def test_a_request_is_held_over_machines_and_by_threads_of_one(ours, theirs):
    with ours.alone_with(picture(), refuse):
        for store in (ours, theirs):
            with pytest.raises(ImpatientError), store.alone_with(picture(), refuse):
                pass
        with theirs.alone_with(picture(2), refuse):
            pass
    with theirs.alone_with(picture(), refuse):
        pass


def test_what_a_full_disk_cannot_hold_is_not_sent_either(tmp_path, ours, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    ours.keep_picture(picture(), image())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileAccessError, match=r"ours/pictures/\S+: cannot be written"):
        ours.keep_picture(picture(2), image(PNG + b"2"))
    assert len(files_in(tmp_path / "depot")) == 2


def started(program, tmp_path, server, depot, name, *options):
    lease_s = 1.5 if options else 60.0
    process = program(WANTING, tmp_path / name, server.url, depot, tmp_path / "made", lease_s, *options)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_machines_that_want_the_same_pay_once(program, tmp_path, redis_server, redis_client):
    processes = [started(program, tmp_path, redis_server, tmp_path / "depot", name) for name in ("ours", "theirs")]
    for process in processes:
        go(process)
    for process in processes:
        finished(process)
    assert sorted((tmp_path / "made").read_text().split()) == ["0", "1", "2"]
    assert list(redis_client.scan_iter("*lock*")) == []


@pytest.mark.slow
def test_what_a_killed_machine_was_making_another_makes(program, tmp_path, redis_server, redis_client):
    dying = started(program, tmp_path, redis_server, tmp_path / "depot", "dying", "--hangs")
    other = started(program, tmp_path, redis_server, tmp_path / "depot", "other")
    go(dying)
    for _ in range(3):
        assert dying.stdout.readline() == "paying\n"
    go(other)
    dying.kill()
    finished(other)
    assert sorted((tmp_path / "made").read_text().split()) == ["0", "0", "1", "1", "2", "2"]


def test_a_redis_that_goes_in_the_middle_takes_nothing_from_what_was_kept(tmp_path, own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        presence = Presence(client, lease_s=60.0, name="ours")
        presence.begin()
        depot, locks = Depot(str(tmp_path / "depot")), SharedLocks(client, presence)
        store = SharedStore(tmp_path / "ours", owner="run-1", now=lambda: NOW, depot=depot, locks=locks)
        with store.alone_with(picture(), refuse):
            own_redis.kill()
            store.keep_picture(picture(), image())
        assert store.find_picture(picture()).data == PNG
