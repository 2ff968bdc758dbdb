"""Several things at once: every result in its place, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from pipeline.engine.clock import StopCause, Stopped, StopSignal, SystemClock
from pipeline.engine.parallel import in_parallel


def each(function, things, at_once=4, stop=None):
    return in_parallel(function, things, at_once=at_once, clock=SystemClock(), stop=stop or StopSignal())


def test_results_stand_in_the_order_of_the_things():
    first_may_end = threading.Event()

    def work(number):
        if number == 1:
            assert first_may_end.wait(5)
        else:
            first_may_end.set()
        return number * 10

    assert each(work, [1, 2], at_once=2) == [10, 20]


def test_of_nothing_comes_nothing():
    assert each(str, []) == []


def test_an_error_is_the_result_of_its_own_thing_alone():
    found = each(lambda number: 6 // number, [1, 0, 3])
    assert (found[0], found[2]) == (6, 2)
    assert isinstance(found[1], ZeroDivisionError)


def test_no_more_at_once_than_was_said():
    lock, at_work, most = threading.Lock(), 0, 0
    together = threading.Barrier(2)

    def work(_number):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        together.wait(5)  # both places are taken, and four things need them twice
        with lock:
            at_work -= 1

    each(work, range(4), at_once=2)
    assert most == 2


def test_once_it_is_stopped_nothing_new_is_begun():
    stop, begun = StopSignal(), []

    def work(number):
        begun.append(number)
        stop.request(StopCause.FILE_ACCESS, "full", None)
        return number

    found = each(work, [1, 2, 3], at_once=1, stop=stop)
    assert begun == [1]
    assert found[0] == 1
    assert all(isinstance(one, Stopped) for one in found[1:])


def test_what_ends_a_thread_ends_the_wait():
    def work(_number):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        each(work, [1])


@pytest.fixture
def ctrl_c():
    """SIGINT as in a terminal; who runs in the background of a shell inherits that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_lets_what_is_under_way_arrive_and_begins_nothing_new():
    stop, arrived = StopSignal(), []

    def work(number):
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.event.wait(5)
        arrived.append(number)

    with pytest.raises(KeyboardInterrupt):
        each(work, [1, 2], at_once=1, stop=stop)
    assert arrived == [1]
    assert stop.cause is StopCause.INTERRUPTED
