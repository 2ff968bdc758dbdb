"""The owner hears signals and tells what there is to tell while work goes on in another thread."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from pipeline.engine.attending import attended
from pipeline.engine.clock import StopCause, Stopped, StopSignal, SystemClock
from pipeline.engine.messages import StopRequested, Told
from tests.clocks import ManualClock


@pytest.fixture
def attend():
    """Attend to some work; `attend.told` is what was told, `attend.stop` and `attend.mailbox` are the run's."""

    def call(work, clock=None):
        return attended(work, tell=call.told.append, mailbox=call.mailbox, stop=call.stop, clock=clock or SystemClock())

    call.told, call.stop, call.mailbox = [], StopSignal(), SimpleQueue()
    return call


def test_what_the_work_gives_comes_back_and_is_told_in_the_owners_thread(attend):
    threads = []

    def work():
        threads.append(threading.current_thread())
        attend.mailbox.put(Told(text="half done"))
        return 7

    assert attend(work) == 7
    assert attend.told == ["half done"]
    assert threads != [threading.current_thread()]


def test_what_the_work_raises_comes_back(attend):
    def work():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        attend(work)


def test_a_signal_ends_a_wait_at_once(attend):
    def work():
        attend.mailbox.put(StopRequested(cause=StopCause.TERMINATED))
        SystemClock().sleep(60, attend.stop)

    with pytest.raises(Stopped):
        attend(work)
    assert (attend.stop.cause, attend.stop.message) == (StopCause.TERMINATED, "the run was terminated")


def test_work_that_hangs_is_left_behind_after_its_grace(attend):
    clock, free = ManualClock(), threading.Event()

    def work():
        attend.mailbox.put(StopRequested(cause=StopCause.INTERRUPTED))
        while attend.stop.cause is None:
            free.wait(0.001)
        clock.advance(60)
        attend.mailbox.put(Told(text="the clock has moved on"))
        free.wait(30)

    try:
        with pytest.raises(Stopped):
            attend(work, clock)
    finally:
        free.set()
