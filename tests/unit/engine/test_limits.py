"""All callers of a service keep its limits together: places, distances, rate, pauses; a refusal slows them all."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from pipeline.engine.clock import StopCause, Stopped, StopSignal, SystemClock
from pipeline.engine.limits import FIRST_EXTRA_S, LONGEST_EXTRA_S, LONGEST_PAUSE_S, ServiceLimits
from pipeline.errors import FileAccessError
from pipeline.records import Allowance
from pipeline.store.rates import rate_bucket
from tests.clocks import ManualClock


def limits(clock, *, delay_s=0.0, parallel=None, bucket=None):
    return ServiceLimits(delay_s=delay_s, parallel=parallel, bucket=bucket, clock=clock)


def per_minute(requests, clock):
    return rate_bucket("fake", requests, backend="memory", url="", monotonic=clock.monotonic)


def starts_of(shared, clock, count):
    """When the next `count` calls start, one after the other."""
    starts = []
    for _ in range(count):
        with shared.turn(StopSignal()):
            starts.append(clock.monotonic() - 1000)
    return starts


def distances(moments):
    return [later - earlier for earlier, later in pairwise(moments)]


def test_starts_are_the_delay_apart_whatever_the_calls_take():
    clock = ManualClock()
    shared = limits(clock, delay_s=2.0)
    starts = []
    for takes_s in (0.5, 3.0, 0.0, 1.0):
        with shared.turn(StopSignal()):
            starts.append(clock.monotonic())
            clock.advance(takes_s)
    assert distances(starts) == [2.0, 3.0, 2.0]


def test_without_limits_nobody_waits():
    clock = ManualClock()
    starts_of(limits(clock), clock, 50)
    assert clock.slept == []


def test_no_more_calls_in_a_minute_than_allowed_and_none_later_than_needed():
    clock = ManualClock()
    starts = starts_of(limits(clock, bucket=per_minute(3, clock)), clock, 7)
    assert starts == pytest.approx([0, 0, 0, 60, 60, 60, 120], abs=0.01)


def test_all_pause_as_long_as_the_service_asks():
    clock = ManualClock()
    shared = limits(clock)
    starts_of(shared, clock, 1)
    shared.refused(17.0)
    assert starts_of(shared, clock, 1) == [17.0]


def test_after_a_refusal_the_waiting_start_one_by_one_and_closer_with_each_success():
    clock = ManualClock()
    shared = limits(clock)
    starts_of(shared, clock, 1)
    shared.refused(10.0)
    assert starts_of(shared, clock, 3) == [10.0, 10.0 + FIRST_EXTRA_S, 10.0 + 2 * FIRST_EXTRA_S]
    starts = []
    for _ in range(30):
        starts += starts_of(shared, clock, 1)
        shared.answered(None)
    apart = distances(starts)
    assert apart == sorted(apart, reverse=True)
    assert 0 < apart[1] < FIRST_EXTRA_S
    assert apart[-1] == 0


def test_each_refusal_doubles_the_distance_up_to_the_longest():
    clock = ManualClock()
    shared = limits(clock, delay_s=2.0)
    apart = []
    for _ in range(7):
        starts_of(shared, clock, 1)
        shared.refused(0.0)
        apart.append(distances(starts_of(shared, clock, 2))[0])
    assert apart == [4.0, 8.0, 16.0, 32.0, 32.0, 32.0, 32.0]
    assert apart[-1] == 2.0 + LONGEST_EXTRA_S


def test_without_a_hint_the_pause_grows():
    clock = ManualClock()
    shared = limits(clock)
    pauses = []
    for _ in range(3):
        starts_of(shared, clock, 1)
        clock.advance(100)
        refused_at = clock.monotonic() - 1000
        shared.refused(None)
        pauses.append(starts_of(shared, clock, 1)[0] - refused_at)
    assert pauses == [FIRST_EXTRA_S, 2 * FIRST_EXTRA_S, 4 * FIRST_EXTRA_S]


def test_refusals_of_calls_that_were_under_way_together_are_one_piece_of_news():
    clock = ManualClock()
    shared = limits(clock)
    starts_of(shared, clock, 16)
    for _ in range(16):
        shared.refused(1.0)
    assert distances(starts_of(shared, clock, 2)) == [FIRST_EXTRA_S]


def test_successes_of_calls_that_were_under_way_at_a_refusal_do_not_undo_it():
    clock = ManualClock()
    shared = limits(clock)
    starts_of(shared, clock, 16)
    shared.refused(1.0)
    for _ in range(15):
        shared.answered(None)
    assert distances(starts_of(shared, clock, 2)) == [FIRST_EXTRA_S]


def test_a_shorter_hint_does_not_end_a_longer_pause():
    clock = ManualClock()
    shared = limits(clock)
    shared.refused(20.0)
    shared.refused(1.0)
    assert starts_of(shared, clock, 1) == [20.0]


def test_a_refusal_with_a_hint_nobody_waits_for_does_not_hold_the_run():
    clock = ManualClock()
    shared = limits(clock)
    shared.refused(LONGEST_PAUSE_S + 1)
    shared.answered(Allowance(remaining=0, reset_s=86_400))
    assert starts_of(shared, clock, 1) == [0]


def test_an_allowance_used_up_pauses_all_until_it_is_renewed():
    clock = ManualClock()
    shared = limits(clock)
    shared.answered(Allowance(remaining=1, reset_s=30.0))
    assert starts_of(shared, clock, 1) == [0]
    shared.answered(Allowance(remaining=0, reset_s=30.0))
    assert starts_of(shared, clock, 3) == [30.0] * 3


def test_a_refusal_that_comes_while_somebody_waits_holds_him_too():
    """He slept towards the old moment; he looks again before he starts."""
    clock = ManualClock()
    shared = limits(clock, delay_s=5.0)
    sleep = clock.sleep

    def sleep_and_hear_a_refusal(seconds, stop):
        sleep(seconds, stop)
        clock.sleep = sleep
        shared.refused(40.0)

    starts_of(shared, clock, 1)
    clock.sleep = sleep_and_hear_a_refusal
    assert starts_of(shared, clock, 1) == [45.0]


def test_a_refusal_that_comes_while_the_bucket_is_asked_holds_too():
    clock = ManualClock()
    bucket = per_minute(5, clock)
    shared = limits(clock, bucket=bucket)
    ask = bucket.put_decision

    def ask_and_hear_a_refusal(item):
        bucket.put_decision = ask
        shared.refused(40.0)
        return ask(item)

    bucket.put_decision = ask_and_hear_a_refusal
    assert starts_of(shared, clock, 1) == [40.0]


def test_no_turn_once_the_run_is_stopped():
    stop = StopSignal()
    stop.request(StopCause.IMAGE_GATE, "gate", None)
    with pytest.raises(Stopped), limits(ManualClock(), parallel=1).turn(stop):
        pytest.fail("a call began")


def test_no_turn_where_the_run_is_stopped_while_the_bucket_is_asked():
    clock, stop = ManualClock(), StopSignal()
    bucket = per_minute(5, clock)
    ask = bucket.put_decision

    def ask_and_hear_the_stop(item):
        stop.request(StopCause.INTERRUPTED, "ctrl-c", None)
        return ask(item)

    bucket.put_decision = ask_and_hear_the_stop
    with pytest.raises(Stopped), limits(clock, bucket=bucket).turn(stop):
        pytest.fail("a call began")


def test_a_call_that_fails_gives_its_place_back():
    shared = limits(ManualClock(), parallel=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="ours"), shared.turn(StopSignal()):
            raise ValueError("ours")


def test_a_bucket_that_fails_is_the_callers_to_hear_and_takes_no_place():
    clock = ManualClock()
    bucket = per_minute(5, clock)
    shared = limits(clock, parallel=1, bucket=bucket)
    ask = bucket.put_decision

    def fail(_item):
        bucket.put_decision = ask
        raise FileAccessError("limits.url: gone")

    bucket.put_decision = fail
    with pytest.raises(FileAccessError, match="gone"), shared.turn(StopSignal()):
        pytest.fail("a call began")
    assert starts_of(shared, clock, 1) == [0]


class Blackboard:
    """What two machines tell each other, by one clock: the end of a pause, and when the last call started."""

    def __init__(self, clock):
        self.clock, self.paused_until, self.last_start = clock, 0.0, -1e9

    def start(self, apart_s):
        now = self.clock.monotonic()
        pause_s, wait_s = max(0.0, self.paused_until - now), max(0.0, self.last_start + apart_s - now)
        if pause_s == wait_s == 0:
            self.last_start = now
        return pause_s, wait_s

    def pause(self, seconds):
        self.paused_until = max(self.paused_until, self.clock.monotonic() + seconds)


def two_machines(clock, *, delay_s=0.0, bucket=None):
    starts = Blackboard(clock)
    return [ServiceLimits(delay_s=delay_s, parallel=None, bucket=bucket, clock=clock, starts=starts) for _ in range(2)]


def test_starts_are_the_delay_apart_over_machines():
    clock = ManualClock()
    one, other = two_machines(clock, delay_s=2.0)
    starts = [starts_of(machine, clock, 1)[0] for machine in (one, other, one, one, other)]
    assert starts == [0, 2, 4, 6, 8]


def test_a_pause_of_one_machine_is_everybodys_and_seen_by_who_may_turn_to_another_service():
    clock = ManualClock()
    one, other = two_machines(clock)
    starts_of(one, clock, 1)
    one.refused(17.0)
    assert other.pause_left_s <= 0
    assert starts_of(other, clock, 1) == [17.0]
    one.answered(Allowance(remaining=0, reset_s=5.0))
    other.answered(Allowance(remaining=1, reset_s=500.0))

    def no_more(_seconds, _stop):
        raise Stopped

    clock.sleep = no_more
    with pytest.raises(Stopped), other.turn(StopSignal()):
        pytest.fail("a call began")
    assert other.pause_left_s == 5.0


def test_a_pause_nobody_waits_for_is_not_told_to_others_either():
    clock = ManualClock()
    one, other = two_machines(clock)
    one.refused(LONGEST_PAUSE_S + 1)
    assert starts_of(other, clock, 1) == [0]


def test_a_request_is_not_used_up_while_another_machine_keeps_ours_away():
    clock = ManualClock()
    bucket = per_minute(3, clock)
    one, other = two_machines(clock, delay_s=2.0, bucket=bucket)
    starts = [starts_of(machine, clock, 1)[0] for machine in (one, other, one)]
    assert starts == [0, 2, 4]
    assert bucket.count() == 3


class Counter:
    """Places that note who takes them."""

    def __init__(self, free):
        self.free, self.asked_s = free, []

    def acquire(self, timeout):
        self.asked_s.append(timeout)
        self.free -= 1
        return self.free >= 0

    def release(self):
        self.free += 1


def test_places_of_others_stand_for_ones_own_and_are_asked_for_gently():
    places, stop, clock = Counter(1), StopSignal(), ManualClock()
    shared = ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=clock, places=places)
    with shared.turn(stop):
        assert places.free == 0
    assert places.free == 1
    places.free = -2
    acquire = places.acquire

    def acquire_and_hear_the_stop(timeout):
        stop.request(StopCause.INTERRUPTED, "ctrl-c", None)
        return acquire(timeout)

    places.acquire = acquire_and_hear_the_stop
    with pytest.raises(Stopped), shared.turn(stop):
        pytest.fail("a call began")
    assert min(places.asked_s) >= 0.05


class Watched(SystemClock, StopSignal):
    """The real clock and a signal that tell when somebody waits: he sleeps, or has looked for a stop in vain."""

    def __init__(self):
        StopSignal.__init__(self)
        self.looks, self.is_waited_for = 0, threading.Event()

    def sleep(self, seconds, stop):
        self.is_waited_for.set()
        super().sleep(seconds, stop)

    def check(self):
        super().check()
        self.looks += 1
        # Three for the turn that was had, eight on coming to the door, one on passing it, one after waiting in vain.
        if self.looks == 13:
            self.is_waited_for.set()


@pytest.mark.parametrize("held_by", ["place", "pause", "bucket"])
def test_a_stop_wakes_everybody_who_waits(held_by):
    watched = Watched()
    bucket = per_minute(1, watched) if held_by == "bucket" else None
    shared = limits(watched, parallel=1 if held_by == "place" else None, bucket=bucket)
    ended = []

    def wait():
        try:
            with shared.turn(watched):
                ended.append("began")
        except Stopped:
            ended.append("stopped")

    with shared.turn(watched):
        if held_by == "pause":
            shared.refused(60.0)
        threads = [threading.Thread(target=wait) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert watched.is_waited_for.wait(10)
        began = time.monotonic()
        watched.request(StopCause.INTERRUPTED, "ctrl-c", None)
        for thread in threads:
            thread.join(10)
    assert ended == ["stopped"] * 8
    assert time.monotonic() - began < 5


class Recorded(ServiceLimits):
    """Notes when each call started, while nobody else can."""

    def __init__(self, **given):
        super().__init__(**given)
        self.starts = []

    def _wait_for_start(self, stop):
        super()._wait_for_start(stop)
        self.starts.append(self._last_start)


@pytest.mark.parametrize("seed", range(4))
def test_sixteen_threads_keep_every_limit_together(seed):
    """Whatever the service says in between."""
    rng = random.Random(seed)
    delay_s, parallel, requests = rng.choice([0.0, 0.5]), rng.choice([1, 3, 16]), rng.choice([4, 20])
    clock, lock, under_way, counts = ManualClock(), threading.Lock(), set(), []
    bucket, asking = per_minute(requests, clock), threading.Lock()
    ask = bucket.put_decision

    def ask_alone(item):
        assert asking.acquire(blocking=False), "two threads decided at the same time that they may start"
        threading.Event().wait(0.0002)  # lets the others run
        asking.release()
        return ask(item)

    bucket.put_decision = ask_alone
    shared = Recorded(delay_s=delay_s, parallel=parallel, bucket=bucket, clock=clock)

    def work(number):
        own = random.Random(f"{seed}-{number}")
        for _ in range(4):
            with shared.turn(StopSignal()):
                with lock:
                    under_way.add(number)
                    counts.append(len(under_way))
                event = own.random()
                if event < 0.1:
                    shared.refused(own.choice([None, 0.0, 3.0]))
                else:
                    shared.answered(Allowance(remaining=own.randrange(5), reset_s=2.0) if event < 0.5 else None)
                with lock:
                    under_way.remove(number)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert len(shared.starts) == 64
    assert max(counts) <= parallel
    assert all(apart >= delay_s - 1e-9 for apart in distances(shared.starts))
    windows = [later - earlier for earlier, later in zip(shared.starts, shared.starts[requests:], strict=False)]
    assert min(windows) >= 60 - 0.002  # the bucket counts in milliseconds


def test_places_are_kept_in_real_time_and_all_are_used():
    shared = limits(SystemClock(), parallel=3)
    lock, together, counts = threading.Lock(), 0, []
    full = threading.Barrier(3, timeout=10)

    def call(_number):
        nonlocal together
        with shared.turn(StopSignal()):
            with lock:
                together += 1
                counts.append(together)
            full.wait()  # passes only where three are let in at the same time
            with lock:
                together -= 1

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(call, range(9)))
    assert max(counts) == 3


def test_many_threads_share_one_pace_in_real_time():
    shared = limits(SystemClock(), delay_s=0.02)
    began = time.monotonic()

    def call(_number):
        with shared.turn(StopSignal()):
            return time.monotonic()

    with ThreadPoolExecutor(8) as pool:
        starts = list(pool.map(call, range(8)))
    assert max(starts) - began >= 7 * 0.02
