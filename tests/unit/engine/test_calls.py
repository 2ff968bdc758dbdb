"""Calls are paced from start to start, tried again only where that can help, and never outlast their time."""

from __future__ import annotations

import random
import threading
import time
from itertools import pairwise

import pytest

from pipeline.engine.calls import Caller, Pacer
from pipeline.engine.clock import StopCause, Stopped, StopSignal, SystemClock
from pipeline.errors import FailureKind, ServiceError
from tests.clocks import ManualClock


def caller(clock, *, stop=None, delay_s=0.0, timeout_s=100.0, max_attempts=4):
    stop = stop or StopSignal()
    return Caller(
        pacer=Pacer(delay_s, clock, stop),
        clock=clock,
        stop=stop,
        rng=random.Random(7),
        timeout_s=timeout_s,
        max_attempts=max_attempts,
    )


class Scripted:
    """A call that fails as told, then succeeds."""

    def __init__(self, *errors, clock=None, takes_s=0.0):
        self.errors = list(errors)
        self.clock, self.takes_s = clock, takes_s
        self.told = []

    def __call__(self, timeout_s):
        self.told.append(timeout_s)
        if self.clock:
            self.clock.advance(self.takes_s)
        if self.errors:
            raise self.errors.pop(0)
        return "picture"


def fault(kind, **hints):
    return ServiceError(kind, f"{kind} fault", **hints)


def test_a_call_that_succeeds_is_made_once():
    clock, call = ManualClock(), Scripted()
    answer = caller(clock).call(call)
    assert (answer.value, answer.attempts, clock.slept) == ("picture", 1, [])


@pytest.mark.parametrize("kind", [FailureKind.RATE, FailureKind.TRANSIENT])
def test_passing_faults_are_tried_again_after_growing_jittered_waits(kind):
    clock, call = ManualClock(), Scripted(*[fault(kind)] * 3)
    answer = caller(clock).call(call)
    assert answer.attempts == 4
    for wait, longest in zip(clock.slept, (1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.AUTH,
        FailureKind.BILLING,
        FailureKind.POLICY,
        FailureKind.BAD_PARAMETER,
        FailureKind.EXPIRED_URL,
    ],
)
def test_a_fault_that_will_not_pass_is_never_tried_again(kind):
    call = Scripted(fault(kind))
    with pytest.raises(ServiceError) as caught:
        caller(ManualClock()).call(call)
    assert caught.value.kind is kind
    assert caught.value.attempts == 1
    assert len(call.told) == 1


def test_an_empty_answer_is_asked_for_once_more_and_not_twice():
    assert caller(ManualClock()).call(Scripted(fault(FailureKind.EMPTY))).attempts == 2
    with pytest.raises(ServiceError) as caught:
        caller(ManualClock()).call(Scripted(*[fault(FailureKind.EMPTY)] * 3))
    assert caught.value.attempts == 2


def test_a_bug_is_not_tried_again():
    call = Scripted(ValueError("ours"))
    with pytest.raises(ValueError, match="ours"):
        caller(ManualClock()).call(call)
    assert len(call.told) == 1


def test_the_services_own_hint_is_honoured():
    clock = ManualClock()
    caller(clock).call(Scripted(fault(FailureKind.RATE, retry_after_s=17.0)))
    assert clock.slept == [17.0]


def test_a_hint_beyond_the_time_budget_is_not_waited_for():
    clock = ManualClock()
    with pytest.raises(ServiceError):
        caller(clock, timeout_s=100).call(Scripted(fault(FailureKind.RATE, retry_after_s=3600.0)))
    assert clock.slept == []


def test_no_more_attempts_than_allowed():
    call = Scripted(*[fault(FailureKind.TRANSIENT)] * 9)
    with pytest.raises(ServiceError) as caught:
        caller(ManualClock(), max_attempts=3).call(call)
    assert len(call.told) == caught.value.attempts == 3


def test_each_attempt_is_told_what_is_left_of_the_time():
    clock = ManualClock()
    call = Scripted(fault(FailureKind.RATE, retry_after_s=10.0), clock=clock, takes_s=30.0)
    caller(clock, timeout_s=100).call(call)
    assert call.told == [100.0, 60.0]


def test_the_wait_for_a_turn_does_not_count_against_the_first_attempt():
    clock = ManualClock()
    shared = caller(clock, delay_s=500, timeout_s=100)
    shared.call(Scripted())
    call = Scripted()
    shared.call(call)
    assert call.told == [100.0]


def test_what_failed_attempts_were_charged_is_added_up():
    faults = [fault(FailureKind.TRANSIENT, cost_usd=0.01), fault(FailureKind.EMPTY, cost_usd=0.02)]
    assert caller(ManualClock()).call(Scripted(*faults)).wasted_usd == pytest.approx(0.03)
    faults = [fault(FailureKind.EMPTY, cost_usd=0.04), fault(FailureKind.EMPTY, cost_usd=0.04)]
    with pytest.raises(ServiceError) as caught:
        caller(ManualClock()).call(Scripted(*faults))
    assert caught.value.cost_usd == pytest.approx(0.08)


def test_a_call_that_hangs_past_its_time_is_left_behind():
    """The worker goes on; what the hanging call brings later is not waited for."""
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(ServiceError, match="no answer within") as caught:
        caller(SystemClock(), timeout_s=0.1).call(lambda _timeout_s: release.wait(30))
    release.set()
    assert caught.value.kind is FailureKind.TRANSIENT
    assert caught.value.attempts == 1
    assert time.monotonic() - began < 5


def test_no_attempt_begins_once_the_run_is_stopped():
    clock, stop, call = ManualClock(), StopSignal(), Scripted()
    stop.request(StopCause.IMAGE_GATE, "gate", None)
    with pytest.raises(Stopped):
        caller(clock, stop=stop).call(call)
    assert call.told == []


def test_a_stop_ends_the_wait_between_attempts():
    stop = StopSignal()
    began = time.monotonic()

    def fail_and_stop(_timeout_s):
        stop.request(StopCause.INTERRUPTED, "ctrl-c", time.monotonic())
        raise fault(FailureKind.RATE, retry_after_s=30.0)

    with pytest.raises(Stopped):
        caller(SystemClock(), stop=stop).call(fail_and_stop)
    assert time.monotonic() - began < 5


def test_starts_are_the_delay_apart_whatever_the_calls_take():
    clock = ManualClock()
    pacer = Pacer(2.0, clock, StopSignal())
    starts = []
    for takes_s in (0.5, 3.0, 0.0, 1.0):
        pacer.wait_turn()
        starts.append(clock.monotonic())
        clock.advance(takes_s)
    assert [later - earlier for earlier, later in pairwise(starts)] == [2.0, 3.0, 2.0]


def test_many_threads_share_one_pace():
    stop = StopSignal()
    pacer = Pacer(0.02, SystemClock(), stop)
    starts, lock = [], threading.Lock()

    def run():
        pacer.wait_turn()
        with lock:
            starts.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(starts) - min(starts) >= 7 * 0.02 - 0.005


def test_no_call_begins_when_the_wait_for_a_turn_has_used_up_the_time():
    clock = ManualClock()
    shared = caller(clock, delay_s=500, timeout_s=100)
    call = Scripted(fault(FailureKind.TRANSIENT))
    with pytest.raises(ServiceError, match="no time was left"):
        shared.call(call)
    assert len(call.told) == 1
