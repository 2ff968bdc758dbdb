"""What calls cost: as the catalog lists them, or what such calls were seen to cost where that was more."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.engine.clock import Clock
from pipeline.errors import BudgetError
from pipeline.records import CallKind, Request
from pipeline.records.history import AttemptState
from pipeline.store.history import History, RunFilter

# Prices change; what was paid longer ago says nothing.
_SEEN_SINCE = timedelta(days=30)
_MOST_SEEN = 100
# Who waits to see what a first call costs waits no longer than this: a service that hangs must not make a queue.
_PRICE_WAIT_S = 60.0
# Pictures were seen to cost up to 36 % more than services list for them, by their size and shape.
_SURPRISE = 1.5


class Prices:
    """Safe for threads: all is changed by single steps of the interpreter. Knows what `history` has of the last month.

    List prices err: pictures are sold by tokens, whose number goes with size and shape. Calls that have service, model
    and parameters in common cost about the same, so the dearest of them says what the next will cost at most.
    """

    def __init__(self, history: History, now: datetime) -> None:
        self._history = history
        self._since = now - _SEEN_SINCE
        self._dearest: dict[tuple[str, ...], float] = {}
        self._services: set[str] = set()

    def of(self, request: Request, listed_usd: float | None) -> float | None:
        """US dollars for a call whose list price is `listed_usd`; None where nobody knows. Raises FileAccessError."""
        seen = self._seen(request)
        return listed_usd if seen is None else max(listed_usd or 0.0, seen)

    def at_most(self, request: Request, listed_usd: float | None) -> float | None:
        """As `of`, but more than what is listed for a picture as long as nobody has seen what such a one really costs.

        Raises FileAccessError.
        """
        usd = self.of(request, listed_usd)
        is_certain = usd is None or request.kind is not CallKind.IMAGE or self.is_seen(request)
        return usd if is_certain else (usd or 0.0) * _SURPRISE

    def is_seen(self, request: Request) -> bool:
        """Whether such a call has told its price. Raises FileAccessError."""
        return self._seen(request) is not None

    def learn(self, request: Request, cost_usd: float | None) -> None:
        """Such a call cost so much; None where its answer did not say."""
        what = alike(request)
        self._dearest[what] = max(cost_usd or 0.0, self._dearest.get(what, 0.0))

    def _seen(self, request: Request) -> float | None:
        if request.service not in self._services:
            self._remember(request.service)
            self._services.add(request.service)
        return self._dearest.get(alike(request))

    def _remember(self, service: str) -> None:
        wanted = RunFilter(service=service, since=self._since, status=AttemptState.SUCCESS, limit=_MOST_SEEN)
        for call in self._history.attempts(wanted=wanted):
            if not call.batch:  # those are sold at another price
                request = Request(
                    kind=call.kind, service=call.service, model=call.model, parameters=dict(call.parameters)
                )
                self.learn(request, call.cost_usd)


class Scouts:
    """The first of several calls that cost about the same, made alone to find out how much that is. Safe for threads.

    For a minute at most after the first of them went out; then all go.
    """

    def __init__(self, prices: Prices, clock: Clock) -> None:
        self._prices = prices
        self._clock = clock
        self._out: dict[tuple[str, ...], object] = {}
        self._ends: dict[tuple[str, ...], float] = {}

    def are_needed(self, request: Request) -> bool:
        """Whether nobody knows yet what such a call really costs, and there is time to find out."""
        if self._prices.is_seen(request):
            return False
        end = self._ends.get(alike(request))
        return end is None or self._clock.monotonic() < end

    def is_out(self, request: Request) -> bool:
        """Whether such a call is under way."""
        return alike(request) in self._out

    def go(self, request: Request, scout: object) -> None:
        """`scout` goes out. Raises BudgetError, which may pass, where another is out."""
        what = alike(request)
        if self._out.setdefault(what, scout) is not scout:
            error = BudgetError("the price of such a call is being found out")
            error.may_pass = True
            raise error
        self._ends.setdefault(what, self._clock.monotonic() + _PRICE_WAIT_S)

    def is_back(self, request: Request, scout: object) -> None:
        """Whatever came of it; nothing where another is out."""
        what = alike(request)
        if self._out.get(what) is scout:
            self._out.pop(what, None)


def alike(request: Request) -> tuple[str, ...]:
    """What calls have in common that cost about the same."""
    return (request.kind, request.service, request.model, str(sorted(request.parameters.items())))
