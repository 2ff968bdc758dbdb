"""Places, distances and pauses hold over machines; the dead give theirs back."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from pipeline.engine.clock import StopSignal, SystemClock
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import ExitCode, FileAccessError
from pipeline.store.shared.places import SharedPlaces, SharedStarts
from pipeline.store.shared.presence import Presence
from tests.unit.store.shared import crowds
from tests.unit.store.shared.servers import PASSWORD
from tests.unit.store.stores import finished

LEASE_S = 0.6
# Takes all places and keeps them, alive as long as the process is.
HOLDER = f"""
import sys, time
from redis import Redis
from pipeline.store.shared.places import SharedPlaces
from pipeline.store.shared.presence import Presence
client = Redis.from_url(sys.argv[1])
presence = Presence(client, lease_s={LEASE_S}, name="holder")
presence.begin()
places = SharedPlaces(client, "fake", 2, presence)
print([places.acquire(0.01) for _ in range(3)], flush=True)
while True:
    presence.beat()
    time.sleep({LEASE_S} / 10)
"""


class Machine:
    """One of several: its process is alive, its naps are noted and take no time."""

    def __init__(self, client, name, *, lease_s=60.0, parallel=2, patience_s=60.0):
        self.naps, self.now = [], 0.0
        self.presence = Presence(client, lease_s=lease_s, name=name)
        self.presence.begin()
        self.places = SharedPlaces(
            client,
            "fake",
            parallel,
            self.presence,
            sleep=self.naps.append,
            monotonic=lambda: self.now,
            patience_s=patience_s,
        )
        self.starts = SharedStarts(client, "fake", monotonic=lambda: self.now, patience_s=patience_s)


def one_line(error):
    assert error.value.exit_code is ExitCode.FILE_ACCESS
    assert str(error.value).startswith("fleet.redis_url: ")
    assert "\n" not in str(error.value)
    assert PASSWORD not in str(error.value)
    return True


def test_machines_have_so_many_places_together(redis_client):
    one, other = Machine(redis_client, "one"), Machine(redis_client, "other")
    assert [one.places.acquire(1.0), other.places.acquire(1.0), other.places.acquire(1.0)] == [True, True, False]
    assert other.naps == [1.0]
    one.places.release()
    assert other.places.acquire(1.0)
    assert not one.places.acquire(1.0)


def test_services_have_places_of_their_own(redis_client):
    one = Machine(redis_client, "one", parallel=1)
    another = SharedPlaces(redis_client, "another", 1, one.presence, sleep=one.naps.append)
    assert one.places.acquire(1.0)
    assert another.acquire(1.0)


def test_never_more_calls_at_once_than_places_over_processes(program, redis_server, redis_client):
    source = crowds.FORKED.format(work="call_a_service", children=3)
    said = [line.split() for line in finished(program(source, redis_server.url))]
    assert max(int(most) for most, _ in said) <= crowds.PLACES
    assert sum(int(calls) for _, calls in said) == 3 * 4 * crowds.CALLS
    assert redis_client.hlen("deck-illustrator:places:fake") == 0


@pytest.mark.slow
def test_who_is_alive_keeps_his_places_and_a_killed_process_gives_them_back_after_its_lease(
    program, redis_server, redis_client
):
    holder = program(HOLDER, redis_server.url)
    assert holder.stdout.readline() == "[True, True, False]\n"
    waiting = Machine(redis_client, "waiting")
    until = time.monotonic() + 1.5 * LEASE_S
    while time.monotonic() < until:
        assert not waiting.places.acquire(0.0)
        time.sleep(0.05)
    holder.kill()
    holder.communicate()
    killed = time.monotonic()
    while not waiting.places.acquire(0.0):
        assert time.monotonic() < killed + 10
        time.sleep(0.05)
    assert waiting.places.acquire(0.0)


def test_a_place_taken_whose_answer_was_lost_is_free_within_a_lease(redis_client):
    machine = Machine(redis_client, "one", parallel=1, lease_s=0.2)
    take = machine.places._take

    def take_and_lose_the_answer(**given):
        take(**given)
        machine.places._take = take
        raise ConnectionResetError

    machine.places._take = take_and_lose_the_answer
    with pytest.raises(ConnectionResetError):
        machine.places.acquire(0.0)
    until = time.monotonic() + 10
    while not machine.places.acquire(0.0):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_places_that_a_redis_started_anew_forgot_are_put_back(own_redis):
    with Redis.from_url(own_redis.url) as client:
        one, other = Machine(client, "one", lease_s=0.2), Machine(client, "other", lease_s=0.2)
        assert one.places.acquire(0.0)
        assert one.places.acquire(0.0)
        own_redis.kill()
        own_redis.start()
        assert not other.places.acquire(0.0)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            one.presence.beat()
            other.presence.beat()
            assert not other.places.acquire(0.0)
            time.sleep(0.02)
        one.places.release()
        assert other.places.acquire(0.0)


def test_a_redis_that_does_not_answer_is_waited_for_and_then_given_up_in_one_line(own_redis):
    with Redis.from_url(own_redis.url) as client:
        machine = Machine(client, "one", patience_s=10.0)
        assert machine.places.acquire(0.0)
        own_redis.kill()
        machine.places.release()
        assert not machine.places.acquire(0.5)
        assert machine.naps == [0.5]
        assert machine.starts.start(0.0) > (0, 0)
        machine.now += 10.1
        for ask in (lambda: machine.places.acquire(0.5), lambda: machine.starts.start(0.0)):
            with pytest.raises(FileAccessError) as error:
                ask()
            assert one_line(error)
        machine.starts.pause(1.0)
        own_redis.start()
        assert machine.starts.start(0.0) == (0, 0)
        own_redis.kill()
        assert machine.starts.start(0.0) > (0, 0)


def test_a_redis_that_refuses_is_an_error_at_once(redis_client):
    machine = Machine(redis_client, "one")
    for key in ("places", "pause", "start"):
        redis_client.lpush(f"deck-illustrator:{key}:fake", "not what is expected")
    with pytest.raises(FileAccessError) as error:
        machine.places.acquire(0.0)
    assert one_line(error)


def test_starts_are_apart_over_machines(redis_client):
    one, other = Machine(redis_client, "one"), Machine(redis_client, "other")
    assert one.starts.start(5.0) == (0, 0)
    for machine in (one, other):
        pause_s, wait_s = machine.starts.start(5.0)
        assert pause_s == 0
        assert 3 < wait_s <= 5
    assert other.starts.start(0.0) == (0, 0)


def test_a_pause_holds_for_all_and_a_shorter_one_does_not_end_it(redis_client):
    one, other = Machine(redis_client, "one"), Machine(redis_client, "other")
    one.starts.pause(20.0)
    other.starts.pause(1.0)
    for machine in (one, other):
        pause_s, wait_s = machine.starts.start(0.0)
        assert 15 < pause_s <= 20
        assert wait_s == 0
    one.starts.pause(40.0)
    assert other.starts.start(0.0)[0] > 30


def test_a_refusal_one_machine_hears_holds_the_calls_of_another(redis_client):
    one, other = (
        ServiceLimits(
            delay_s=0,
            parallel=None,
            bucket=None,
            clock=SystemClock(),
            starts=SharedStarts(redis_client, "fake"),
        )
        for _ in range(2)
    )
    with other.turn(StopSignal()):
        began = time.monotonic()
        one.refused(0.3)
    with other.turn(StopSignal()):
        assert time.monotonic() - began >= 0.29


def test_everything_ends_by_itself(redis_client):
    machine = Machine(redis_client, "one")
    machine.places.acquire(0.0)
    machine.starts.start(5.0)
    machine.starts.pause(5.0)
    keys = redis_client.keys()
    assert len(keys) == 5
    assert all(redis_client.pttl(key) > 0 for key in keys)
