"""Time, handed in so that tests are exact, and the signal that ends a run early."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol


class Stopped(Exception):  # noqa: N818 - not an error: the run is over and this thread unwinds
    """Raised in a thread that would wait or begin something after the run was stopped."""


class StopCause(Enum):
    """Why a run ends before every slide is settled, or with slides that a budget held back."""

    PROMPT_GATE = "prompt_gate"
    IMAGE_GATE = "image_gate"
    CREDENTIALS = "credentials"
    FILE_ACCESS = "file_access"
    BUDGET = "budget"
    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"
    BUG = "bug"


# Calls in flight were paid for; so many seconds they get to arrive when a run is broken off.
GRACE_S = 3.0
# How often a thread that waits for something else looks whether the run was stopped.
STOP_POLL_S = 0.05


class StopSignal:
    """Set once by the run's owner, seen by every thread. The first cause stands, the first to lose patience too.

    `give_up_at` is the monotonic time at which calls in flight are left behind; None lets them finish.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.cause: StopCause | None = None
        self.message = ""
        self.give_up_at: float | None = None

    def request(self, cause: StopCause, message: str, give_up_at: float | None) -> None:
        if give_up_at is not None:
            self.give_up_at = give_up_at if self.give_up_at is None else min(give_up_at, self.give_up_at)
        if self.cause is None:
            self.message = message
            self.cause = cause
            self.event.set()

    def gives_up(self, now: float) -> bool:
        """True once calls in flight are no longer waited for."""
        return self.give_up_at is not None and now >= self.give_up_at

    def check(self) -> None:
        """Raise Stopped where the run is over."""
        if self.event.is_set():
            raise Stopped


class Clock(Protocol):
    """The time as a run sees it."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""

    def now(self) -> datetime:
        """The time of day, aware."""

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Wait; raise Stopped as soon as the run is over."""


class SystemClock:
    """The real one."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        stop.event.wait(max(0.0, seconds))
        stop.check()
