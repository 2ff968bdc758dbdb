"""Several services for one kind of work: tried in turn, and left for the rest of the run where they cannot help.

What is kept of any of them is taken before one is asked. Which failure leaves what is said in `engine.failures`.
Besides, a service that keeps failing in a way that may pass is left when its circuit opens; one that wants a longer
pause than anybody waits for is left at once; and one that pauses is passed over meanwhile, where another can be asked.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from pipeline.engine.calls import Caller
from pipeline.engine.failures import Leaving, consequence_of
from pipeline.engine.limits import LONGEST_PAUSE_S
from pipeline.errors import FailedCall, FailureKind, PipelineError, ServiceError
from pipeline.records import Allowance

# About as long as a picture takes: who wants a longer pause is not waited for while another service can be asked.
PATIENCE_S = 10.0

Q = TypeVar("Q", bound=Hashable)
T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Generic[Q, T]):
    """One model of one service. `ask` answers a question within so many seconds or raises ServiceError.

    `ready` waits until a question may be asked, or raises what keeps it from being asked. `kept` is the answer that was
    paid for before, None where there is none. Inside `alone` nobody else asks this question of it, in this process or
    another.
    """

    service: str
    model: str
    caller: Caller
    ready: Callable[[Q], None]
    ask: Callable[[Q, float], T]
    allowance_of: Callable[[T], Allowance | None]
    kept: Callable[[Q], T | None]
    alone: Callable[[Q], AbstractContextManager[None]]

    @property
    def name(self) -> str:
        return f"{self.service}/{self.model}" if self.model else self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[Q, T]):
    """What the chain brought, who it came from, and the calls before that brought nothing.

    `is_kept` where it was paid for before.
    """

    value: T
    link: Link[Q, T]
    failed_calls: tuple[FailedCall, ...] = ()
    is_kept: bool = False


class Chain(Generic[Q, T]):
    """Safe for many threads. `tell` hears, in a line, of every service that is left.

    `failures_to_open` passing failures of a service in a row, over all threads, open its circuit. `has_last_resort`
    is true where something is made even if nobody answers.
    """

    def __init__(
        self,
        links: Sequence[Link[Q, T]],
        *,
        failures_to_open: int,
        has_last_resort: bool,
        tell: Callable[[str], None],
    ) -> None:
        self.links = tuple(links)
        self._failures_to_open = failures_to_open
        self._has_last_resort = has_last_resort
        self._tell = tell
        self._lock = threading.Lock()
        self._left: dict[str, ServiceError] = {}  # by name, with what spoke against it
        self._in_a_row: Counter[str] = Counter()  # by service
        self._refused: dict[tuple[str, Q], ServiceError] = {}

    def call(self, question: Q, *, asks_for_milder: bool) -> Reply[Q, T]:
        """What is kept, else the first answer. A link that has refused this very question by policy is not asked again.

        With `asks_for_milder` such a refusal is raised at once. Raises ServiceError, or what else ends the asking, with
        all `calls` and their `cost_usd`; Stopped.
        """
        for link in self.links:
            kept = link.kept(question)
            if kept is not None:
                return Reply(value=kept, link=link, is_kept=True)
        return self._asked(question, asks_for_milder=asks_for_milder)

    def _asked(self, question: Q, *, asks_for_milder: bool) -> Reply[Q, T]:
        calls: list[FailedCall] = []
        errors: list[tuple[Link[Q, T], ServiceError]] = []
        to_ask = [link for link in sorted(self.links, key=_is_pausing) if link.name not in self._left]
        for number, link in enumerate(to_ask, 1):
            before_usd = _cost_usd(calls)
            try:
                reply = self._reply_of(link, question, calls, is_last=number == len(to_ask))
            except ServiceError as error:
                errors.append((link, error))
                if asks_for_milder and consequence_of(error).softens:
                    break
            except PipelineError as error:  # not the service's doing: no other could help
                error.calls = tuple(calls)
                error.cost_usd += before_usd
                raise
            else:
                if reply is not None:
                    return reply
        raise self._failure(errors, calls)

    def _reply_of(self, link: Link[Q, T], question: Q, calls: list[FailedCall], *, is_last: bool) -> Reply[Q, T] | None:
        """What one link brings, None where it was left meanwhile."""
        with link.alone(question):
            kept = link.kept(question)  # by whoever had to be waited for
            if kept is not None:
                return Reply(value=kept, link=link, failed_calls=tuple(calls), is_kept=True)
            if link.name in self._left:
                return None
            if refusal := self._refused.get((link.name, question)):
                raise refusal
            try:
                value = self._ask(link, question, calls, is_last=is_last)
            except ServiceError as error:
                if consequence_of(error).softens:
                    self._refused[link.name, question] = error
                raise
        self._in_a_row[link.service] = 0
        return Reply(value=value, link=link, failed_calls=tuple(calls))

    def _ask(self, link: Link[Q, T], question: Q, calls: list[FailedCall], *, is_last: bool) -> T:
        def heard(error: ServiceError) -> bool:
            calls.append(
                FailedCall(
                    service=link.service,
                    model=link.model,
                    kind=error.kind,
                    message=str(error),
                    cost_usd=error.cost_usd,
                    may_be_charged=error.may_be_charged,
                )
            )
            self._judge(link, error)
            is_passed_over = not is_last and (error.retry_after_s or 0.0) > PATIENCE_S
            return link.name not in self._left and not is_passed_over

        answer = link.caller.call(
            partial(link.ask, question),
            ready=partial(link.ready, question),
            allowance_of=link.allowance_of,
            heard=heard,
        )
        return answer.value

    def _judge(self, link: Link[Q, T], error: ServiceError) -> None:
        """Leave the link where one failure says that no other call can succeed, or where many in a row do."""
        row = consequence_of(error)
        with self._lock:
            self._in_a_row[link.service] = self._in_a_row[link.service] + 1 if row.may_pass else 0
            if row.leaves is Leaving.NOTHING or link.name in self._left:
                return
            is_long = (error.retry_after_s or 0.0) > LONGEST_PAUSE_S
            if row.may_pass and not is_long and self._in_a_row[link.service] < self._failures_to_open:
                return
            name, leaving = link.name, {link.name}
            if row.leaves is Leaving.SERVICE:
                name, leaving = link.service, {other.name for other in self.links if other.service == link.service}
            if row.stops is None and not self._others_follow(link, leaving):
                return
            self._left |= dict.fromkeys(leaving, error)
        log.warning("%s is left for the rest of the run: %s", name, error)
        if len(self.links) > 1:  # where it was the only one, the run's own message says the same
            self._tell(f"{name} is left for the rest of the run: {row.why} ({error})")

    def _others_follow(self, link: Link[Q, T], leaving: set[str]) -> bool:
        """True where leaving helps: something else stands behind it. The last one may yet recover."""
        behind = self.links[self.links.index(link) + 1 :]
        return self._has_last_resort or any(other.name not in leaving | self._left.keys() for other in behind)

    def _failure(self, errors: list[tuple[Link[Q, T], ServiceError]], calls: list[FailedCall]) -> ServiceError:
        """One error for all: of the kind that ends the run only where no service is left to hope for."""
        telling = [error for link, error in errors if link.name not in self._left]
        if all(link.name in self._left for link in self.links):
            telling = sorted(self._left.values(), key=lambda error: consequence_of(error).stops is not None)
        kind = telling[-1].kind if telling else FailureKind.TRANSIENT
        message = "; ".join(str(error) for _, error in errors) or self._why_none()
        may_be_charged = any(call.may_be_charged for call in calls)
        failure = ServiceError(kind, message, cost_usd=_cost_usd(calls), may_be_charged=may_be_charged)
        failure.calls = tuple(calls)
        return failure

    def _why_none(self) -> str:
        reasons = [f"{name}: {consequence_of(error).why}: {error}" for name, error in self._left.items()]
        return "no service is left to ask" + (f" ({'; '.join(reasons)})" if reasons else "")


def _cost_usd(calls: Sequence[FailedCall]) -> float:
    return sum(call.cost_usd for call in calls)


def _is_pausing(link: Link[Q, T]) -> bool:
    return link.caller.limits.pause_left_s > PATIENCE_S
