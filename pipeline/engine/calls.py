"""One call to a service, done properly: in its turn, in time, tried again where that can help. Nothing else retries."""

from __future__ import annotations

import contextvars
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tenacity import RetryCallState, Retrying

from pipeline.engine.clock import STOP_POLL_S, Clock, Stopped, StopSignal
from pipeline.engine.failures import Again, consequence_of
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import BudgetError, FailureKind, PipelineError, ServiceError
from pipeline.records import Allowance

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
# A call that is to end in time is given so many seconds more to do so, before it is left behind.
OWN_END_S = 0.5


Heard = Callable[[ServiceError], bool]
"""Told of each failed attempt; false where the service is not worth another try, whatever the failure."""


def _says_nothing(_value: object) -> Allowance | None:
    return None


def _at_once() -> None:
    """Nothing has to be waited for."""


def _goes_on(_error: ServiceError) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What a call brought, and what the failed attempts before it were charged."""

    value: T
    wasted_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Calls one service for many threads, which share its `limits` with whoever else calls it for whatever.

    `pace` keeps the calls of this kind apart besides. `timeout_s` is the budget of one `call` from its first start,
    retries and waits included.
    """

    limits: ServiceLimits
    pace: ServiceLimits
    clock: Clock
    stop: StopSignal
    rng: random.Random
    timeout_s: float
    max_attempts: int

    def call(
        self,
        function: Callable[[float], T],
        *,
        ready: Callable[[], None] = _at_once,
        allowance_of: Callable[[T], Allowance | None] = _says_nothing,
        heard: Heard = _goes_on,
    ) -> Answer[T]:
        """Run `function`, which is told how many seconds it has.

        `ready` waits before each attempt, which takes no turn and none of the time. `allowance_of` finds in what the
        function returns what the service said is left of its requests. Raises ServiceError, or whatever else `ready` or
        `function` does, with the `cost_usd` of all attempts together; Stopped.
        """
        return _Attempts(self, ready, allowance_of, heard).run(function)


class _Attempts(Generic[T]):
    """The attempts of one `Caller.call`."""

    def __init__(
        self, caller: Caller, ready: Callable[[], None], allowance_of: Callable[[T], Allowance | None], heard: Heard
    ) -> None:
        self._caller = caller
        self._ready = ready
        self._allowance_of = allowance_of
        self._heard = heard
        self._is_given_up = False
        self._deadline: float | None = None
        self._wasted_usd = 0.0
        self._failures: list[FailureKind] = []

    def run(self, function: Callable[[float], T]) -> Answer[T]:
        retrying = Retrying(
            retry=self._is_worth_another,
            wait=self._wait_s,
            stop=self._is_over_budget,
            sleep=lambda seconds: self._caller.clock.sleep(seconds, self._caller.stop),
            reraise=True,
        )
        try:
            value = retrying(self._attempt, function)
        except PipelineError as error:
            error.cost_usd = self._wasted_usd
            raise
        return Answer(value=value, wasted_usd=self._wasted_usd)

    def _attempt(self, function: Callable[[float], T]) -> T:
        limits = self._caller.limits
        self._wait_until_ready()
        with limits.turn(self._caller.stop), self._caller.pace.turn(self._caller.stop):
            try:
                value = self._in_time(function)
            except PipelineError as error:
                self._wasted_usd += error.cost_usd
                if isinstance(error, ServiceError):
                    self._failed(error)
                raise
            limits.answered(self._allowance_of(value))
            return value

    def _wait_until_ready(self) -> None:
        began = self._caller.clock.monotonic()
        self._ready()
        if self._deadline is not None:
            self._deadline += self._caller.clock.monotonic() - began

    def _failed(self, error: ServiceError) -> None:
        if consequence_of(error).pauses_all:
            self._caller.limits.refused(error.retry_after_s)
        self._failures.append(error.kind)
        log.warning("attempt %d failed (%s): %s", len(self._failures), error.kind, error)
        self._is_given_up = not self._heard(error)

    def _in_time(self, function: Callable[[float], T]) -> T:
        now = self._caller.clock.monotonic()
        if self._deadline is None:
            self._deadline = now + self._caller.timeout_s
        return _within(self._deadline - now, function, self._caller.stop, self._caller.clock)

    def _is_worth_another(self, state: RetryCallState) -> bool:
        error = _error_of(state)
        if isinstance(error, BudgetError) and error.may_pass:  # another was quicker to take the room there was
            self._deadline = None
            return True
        if not isinstance(error, ServiceError) or error.is_final or self._is_given_up:
            return False
        again = consequence_of(error).again
        return again is Again.PATIENTLY or (again is Again.ONCE and self._failures.count(error.kind) == 1)

    def _wait_s(self, state: RetryCallState) -> float:
        error = _error_of(state)
        if isinstance(error, BudgetError):
            return 0.0  # `ready` waits
        if isinstance(error, ServiceError) and error.retry_after_s is not None:
            return error.retry_after_s
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (len(self._failures) - 1))
        return self._caller.rng.uniform(longest / 2, longest)

    def _is_over_budget(self, state: RetryCallState) -> bool:
        if self._deadline is None:
            return False
        if len(self._failures) >= self._caller.max_attempts:
            return True
        return self._caller.clock.monotonic() + state.upcoming_sleep >= self._deadline


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _within(timeout_s: float, function: Callable[[float], T], stop: StopSignal, clock: Clock) -> T:
    """Run `function` in a thread of its own and leave it behind where it does not come back in time.

    A socket's timeout counts from byte to byte, so a service that drips could hold a worker for ever.
    """
    if timeout_s <= 0:  # the wait for a turn used up what the wait before a retry had left
        raise ServiceError(FailureKind.TRANSIENT, "no time was left for another try")
    box: list[T] = []
    failure: list[BaseException] = []
    done = threading.Event()

    def target() -> None:
        try:
            box.append(function(timeout_s))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            failure.append(error)
        finally:
            done.set()

    context = contextvars.copy_context()
    name = f"{threading.current_thread().name}-call"
    threading.Thread(target=lambda: context.run(target), name=name, daemon=True).start()
    # Who keeps the time that was told ends by itself, and knows what it cost.
    deadline = clock.monotonic() + timeout_s + OWN_END_S
    while not done.wait(STOP_POLL_S):
        if stop.gives_up(clock.monotonic()):
            raise Stopped
        if clock.monotonic() >= deadline:
            raise ServiceError(FailureKind.TRANSIENT, f"no answer within {timeout_s:.0f} s", may_be_charged=True)
    if failure:
        raise failure[0]
    return box[0]
