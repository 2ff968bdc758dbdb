"""Work in one thread while the run's owner hears signals and tells people what there is to tell."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty
from typing import TypeVar

from pipeline.engine.clock import GRACE_S, Clock, StopCause, Stopped, StopSignal
from pipeline.engine.messages import StopRequested, ThreadEnded, Told
from pipeline.engine.threads import Mailbox, start_thread

T = TypeVar("T")


def attended(
    work: Callable[[], T], *, tell: Callable[[str], None], mailbox: Mailbox, stop: StopSignal, clock: Clock
) -> T:
    """What `work` gives, or raises, in a thread of its own. `tell` is called in the caller's.

    Raises Stopped where the run was stopped meanwhile, by a signal or by `work`; a call that hangs then is left behind
    after its grace.
    """
    given: list[T] = []
    start_thread("batches", lambda: given.append(work()), mailbox)
    try:
        _hear_out(tell, mailbox, stop, clock)
    except KeyboardInterrupt:  # the second one: whoever is left goes on calling no more
        stop.request(StopCause.INTERRUPTED, "the run was broken off", clock.monotonic())
        raise
    if not given:
        raise Stopped
    return given[0]


def _hear_out(tell: Callable[[str], None], mailbox: Mailbox, stop: StopSignal, clock: Clock) -> None:
    """Until the thread has ended, or has used up its grace. Raises what broke it."""
    while not stop.gives_up(clock.monotonic()):
        left_s = None if stop.give_up_at is None else max(0.0, stop.give_up_at - clock.monotonic())
        try:
            message = mailbox.get(timeout=left_s)
        except Empty:
            continue
        match message:
            case Told(text=text):
                tell(text)
            case StopRequested(cause=cause):
                stop.request(cause, f"the run was {cause.value}", clock.monotonic() + GRACE_S)
            case ThreadEnded(crash=crash):
                if crash is not None:
                    raise crash
                return
