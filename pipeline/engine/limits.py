"""The limits of one service, kept by all the threads that call it: places, spacing, request rate and pauses."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from pyrate_limiter import AbstractBucket, Decision, RateItem

from pipeline.engine.clock import STOP_POLL_S, Clock, StopSignal
from pipeline.records import Allowance

log = logging.getLogger(__name__)

# After the first refusal calls start at least so far apart; each further one doubles the distance, up to the longest.
FIRST_EXTRA_S = 0.25
LONGEST_EXTRA_S = 30.0
# Each success takes so much of the extra distance away; what is left under the least is not worth keeping.
EXTRA_KEPT = 0.8
LEAST_EXTRA_S = 0.01
# As long as an image may take by default. Who asks for more than that will not be there again for this run's calls.
LONGEST_PAUSE_S = 300.0
# A full bucket is asked again no sooner than this: other processes empty and fill it too.
LEAST_BUCKET_WAIT_S = 0.005


class Places(Protocol):
    """How many calls may be under way: a semaphore, perhaps one that other processes share."""

    def acquire(self, *, timeout: float) -> bool:
        """Take a place, within `timeout` seconds; false where there was none."""

    def release(self) -> None:
        """Give it back."""


class Starts(Protocol):
    """What processes that call the same service tell each other of their starts and pauses."""

    def start(self, apart_s: float) -> tuple[float, float]:
        """Seconds left of a pause, and until a call may start `apart_s` after the last; both 0: it starts now."""

    def pause(self, seconds: float) -> None:
        """Have all pause at least so long."""


class ServiceLimits:
    """When the calls to one service may start, over all threads that share this object.

    `delay_s` is the least time from start to start, `parallel` how many calls may be under way (None: any number).
    `bucket` counts the requests, perhaps together with other processes (`store.rates`); it is this object's alone,
    closed by whoever made it, and None where the rate is not limited. Over processes, `places` stand for `parallel`,
    and `starts` keep distances and pauses as well. What any of these raises comes out of `turn`.
    """

    def __init__(
        self,
        *,
        delay_s: float,
        parallel: int | None,
        bucket: AbstractBucket | None,
        clock: Clock,
        places: Places | None = None,
        starts: Starts | None = None,
    ) -> None:
        self._delay_s = delay_s
        self._places = places or (None if parallel is None else threading.Semaphore(parallel))
        self._starts = starts
        self._bucket = bucket
        self._clock = clock
        # Held by the one thread whose turn is next while it waits: the others need no waking and never start at once.
        self._door = threading.Lock()
        self._state = threading.Lock()
        self._last_start: float | None = None
        self._paused_until = clock.monotonic()
        self._extra_s = 0.0
        self._has_news = False

    @contextmanager
    def turn(self, stop: StopSignal) -> Iterator[None]:
        """Enter when a call may start, leave when it is over. Raises Stopped once `stop` is requested.

        Waits for a place, the end of any pause, the distance to the last start, and the bucket, in this order.
        """
        with ExitStack() as held:
            with _taken(self._door, stop):
                held.enter_context(_taken(self._places, stop))
                self._wait_for_start(stop)
            yield

    def refused(self, retry_after_s: float | None) -> None:
        """A call was answered "too many requests" (429): all pause, and start further apart from now on.

        The pause is the service's hint in seconds, else as long as the extra distance has become. A hint beyond
        LONGEST_PAUSE_S is nobody's to wait for: the calls go on and fail, each by its own refusal.
        """
        is_too_long = retry_after_s is not None and retry_after_s > LONGEST_PAUSE_S
        with self._state:
            if self._has_news and not is_too_long:
                doubled_s = 2 * self._extra_s + self._delay_s
                self._extra_s = min(LONGEST_EXTRA_S, max(FIRST_EXTRA_S, doubled_s))
                self._has_news = False
            pause_s = self._extra_s if retry_after_s is None else retry_after_s
            is_longer = self._pause(pause_s)
        if is_longer:
            self._tell_others(pause_s)

    @property
    def pause_left_s(self) -> float:
        """Seconds until the service may be asked again; 0 or less where it may be asked now."""
        return self._paused_until - self._clock.monotonic()

    def answered(self, allowance: Allowance | None) -> None:
        """A call succeeded: starts move closer together again. Where nothing is left of the allowance, all pause."""
        pause_s = allowance.reset_s if allowance is not None and allowance.remaining <= 0 else 0.0
        with self._state:
            if self._has_news:
                kept_s = self._extra_s * EXTRA_KEPT
                self._extra_s = kept_s if kept_s >= LEAST_EXTRA_S else 0.0
            is_longer = pause_s > 0 and self._pause(pause_s)
        if is_longer:
            self._tell_others(pause_s)

    def _pause(self, seconds: float) -> bool:
        """Whether that is longer than what is left of a pause."""
        if seconds > LONGEST_PAUSE_S:
            log.warning("the service asks for a pause of %.0f s, which is too long to wait for", seconds)
            return False
        until = self._clock.monotonic() + seconds
        if until <= self._paused_until:
            return False
        apart_s = self._delay_s + self._extra_s
        log.info("calls to the service pause for %.1f s and then start %.1f s apart", seconds, apart_s)
        self._paused_until = until
        return True

    def _tell_others(self, pause_s: float) -> None:
        """Not under the lock: it goes over the network."""
        if self._starts is not None:
            self._starts.pause(pause_s)

    def _wait_for_start(self, stop: StopSignal) -> None:
        while (wait_s := self._wait_s()) > 0:
            self._clock.sleep(wait_s, stop)
        stop.check()

    def _wait_s(self) -> float:
        """Seconds until it is worth looking again; 0 where the call may start, which is then counted as started."""
        if (wait_s := self._until_ready_s()) > 0:
            return wait_s
        # Not under the lock that `refused` and `answered` need: what is shared is asked over the disk or the network.
        # The bucket comes last: what it gave is used up.
        if (others_s := self._others_wait_s()) > 0:
            return others_s
        if (full_s := self._bucket_wait_s()) > 0:
            return full_s
        with self._state:
            wait_s = self._until_ready_s()  # a refusal may have come while the bucket was asked
            if wait_s <= 0:
                self._last_start = self._clock.monotonic()
                # What was under way at a refusal tells nothing new, whatever becomes of it; this call will.
                self._has_news = True
        return wait_s

    def _until_ready_s(self) -> float:
        """Seconds until the pause is over and the last start is far enough away; 0 or less where they are."""
        ready = self._paused_until
        if self._last_start is not None:
            ready = max(ready, self._last_start + self._delay_s + self._extra_s)
        return ready - self._clock.monotonic()

    def _others_wait_s(self) -> float:
        """Seconds that the pauses and starts of other processes keep ours away; a pause of theirs is ours, too."""
        if self._starts is None:
            return 0.0
        pause_s, wait_s = self._starts.start(self._delay_s + self._extra_s)
        if pause_s > 0:
            with self._state:
                self._pause(pause_s)
        return max(pause_s, wait_s)

    def _bucket_wait_s(self) -> float:
        """Take one request out of the bucket: 0 where it was there, else seconds until there may be one."""
        if self._bucket is None:
            return 0.0
        stamp_ms = self._bucket.now()  # type: ignore[no-untyped-call]  # each kind of bucket has its own clock
        decision = self._bucket.put_decision(RateItem("call", stamp_ms))
        if not isinstance(decision, Decision):
            raise TypeError("an asynchronous bucket")
        if decision.allowed:
            return 0.0
        return max(LEAST_BUCKET_WAIT_S, (decision.retry_after_ms or 0) / 1000)


@contextmanager
def _taken(places: Places | None, stop: StopSignal) -> Iterator[None]:
    """Hold one of `places` for the block; None: there is room for all."""
    stop.check()
    if places is None:
        yield
        return
    while not places.acquire(timeout=STOP_POLL_S):
        stop.check()
    try:
        yield
    finally:
        places.release()
