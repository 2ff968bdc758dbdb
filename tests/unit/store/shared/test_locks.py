"""One at a time over machines: whatever dies, and also while Redis is started anew."""

from __future__ import annotations

import threading
import time

import pytest
import redis

from pipeline.engine.heart import Heart
from pipeline.errors import FileAccessError
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
from tests.unit.store.stores import finished

LEASE_S = 1.5  # a process on a busy machine is not always heard of at once
WORKERS, ROUNDS = 6, 10

BEGUN = """
import sys, time
from pathlib import Path
from redis import Redis
from pipeline.engine.heart import Heart
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
url, name, lease_s = sys.argv[1], sys.argv[2], float(sys.argv[3])
client = Redis.from_url(url)
presence = Presence(client, lease_s=lease_s, name=name)
presence.begin()
locks = SharedLocks(client, presence)
"""
HOLDING = (
    BEGUN
    + """
with Heart(presence.beat, lease_s / 10), locks.alone("a", time.sleep):
    print("held", flush=True)
    sys.stdin.readline()
"""
)
# Two that hold one lock at once would both read the same number.
COUNTING = (
    BEGUN
    + """
from concurrent.futures import ThreadPoolExecutor
counted = Path(sys.argv[4])
def count(_):
    with locks.alone("a", lambda _: time.sleep(0.002)):
        number = int(counted.read_text())
        time.sleep(0)
        counted.write_text(str(number + 1))
print("ready", flush=True)
sys.stdin.readline()
with Heart(presence.beat, lease_s / 4), ThreadPoolExecutor(3) as pool:
    list(pool.map(count, range(15)))
"""
)


class ImpatientError(Exception):
    pass


def refuse(_seconds):
    raise ImpatientError


def locks_of(client, name, lease_s=LEASE_S, **others):
    presence = Presence(client, lease_s=lease_s, name=name)
    presence.begin()
    return presence, SharedLocks(client, presence, **others)


@pytest.fixture
def locks(redis_client):
    return locks_of(redis_client, "machine-1", lease_s=60.0)[1]


@pytest.fixture
def others(redis_client):
    """Those of another machine."""
    return locks_of(redis_client, "machine-2", lease_s=60.0)[1]


def is_free(locks, name="a"):
    try:
        with locks.alone(name, refuse):
            return True
    except ImpatientError:
        return False


def test_another_name_is_free_the_same_is_not(locks, others):
    with locks.alone("a", refuse):
        assert is_free(others, "b")
        assert not is_free(others)
        assert not is_free(locks)
    assert is_free(others)


def test_an_exception_lets_go_and_nothing_stays_in_redis(redis_client, locks):
    with pytest.raises(ImpatientError), locks.alone("a", refuse):
        raise ImpatientError
    assert sorted(redis_client.keys()) == [b"deck-illustrator:alive:machine-1"]


def test_looks_become_rarer_and_go_on_until_it_is_free(locks, others):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 8:
            holder.__exit__(None, None, None)

    holder = others.alone("a", refuse)
    holder.__enter__()
    with locks.alone("a", wait):
        pass
    assert waits == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5]


def test_one_whose_answer_was_lost_holds_what_it_was_given(locks):
    taken = [locks._take(keys=["x"], args=["claim", locks._presence.server, 60_000]) for _ in range(2)]
    assert taken == [1, 1]


def test_many_threads_are_never_two(locks, others):
    inside, most, done = [], [], []

    def work(own):
        for _ in range(ROUNDS):
            with own.alone("a", lambda _: time.sleep(0.0005)):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
            done.append(1)

    threads = [threading.Thread(target=work, args=[(locks, others)[number % 2]]) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == WORKERS * ROUNDS
    assert max(most) == 1


def test_processes_with_threads_are_never_two(program, redis_server, redis_client, tmp_path):
    (tmp_path / "counted").write_text("0")
    processes = [program(COUNTING, redis_server.url, f"machine-{n}", 60, tmp_path / "counted") for n in (1, 2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        finished(process)
    assert (tmp_path / "counted").read_text() == "30"


@pytest.mark.slow
def test_what_a_killed_process_held_is_free_after_its_lease_and_not_before(program, redis_server, redis_client):
    _, locks = locks_of(redis_client, "machine-2")
    process = program(HOLDING, redis_server.url, "machine-1", LEASE_S)
    assert process.stdout.readline() == "held\n"
    held_until = time.monotonic() + 1.2 * LEASE_S
    while time.monotonic() < held_until:  # it is alive for longer than a lease
        assert not is_free(locks)
        time.sleep(LEASE_S / 10)
    process.kill()
    killed = time.monotonic()
    assert not is_free(locks)
    with locks.alone("a", time.sleep):
        waited_s = time.monotonic() - killed
    assert LEASE_S / 2 < waited_s < LEASE_S + 5.0  # its last beat was a tenth of a lease ago, or so


@pytest.mark.slow
def test_a_redis_started_anew_gives_nobody_what_another_still_holds(own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        holder, held = locks_of(client, "machine-1")
        survivor, wanted = locks_of(client, "machine-2")
        with held.alone("a", refuse):
            own_redis.kill()
            own_redis.start()
            assert client.keys() == []
            assert not is_free(wanted)  # it knows another server
            survivor.beat()
            newcomer = locks_of(client, "machine-3")[1]
            assert not is_free(wanted)  # the server is closed
            assert not is_free(newcomer)
            with Heart(holder.beat, LEASE_S / 10), Heart(survivor.beat, LEASE_S / 10):
                while client.exists("deck-illustrator:settling"):
                    assert not is_free(wanted)
                    time.sleep(LEASE_S / 20)
                assert not is_free(wanted)  # what was held was put back
                assert is_free(wanted, "b")
        assert is_free(wanted)


def test_one_that_was_taken_for_dead_is_told_and_takes_nothing_back(redis_client, caplog):
    holder, held = locks_of(redis_client, "machine-1")
    _, others = locks_of(redis_client, "machine-2", lease_s=60.0)
    lock = held.alone("a", refuse)
    lock.__enter__()
    for key in redis_client.scan_iter("*alive:machine-1*"):
        redis_client.delete(key)  # as after a lease without a beat
    with others.alone("a", refuse):
        holder.server = "another"
        holder.beat()
        assert "was given deck-illustrator:lock:a while this one has it" in caplog.text
        redis_client.delete("deck-illustrator:settling")
        lock.__exit__(None, None, None)
        assert not is_free(others)
    assert is_free(others)


def test_a_redis_that_is_away_for_a_while_is_waited_for(own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        presence, locks = locks_of(client, "machine-1", lease_s=0.05)
        own_redis.kill()
        waits = []

        def wait(seconds):
            waits.append(seconds)
            if len(waits) == 3:
                own_redis.start()
            if len(waits) >= 3:
                presence.beat()
            time.sleep(seconds)

        with locks.alone("a", wait):
            own_redis.kill()  # and goes again: what was done under the lock is done
        assert len(waits) >= 3


def test_a_redis_that_stays_away_or_refuses_is_told(own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        now = [0.0]
        _, locks = locks_of(client, "machine-1", monotonic=lambda: now[0], patience_s=10.0)
        client.hset("deck-illustrator:lock:a", "no", "lock")
        with pytest.raises(FileAccessError, match=r"fleet\.redis_url.*ResponseError"), locks.alone("a", refuse):
            pass
        own_redis.kill()
        waits = []

        def wait(seconds):
            waits.append(seconds)
            now[0] += 4.0

        with pytest.raises(FileAccessError, match=r"fleet\.redis_url.*ConnectionError"), locks.alone("a", wait):
            pass
        assert len(waits) == 3
