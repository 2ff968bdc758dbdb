"""Several services for one kind of work: tried in turn, and left for the rest of the run where they cannot help.

| kind of failure | what happens to the service |
|---|---|
| auth, billing | it is left, with all its models |
| unknown model | that model is left, if another comes after it |
| transient or rate, many in a row | its circuit is open: it is left with all its models, if another comes after it |
| rate, with a pause longer than anybody waits | the same, at once |
| rate, with a pause of some length | it is passed over while it pauses, where another can be asked |
| policy | a milder prompt first, by the coordinator; refused again, the next one is asked |
| anything else, after the retries | the next one is asked for this slide |
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from pipeline.engine.calls import Caller
from pipeline.engine.limits import LONGEST_PAUSE_S
from pipeline.errors import STOPPING, FailedCall, FailureKind, ServiceError
from pipeline.records import Allowance

_PASSING = (FailureKind.TRANSIENT, FailureKind.RATE)

# About as long as a picture takes: who wants a longer pause is not waited for while another service can be asked.
PATIENCE_S = 10.0

Q = TypeVar("Q", bound=Hashable)
T = TypeVar("T")

log = logging.getLogger(__name__)

_WHY_LEFT = {
    FailureKind.AUTH: "it refuses the key",
    FailureKind.BILLING: "its account has no credit left",
    FailureKind.UNKNOWN_MODEL: "it does not have this model",
    FailureKind.TRANSIENT: "it keeps failing",
    FailureKind.RATE: "it takes no more requests for now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Generic[Q, T]):
    """One model of one service. `ask` answers a question within so many seconds or raises ServiceError."""

    service: str
    model: str
    caller: Caller
    ask: Callable[[Q, float], T]
    allowance_of: Callable[[T], Allowance | None]

    @property
    def name(self) -> str:
        return f"{self.service}/{self.model}" if self.model else self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[Q, T]):
    """What the chain brought, who it came from, and the calls before that brought nothing."""

    value: T
    link: Link[Q, T]
    failed_calls: tuple[FailedCall, ...]


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
        self._left: dict[str, FailureKind] = {}  # by name
        self._in_a_row: Counter[str] = Counter()  # by service
        self._refused: dict[tuple[str, Q], ServiceError] = {}

    def call(self, question: Q, *, asks_for_milder: bool) -> Reply[Q, T]:
        """The first answer. A link that has refused this very question by policy is not asked it again.

        With `asks_for_milder` such a refusal is raised at once. Raises ServiceError with all `calls`, or Stopped.
        """
        calls: list[FailedCall] = []
        errors: list[tuple[Link[Q, T], ServiceError]] = []
        to_ask = [link for link in sorted(self.links, key=_is_pausing) if link.name not in self._left]
        for number, link in enumerate(to_ask, 1):
            if link.name in self._left:  # by what its sister has just said
                continue
            if refusal := self._refused.get((link.name, question)):
                errors.append((link, refusal))
                continue
            try:
                value = self._ask(link, question, calls, is_last=number == len(to_ask))
            except ServiceError as error:
                errors.append((link, error))
                if error.kind is FailureKind.POLICY:
                    self._refused[link.name, question] = error
                    if asks_for_milder:
                        break
                continue
            self._in_a_row[link.service] = 0
            return Reply(value=value, link=link, failed_calls=tuple(calls))
        raise self._failure(errors, calls)

    def _ask(self, link: Link[Q, T], question: Q, calls: list[FailedCall], *, is_last: bool) -> T:
        def heard(error: ServiceError) -> bool:
            calls.append(
                FailedCall(
                    service=link.service,
                    model=link.model,
                    kind=error.kind,
                    message=str(error),
                    cost_usd=error.cost_usd,
                )
            )
            self._judge(link, error)
            is_passed_over = not is_last and (error.retry_after_s or 0.0) > PATIENCE_S
            return link.name not in self._left and not is_passed_over

        return link.caller.call(partial(link.ask, question), allowance_of=link.allowance_of, heard=heard).value

    def _judge(self, link: Link[Q, T], error: ServiceError) -> None:
        """Leave the link where one failure says that no other call can succeed, or where many in a row do."""
        with self._lock:
            is_passing = error.kind in _PASSING
            self._in_a_row[link.service] = self._in_a_row[link.service] + 1 if is_passing else 0
            if error.kind not in _WHY_LEFT or link.name in self._left:
                return
            is_long = (error.retry_after_s or 0.0) > LONGEST_PAUSE_S
            if is_passing and not is_long and self._in_a_row[link.service] < self._failures_to_open:
                return
            only_model = error.kind is FailureKind.UNKNOWN_MODEL
            sisters = {other.name for other in self.links if other.service == link.service}
            leaving = {link.name} if only_model else sisters
            if not error.stops_the_run and not self._others_follow(link, leaving):
                return
            self._left |= dict.fromkeys(leaving, error.kind)
        name = link.name if only_model else link.service
        log.warning("%s is left for the rest of the run: %s", name, error)
        if len(self.links) > 1:  # where it was the only one, the run's own message says the same
            self._tell(f"{name} is left for the rest of the run: {_WHY_LEFT[error.kind]} ({error})")

    def _others_follow(self, link: Link[Q, T], leaving: set[str]) -> bool:
        """True where leaving helps: something else stands behind it. The last one may yet recover."""
        behind = self.links[self.links.index(link) + 1 :]
        return self._has_last_resort or any(other.name not in leaving | self._left.keys() for other in behind)

    def _failure(self, errors: list[tuple[Link[Q, T], ServiceError]], calls: list[FailedCall]) -> ServiceError:
        """One error for all: of the kind that ends the run only where no service is left to hope for."""
        kinds = [error.kind for link, error in errors if link.name not in self._left]
        if all(link.name in self._left for link in self.links):
            kinds = sorted(self._left.values(), key=lambda kind: kind in STOPPING)
        message = "; ".join(str(error) for _, error in errors) or self._why_none()
        failure = ServiceError(kinds[-1] if kinds else FailureKind.TRANSIENT, message)
        failure.calls = tuple(calls)
        failure.cost_usd = sum(call.cost_usd for call in calls)
        return failure

    def _why_none(self) -> str:
        reasons = [f"{name}: {_WHY_LEFT[kind]}" for name, kind in self._left.items()]
        return "no service is left to ask" + (f" ({'; '.join(reasons)})" if reasons else "")


def _is_pausing(link: Link[Q, T]) -> bool:
    return link.caller.limits.pause_left_s > PATIENCE_S
