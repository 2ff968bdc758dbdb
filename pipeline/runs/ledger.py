"""The calls of one run: each is written down, with what it may cost, before it is made, and if the budgets allow it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pipeline.config.settings import Budget
from pipeline.engine.calls import OWN_END_S
from pipeline.engine.clock import Clock, StopSignal
from pipeline.errors import BudgetError, FailureKind, ServiceError
from pipeline.records import CallKind, Request
from pipeline.records.history import AttemptRecord, Response
from pipeline.runs.budgets import Account, bounds_of
from pipeline.store.history import Bound, History

# Between two looks whether a budget has room again; a call under way takes seconds.
_LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that is to be made for a slide, None: for none.

    `price_usd` is what it will cost, about; None where that is not known. `continues` where it goes on with an order
    that an earlier call made, and orders nothing.
    """

    request: Request
    slide_number: int | None
    price_usd: float | None
    continues: bool = False


@dataclass(slots=True)
class Entry:
    """One call under way. Whoever makes it fills in what it brought."""

    response: Response = field(default_factory=Response)
    cost_usd: float | None = None
    continues: bool = False


class Ledger:
    """Safe for the threads of one run, that of `account`.

    For a slide whose prompt is being written the price of its picture is set aside: no prompt is paid for whose picture
    would then be refused.
    """

    def __init__(self, history: History, budget: Budget, account: Account, clock: Clock, stop: StopSignal) -> None:
        self._history = history
        self._budget = budget
        self._account = account
        self._clock = clock
        self._stop = stop
        # Changed by single steps of the interpreter alone, so no lock is needed.
        self._aside: dict[int, float] = {}
        self._dearest: dict[tuple[str, ...], float] = {}
        self._open: dict[int, float] = {}  # when calls under way are over for whoever waits for them

    def set_aside(self, slide_number: int, usd: float | None) -> None:
        """Count on the picture of a slide, whose prompt is asked for next."""
        self._aside[slide_number] = usd or 0.0

    def release(self, slide_number: int) -> None:
        """Count on it no more: its call begins, or there will be none."""
        self._aside.pop(slide_number, None)

    def wait_for_room(self, call: Call) -> None:
        """Return once the budgets have room for `call`, which calls under way may yet leave.

        Raises BudgetError where there will be none, FileAccessError, and Stopped.
        """
        attempt = self._attempt(call)
        while bounds := self._bounds(call.request.kind):
            try:
                self._history.check(attempt, bounds)
            except BudgetError as error:
                if not self._may_pass(error, call):
                    raise
            else:
                return
            self._give_up_overdue()
            self._clock.sleep(_LOOK_EVERY_S, self._stop)

    @contextmanager
    def entered(self, call: Call, timeout_s: float) -> Iterator[Entry]:
        """The block makes `call`, which takes at most `timeout_s`.

        Raises BudgetError where a budget does not allow it, FileAccessError where it cannot be written down; the call
        is then not made. What the block raises ends up in the history; a call that it leaves with anything but
        ServiceError stays open there, for nobody knows what it cost.
        """
        try:
            number = self._history.begin_attempt(self._attempt(call), self._bounds(call.request.kind))
        except BudgetError as error:
            error.may_pass = self._may_pass(error, call)
            raise
        self._open[number] = self._clock.monotonic() + timeout_s + OWN_END_S
        entry = Entry()
        try:
            yield entry
        except ServiceError as error:
            self._end_in_error(number, entry, error)
            raise
        finally:
            self._open.pop(number, None)
        self._history.end_attempt(number, response=entry.response, cost_usd=entry.cost_usd, continues=entry.continues)
        self._learn(call.request, entry.cost_usd)

    def reserve(self, call: Call, *, batch: str) -> int:
        """Write down a call that is part of the batch `batch`, and give its id. Raises BudgetError at once."""
        return self._history.begin_attempt(self._attempt(call, batch), self._bounds(call.request.kind))

    def _attempt(self, call: Call, batch: str = "") -> AttemptRecord:
        request = call.request
        return AttemptRecord(
            id=0,
            run_id=self._account.run_id,
            slide_number=call.slide_number,
            kind=request.kind,
            service=request.service,
            model=request.model,
            request_key=request.key,
            prompt=request.prompt,
            parameters=request.parameters,
            reserved_usd=call.price_usd if batch else self._reserve(call),
            continues=call.continues,
            batch=batch,
            created=self._clock.now(),
        )

    def _bounds(self, kind: CallKind) -> tuple[Bound, ...]:
        """Pictures come before what is set aside for others: else those would wait for each other for ever."""
        bounds = bounds_of(self._budget, self._account, self._clock.now())
        if kind is CallKind.IMAGE:
            return bounds
        aside = tuple(self._aside.values())
        return tuple(replace(bound, also_usd=sum(aside), also_images=len(aside)) for bound in bounds)

    def _may_pass(self, error: BudgetError, call: Call) -> bool:
        """Whether calls of this run may yet leave room, for a prompt also the pictures of other slides to come."""
        others = any(number != call.slide_number for number in tuple(self._aside))
        return error.may_pass or (call.request.kind is CallKind.PROMPT and others)

    def _give_up_overdue(self) -> None:
        """A call that was left behind holds no room for others: nobody waits for it any more."""
        now = self._clock.monotonic()
        for number, deadline in tuple(self._open.items()):
            if now > deadline and self._open.pop(number, None) is not None:
                late = ServiceError(FailureKind.TRANSIENT, "no answer in time", may_be_charged=True)
                self._end_in_error(number, Entry(), late)

    def _end_in_error(self, number: int, entry: Entry, error: ServiceError) -> None:
        self._history.end_attempt(
            number,
            response=entry.response,
            cost_usd=error.cost_usd,
            error_kind=error.kind.value,
            error=str(error),
            may_be_charged=error.may_be_charged,
            continues=entry.continues,
        )

    def _reserve(self, call: Call) -> float | None:
        """The price, or what such a call was seen to cost where that was more: estimates err."""
        seen = self._dearest.get(_alike(call.request))
        return call.price_usd if seen is None else max(call.price_usd or 0.0, seen)

    def _learn(self, request: Request, cost_usd: float | None) -> None:
        what = _alike(request)
        self._dearest[what] = max(cost_usd or 0.0, self._dearest.get(what, 0.0))


def _alike(request: Request) -> tuple[str, ...]:
    """What calls have in common that cost about the same."""
    return (request.kind, request.service, request.model, str(sorted(request.parameters.items())))
