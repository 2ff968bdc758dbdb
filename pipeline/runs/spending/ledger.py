"""The calls of one run: each is written down, with what it may cost, before it is made, and if the budgets allow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from pipeline.config.settings import Budget
from pipeline.engine.calls import OWN_END_S
from pipeline.engine.clock import Clock, StopSignal
from pipeline.errors import BudgetError, FailureKind, ServiceError
from pipeline.records import CallKind, Request
from pipeline.runs.spending.attempts import Attempts, Call, Entry
from pipeline.runs.spending.brought import Brought
from pipeline.runs.spending.budgets import Account, bounds_of
from pipeline.runs.spending.prices import Prices, Scouts
from pipeline.store.history import Bound, History

# Between two looks whether a budget has room again; a call under way takes seconds.
_LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A call under way, which is over for whoever waits for it at `deadline`."""

    call: Call
    deadline: float


class Ledger:
    """Safe for the threads of one run, that of `account`.

    A picture is set aside before its prompt is paid for, and until it is there or there will be none: no prompt is paid
    for whose picture is then refused for want of a budget. Whose picture is set aside never waits for those of others,
    so that nobody waits in a circle: prompts wait for pictures, pictures for calls under way alone.

    List prices err. So where dollars are bounded, the first of several calls that cost about the same goes ahead alone,
    and the others begin when it has told the price; and what nobody has seen the price of is reserved with a margin,
    until only that margin keeps a call from being made. What exceeds a bound is the error of one price at most.
    """

    def __init__(
        self,
        history: History,
        budget: Budget,
        account: Account,
        clock: Clock,
        stop: StopSignal,
        *,
        brought: Brought | None = None,
    ) -> None:
        """`brought` is what batches of the run brought, None where there are none."""
        self._budget = budget
        self._account = account
        self._clock = clock
        self._stop = stop
        self._brought = brought or Brought()
        self._prices = Prices(history, clock.now())
        self._attempts = Attempts(history, account, self._prices, clock)
        self._scouts = Scouts(self._prices, clock)
        # Changed by single steps of the interpreter alone, so no lock is needed.
        self._aside: dict[int, Call] = {}
        self._open: dict[int, _Open] = {}

    @property
    def is_bounded(self) -> bool:
        """Whether any budget holds for this run."""
        return bool(bounds_of(self._budget, self._account, self._clock.now()))

    def set_aside(self, picture: Call) -> None:
        """Count on the picture of a slide, whose prompt is asked for next."""
        if picture.slide_number is not None:
            self._aside[picture.slide_number] = picture

    def make_room(self, picture: Call) -> None:
        """Set aside the picture of a slide whose prompt cost nothing, once the budgets have room for it.

        Raises as `wait_for_room` does. One thread at a time sets aside.
        """
        if picture.slide_number not in self._aside:
            self._wait_for_room(picture, of_others=True)
            self.set_aside(picture)

    def release(self, slide_number: int) -> None:
        """Count on it no more: it is there, or there will be none."""
        self._aside.pop(slide_number, None)

    def brought_usd(self, request: Request) -> float | None:
        """What a batch of this run brought the answer to `request` for, told once; None where none did."""
        return self._brought.take_usd(request)

    def wait_for_room(self, call: Call) -> None:
        """Return once the budgets have room for `call`, which calls under way may yet leave.

        Raises BudgetError where there will be none, FileAccessError, and Stopped.
        """
        self._wait_for_room(call, of_others=call.request.kind is CallKind.PROMPT)

    @contextmanager
    def entered(self, call: Call, timeout_s: float) -> Iterator[Entry]:
        """The block makes `call`, which takes at most `timeout_s`.

        Raises BudgetError where a budget does not allow it, FileAccessError where it cannot be written down; the call
        is then not made. What the block raises ends up in the history: anything but a ServiceError as a call that was
        lost, and may have been charged unless the block had learned what it cost.
        """
        number = self._begun(call, timeout_s)
        entry = Entry()
        try:
            yield entry
        except ServiceError as error:
            self._close(number)
            self._attempts.failed(number, entry, error)
            raise
        except BaseException:
            self._close(number)
            self._attempts.lost(number, entry)
            raise
        self._close(number)
        self._attempts.succeeded(number, entry)
        if not call.continues:
            self._prices.learn(call.request, entry.cost_usd)
        if call.request.kind is CallKind.IMAGE and call.slide_number is not None:
            self.release(call.slide_number)

    def reserve(self, call: Call, *, batch: str, also: Sequence[float] = ()) -> int:
        """Write down a call that is part of the batch `batch`, and give its id. Raises BudgetError at once.

        There must be room besides for pictures at the prices `also`: those of the prompts handed in.
        """
        bounds = bounds_of(self._budget, self._account, self._clock.now())
        counted = tuple(replace(bound, also_usd=sum(also), also_images=len(also)) for bound in bounds)
        return self._attempts.begin(call, counted, batch=batch)

    def _wait_for_room(self, call: Call, *, of_others: bool) -> None:
        """`of_others`: what is set aside for other slides may yet be left."""
        while True:
            aside = self._counted_aside(call)
            bounds = self._bounds(call, aside)
            if not bounds:
                return
            if not (self._seeks_a_price(call, bounds) and self._scouts.is_out(call.request)):
                try:
                    self._attempts.check(call, bounds)
                except BudgetError as error:
                    if not error.may_pass and not (of_others and _has_others(aside, call)):
                        raise
                else:
                    return
            self._give_up_overdue()
            self._clock.sleep(_LOOK_EVERY_S, self._stop)

    def _begun(self, call: Call, timeout_s: float) -> int:
        aside = self._counted_aside(call)
        bounds = self._bounds(call, aside)
        opened = _Open(call, self._clock.monotonic() + timeout_s + OWN_END_S)
        with ExitStack() as held:
            if self._seeks_a_price(call, bounds):
                self._scouts.go(call.request, opened)
                held.callback(self._scouts.is_back, call.request, opened)
            try:
                number = self._attempts.begin(call, bounds)
            except BudgetError as error:
                of_others = call.request.kind is CallKind.PROMPT and _has_others(aside, call)
                error.may_pass = error.may_pass or of_others
                raise
            self._open[number] = opened
            held.pop_all()
        return number

    def _close(self, number: int) -> None:
        opened = self._open.pop(number, None)
        if opened is not None:
            self._scouts.is_back(opened.call.request, opened)

    def _counted_aside(self, call: Call) -> dict[int, Call]:
        """What is set aside besides `call`, with its own picture where it is a prompt; a picture's own room is its own.

        A picture under way is in the history; for a moment it may count twice, which makes others wait, not fail.
        """
        aside = self._aside.copy()
        if call.request.kind is CallKind.IMAGE and call.slide_number in aside:
            return {}
        calls = [opened.call for opened in self._open.copy().values()]
        under_way = {one.slide_number for one in calls if one.request.kind is CallKind.IMAGE}
        return {number: picture for number, picture in aside.items() if number not in under_way}

    def _bounds(self, call: Call, aside: dict[int, Call]) -> tuple[Bound, ...]:
        bounds = bounds_of(self._budget, self._account, self._clock.now())
        if not bounds or not aside:
            return bounds
        usd = sum(self._price_aside(picture, call) for picture in aside.values())
        return tuple(replace(bound, also_usd=usd, also_images=len(aside)) for bound in bounds)

    def _price_aside(self, picture: Call, call: Call) -> float:
        """With a margin for those of others, which can be waited for and soon tell what they really cost."""
        is_own = picture.slide_number == call.slide_number
        price_of = self._prices.of if is_own else self._prices.at_most
        return price_of(picture.request, picture.price_usd) or 0.0

    def _seeks_a_price(self, call: Call, bounds: tuple[Bound, ...]) -> bool:
        is_of_dollars = any(bound.max_usd is not None for bound in bounds)
        return is_of_dollars and bool(call.price_usd) and not call.continues and self._scouts.are_needed(call.request)

    def _give_up_overdue(self) -> None:
        """A call that was left behind holds no room for others: nobody waits for it any more."""
        now = self._clock.monotonic()
        for number, opened in self._open.copy().items():
            if now > opened.deadline:
                self._close(number)
                late = ServiceError(FailureKind.TRANSIENT, "no answer in time", may_be_charged=True)
                self._attempts.failed(number, Entry(), late)


def _has_others(aside: dict[int, Call], call: Call) -> bool:
    return any(number != call.slide_number for number in aside)
