"""What Ctrl-C and SIGTERM do: end a run in order at first, at once the second time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested
from pipeline.engine.threads import Mailbox


class Terminated(KeyboardInterrupt):
    """SIGTERM, where Ctrl-C would raise KeyboardInterrupt."""


@contextmanager
def stopping_in_order(mailbox: Mailbox) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the engine in order, the second at once."""
    causes = {signal.SIGINT: StopCause.INTERRUPTED, signal.SIGTERM: StopCause.TERMINATED}

    def handler(number: int, _frame: FrameType | None) -> None:
        # A SimpleQueue may be put to from a signal handler; no other queue and no event may.
        mailbox.put(StopRequested(cause=causes[signal.Signals(number)]))
        signal.signal(number, _stop_at_once)

    with _handling(handler):
        yield


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Let both raise an exception in the main thread."""
    with _handling(_stop_at_once):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, was in former.items():
            signal.signal(number, was)


def _stop_at_once(number: int, _frame: FrameType | None) -> None:
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
