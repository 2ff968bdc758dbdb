"""A clock that tests turn by hand: sleeping takes no time and moves it on."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from pipeline.engine.clock import StopSignal


class ManualClock:
    """Safe for threads; `slept` lists every wait in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        with self._lock:
            return self._now

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, 0, tzinfo=UTC) + timedelta(seconds=self.monotonic() - 1000)

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        stop.check()
        with self._lock:
            self._now += seconds
            self.slept.append(seconds)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
