"""Calls wait for their turn, are tried again only where that can help, and never outlast their time."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.engine.clock import StopCause, Stopped, StopSignal, SystemClock
from pipeline.errors import BudgetError, FailureKind, FileAccessError, ServiceError
from pipeline.records import Allowance
from tests.clocks import ManualClock
from tests.unit.engine import services


def caller(clock, *, stop=None, **given):
    return services.caller(clock, stop=stop or StopSignal(), **given)


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
    assert (answer.value, clock.slept) == ("picture", [])


@pytest.mark.parametrize("kind", [FailureKind.RATE, FailureKind.TRANSIENT])
def test_passing_faults_are_tried_again_after_growing_jittered_waits(kind):
    clock, call = ManualClock(), Scripted(*[fault(kind)] * 3)
    caller(clock).call(call)
    assert len(call.told) == 4
    for wait, longest in zip(clock.slept, (1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.AUTH,
        FailureKind.BILLING,
        FailureKind.POLICY,
        FailureKind.BAD_PARAMETER,
        FailureKind.UNKNOWN_MODEL,
    ],
)
def test_a_fault_that_will_not_pass_is_never_tried_again(kind):
    call = Scripted(fault(kind))
    with pytest.raises(ServiceError) as caught:
        caller(ManualClock()).call(call)
    assert caught.value.kind is kind
    assert len(call.told) == 1


@pytest.mark.parametrize("kind", [FailureKind.EMPTY, FailureKind.EXPIRED_URL])
def test_what_did_not_arrive_is_asked_for_once_more_and_not_twice(kind):
    assert caller(ManualClock()).call(Scripted(fault(kind))).value == "picture"
    call = Scripted(*[fault(kind)] * 3)
    with pytest.raises(ServiceError):
        caller(ManualClock()).call(call)
    assert len(call.told) == 2


def test_every_failed_attempt_is_heard_of_and_may_be_the_last():
    told = []

    def heard(error):
        told.append(error.kind)
        return len(told) < 2

    call = Scripted(*[fault(FailureKind.TRANSIENT)] * 4)
    with pytest.raises(ServiceError):
        caller(ManualClock()).call(call, heard=heard)
    assert told == [FailureKind.TRANSIENT] * 2
    assert len(call.told) == 2


@pytest.mark.parametrize("kind", [FailureKind.EMPTY, FailureKind.TRANSIENT])
def test_what_would_only_come_again_is_not_asked_for_again(kind):
    call = Scripted(fault(kind, is_final=True))
    with pytest.raises(ServiceError):
        caller(ManualClock()).call(call)
    assert len(call.told) == 1


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
    with pytest.raises(ServiceError):
        caller(ManualClock(), max_attempts=3).call(call)
    assert len(call.told) == 3


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


@pytest.mark.parametrize("error", [BudgetError("$5.00 spent"), FileAccessError("disk full")])
def test_what_is_no_services_failure_ends_the_call_and_tells_what_was_paid_before(error):
    call = Scripted(fault(FailureKind.EMPTY, cost_usd=0.04), error)
    with pytest.raises(type(error)) as caught:
        caller(ManualClock()).call(call)
    assert (caught.value.cost_usd, len(call.told)) == (0.04, 2)


def test_who_waits_to_be_ready_takes_no_turn_and_none_of_the_time():
    """Else one that waits for a budget would hold the place of one that does not have to."""
    clock, order = ManualClock(), []
    shared = caller(clock, parallel=1, timeout_s=100)

    def ready():
        clock.advance(500)
        shared.call(lambda timeout_s: order.append(("the other", timeout_s)))

    shared.call(lambda timeout_s: order.append(("who waited", timeout_s)), ready=ready)
    assert order == [("the other", 100.0), ("who waited", 100.0)]


def test_each_attempt_waits_to_be_ready_and_none_of_these_waits_takes_of_the_time():
    clock, told = ManualClock(), []
    call = Scripted(*[fault(FailureKind.RATE, retry_after_s=10.0)] * 2, clock=clock, takes_s=20.0)

    def ready():
        told.append("ready")
        clock.advance(500)

    caller(clock, timeout_s=100).call(call, ready=ready)
    assert (told, call.told) == (["ready"] * 3, [100.0, 70.0, 40.0])


@pytest.mark.parametrize("error", [BudgetError("$5.00 spent"), FileAccessError("disk full")])
def test_what_keeps_a_call_from_being_ready_ends_it_before_it_is_made(error):
    call = Scripted()

    def ready():
        raise error

    with pytest.raises(type(error)) as caught:
        caller(ManualClock()).call(call, ready=ready)
    assert (caught.value, call.told) == (error, [])


def no_room(may_pass=True):
    """As where another took the room that there was when this one was ready."""
    error = BudgetError("$4.99 of $5.00 spent")
    error.may_pass = may_pass
    return error


def test_a_call_that_another_was_quicker_than_waits_again_and_that_is_no_attempt():
    clock, told = ManualClock(), []
    call = Scripted(no_room(), no_room(), no_room(), clock=clock, takes_s=60.0)
    answer = caller(clock, timeout_s=100, max_attempts=1).call(call, ready=lambda: told.append("ready"))
    assert (answer.value, answer.wasted_usd, sum(clock.slept)) == ("picture", 0.0, 0.0)
    assert (len(told), call.told) == (4, [100.0] * 4), "nor does it take of the time"


def test_failed_attempts_between_waits_for_room_are_counted_as_ever():
    call = Scripted(fault(FailureKind.TRANSIENT), no_room(), fault(FailureKind.TRANSIENT), no_room())
    with pytest.raises(ServiceError):
        caller(ManualClock(), max_attempts=2).call(call)
    assert len(call.told) == 3


def test_a_budget_that_leaves_no_room_however_long_one_waits_ends_the_call():
    call = Scripted(no_room(may_pass=False))
    with pytest.raises(BudgetError):
        caller(ManualClock()).call(call)
    assert len(call.told) == 1


def test_a_call_that_hangs_past_its_time_is_left_behind():
    """The worker goes on; what the hanging call brings later is not waited for."""
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(ServiceError, match="no answer within") as caught:
        caller(SystemClock(), timeout_s=0.1).call(lambda _timeout_s: release.wait(30))
    release.set()
    assert caught.value.kind is FailureKind.TRANSIENT
    assert caught.value.may_be_charged
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


def test_a_refusal_makes_the_other_callers_of_the_service_wait_too():
    """The refused one gives up; whoever shares the limits starts after the pause."""
    clock = ManualClock()
    shared = caller(clock, max_attempts=1)
    with pytest.raises(ServiceError):
        shared.call(Scripted(fault(FailureKind.RATE, retry_after_s=17.0)))
    shared.call(Scripted())
    assert clock.slept == [17.0]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.RATE])
def test_no_other_fault_slows_the_service_down(kind):
    clock = ManualClock()
    shared = caller(clock, max_attempts=1)
    with pytest.raises(ServiceError):
        shared.call(Scripted(fault(kind, retry_after_s=17.0)))
    shared.call(Scripted())
    assert clock.slept == []


def test_an_answer_that_says_nothing_is_left_makes_all_wait():
    clock = ManualClock()
    shared = caller(clock)
    said = {"picture": Allowance(remaining=0, reset_s=30.0)}
    shared.call(Scripted(), allowance_of=said.get)
    shared.call(Scripted())
    assert clock.slept == [30.0]


def test_a_success_after_a_refusal_speeds_the_service_up_again():
    clock = ManualClock()
    shared = caller(clock)
    shared.call(Scripted(fault(FailureKind.RATE, retry_after_s=10.0)))
    for _ in range(30):
        shared.call(Scripted())
    assert clock.slept == sorted(clock.slept, reverse=True)
    assert len(clock.slept) < 30


def test_a_refused_call_pauses_the_others_before_it_gives_its_place_back():
    """With one place: who waits for it must not start between the refusal and the pause."""
    clock, lock, moments = ManualClock(), threading.Lock(), []
    shared = caller(clock, parallel=1, max_attempts=1)

    def refuse(_timeout_s):
        with lock:
            moments.append(clock.monotonic())
        raise fault(FailureKind.RATE, retry_after_s=10.0)

    def run():
        with pytest.raises(ServiceError):
            shared.call(refuse)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert moments == [1000.0 + 10.0 * number for number in range(6)]


def test_no_call_begins_when_the_wait_for_a_turn_has_used_up_the_time():
    clock = ManualClock()
    shared = caller(clock, delay_s=500, timeout_s=100)
    call = Scripted(fault(FailureKind.TRANSIENT))
    with pytest.raises(ServiceError, match="no time was left"):
        shared.call(call)
    assert len(call.told) == 1
