"""The calls of a run as the history's rows of them: begun with what they may cost, ended with what is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from pipeline.engine.clock import Clock
from pipeline.errors import BudgetError, ServiceError
from pipeline.records import Request
from pipeline.records.history import LOST, AttemptRecord, Response
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.prices import Prices
from pipeline.store.history import Bound, History

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that is to be made for a slide, None: for none.

    `price_usd` is what it costs by the catalog; None where that is not known. `continues` where it goes on with an
    order that an earlier call made, and orders nothing.
    """

    request: Request
    slide_number: int | None
    price_usd: float | None
    continues: bool = False


@dataclass(slots=True)
class Entry:
    """One call under way. Whoever makes it fills in what it brought, as soon as that is known."""

    response: Response = field(default_factory=Response)
    cost_usd: float | None = None
    continues: bool = False


class Attempts:
    """Of one run, that of `account`. Safe for threads. Every method raises FileAccessError where the history does."""

    def __init__(self, history: History, account: Account, prices: Prices, clock: Clock) -> None:
        self._history = history
        self._account = account
        self._prices = prices
        self._clock = clock

    def begin(self, call: Call, bounds: Sequence[Bound], *, batch: str = "") -> int:
        """The id of its row. Raises BudgetError where a bound does not allow it; nothing is written then."""
        if batch:
            return self._history.begin_attempt(self._record(call, batch), bounds)
        return self._fitting(call, bounds, self._history.begin_attempt)

    def check(self, call: Call, bounds: Sequence[Bound]) -> None:
        """Raise what `begin` would raise now."""
        self._fitting(call, bounds, self._history.check)

    def succeeded(self, number: int, entry: Entry) -> None:
        self._history.end_attempt(number, response=entry.response, cost_usd=entry.cost_usd, continues=entry.continues)

    def failed(self, number: int, entry: Entry, error: ServiceError) -> None:
        self._history.end_attempt(
            number,
            response=entry.response,
            cost_usd=error.cost_usd,
            error_kind=error.kind.value,
            error=str(error),
            may_be_charged=error.may_be_charged,
            continues=entry.continues,
        )

    def lost(self, number: int, entry: Entry) -> None:
        """It ended neither way: it may have been charged, unless what it cost had been learned by then."""
        is_paid = entry.cost_usd is not None
        self._history.end_attempt(
            number,
            response=entry.response,
            cost_usd=entry.cost_usd,
            error_kind=LOST,
            error="its answer could not be kept" if is_paid else "nobody saw how this call ended",
            may_be_charged=not is_paid,
            continues=entry.continues,
        )

    def _fitting(self, call: Call, bounds: Sequence[Bound], write: Callable[[AttemptRecord, Sequence[Bound]], T]) -> T:
        """Where dollars are bounded, reserved with a margin, unless that alone keeps the call from being made."""
        listed = self._record(call)
        if any(bound.max_usd is not None for bound in bounds):
            margined = replace(listed, reserved_usd=self._prices.at_most(call.request, call.price_usd))
            try:
                return write(margined, bounds)
            except BudgetError as error:
                if error.may_pass or margined.reserved_usd == listed.reserved_usd:
                    raise
        return write(listed, bounds)

    def _record(self, call: Call, batch: str = "") -> AttemptRecord:
        reserved_usd = call.price_usd if batch else self._prices.of(call.request, call.price_usd)
        return row_of(call, reserved_usd, run_id=self._account.run_id, batch=batch, created=self._clock.now())


def row_of(call: Call, reserved_usd: float | None, *, run_id: str, batch: str, created: datetime) -> AttemptRecord:
    """A call under way, as the history keeps it; its id is still to be given."""
    request = call.request
    return AttemptRecord(
        id=0,
        run_id=run_id,
        slide_number=call.slide_number,
        kind=request.kind,
        service=request.service,
        model=request.model,
        request_key=request.key,
        prompt=request.prompt,
        parameters=request.parameters,
        reserved_usd=reserved_usd,
        continues=call.continues,
        batch=batch,
        created=created,
    )
