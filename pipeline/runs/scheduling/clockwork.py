"""What tells that a job is due: APScheduler, with times that are cron's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger


class Times(Protocol):
    """When something is due."""

    def after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, both aware; None where there is none."""


class _Trigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """`Times` for APScheduler; however many were missed, the next one is after now.

    Its own CronTrigger (3.11.3) counts weekdays from Monday, wants day and weekday both, and in the hour that comes
    twice when summer time ends it gives the same time again and again.
    """

    def __init__(self, times: Times) -> None:
        self._times = times

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        return self._times.after(now if previous is None else max(previous, now))  # a clock may be set back


class Clockwork:
    """Calls `ring(name)` whenever a job is due, in a thread of its own, from `with` to its end; `ring` must not wait.

    Times that pass while the machine sleeps are one ring when it wakes.
    """

    def __init__(self, ring: Callable[[str], object]) -> None:
        self._ring = ring
        # What APScheduler calls a job is the ring, which takes no time: it needs no threads for it.
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": DebugExecutor()})

    def add(self, name: str, times: Times, first: datetime | None) -> None:
        """Ring at `times`, beginning with `first`, at once where that has passed."""
        self._scheduler.add_job(
            self._ring,
            _Trigger(times),
            args=[name],
            id=name,
            next_run_time=first,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def __enter__(self) -> Clockwork:
        self._scheduler.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._scheduler.shutdown(wait=False)

    def look(self) -> None:
        """See what is due now: a timer may not have run on while the machine slept, or the clock was set."""
        self._scheduler.wakeup()
