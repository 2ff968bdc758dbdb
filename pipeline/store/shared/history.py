"""A machine's own history whose money is counted with that of all others: rows stay here, budgets hold everywhere."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import BudgetError, FileAccessError
from pipeline.records.history import AttemptRecord, AttemptState, RunRecord, SlideRecord
from pipeline.store.history.book import History, place_of
from pipeline.store.history.database import Place
from pipeline.store.history.questions import Bound, Scope, Spent
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.counters import Counted

log = logging.getLogger(__name__)

_TICK = timedelta(microseconds=1)


def open_shared_history(
    url: str | None,
    data: Path,
    *,
    now: Callable[[], datetime],
    warn: Callable[[str], None],
    money: SharedBudgets,
    busy_timeout_s: float = 30.0,
) -> SharedHistory:
    """As `open_history`, with what is spent counted by `money`."""
    place = place_of(url, data, now=now, busy_timeout_s=busy_timeout_s)
    return SharedHistory(place, now=now, warn=warn, busy_timeout_s=busy_timeout_s, money=money)


class SharedHistory(History):
    """A history that asks `money` what may be spent, and tells it what was.

    A call is reserved there before its row is written. How it ended is written here first: where `money` cannot be
    told, the call counts as what was reserved until it can. A process that dies in between leaves it so, unless
    somebody ends its calls (see `runs/past/taking_over.py`).
    """

    def __init__(
        self,
        place: Place,
        *,
        now: Callable[[], datetime],
        warn: Callable[[str], None],
        busy_timeout_s: float,
        money: SharedBudgets,
    ) -> None:
        super().__init__(place, now=now, warn=warn, busy_timeout_s=busy_timeout_s)
        self._money = money
        # Changed by single steps of the interpreter alone, so no lock is needed.
        self._tokens: dict[str, AttemptRecord] = {}
        self._owed: dict[str, Counted] = {}

    def close(self) -> None:
        self._tell("what its last calls cost", self._settle_owed)
        super().close()

    def begin_run(self, run: RunRecord) -> None:
        super().begin_run(run)
        self._money.begin_run(run)

    def break_off(self, run_id: str) -> None:
        super().break_off(run_id)
        self._tell("that a run died", lambda: self._money.wait_no_more(run_id))

    def end_run(self, run: RunRecord, slides: Sequence[SlideRecord]) -> None:
        super().end_run(run, slides)
        for token, attempt in list(self._tokens.items()):
            if attempt.run_id == run.id:
                del self._tokens[token]
        self._tell("what its last calls cost", self._settle_owed)
        self._tell("that a run is over", lambda: self._money.wait_no_more(run.id))

    def begin_attempt(self, attempt: AttemptRecord, bounds: Sequence[Bound]) -> int:
        """As of every history; besides, a BudgetError that may pass while Redis does not answer."""
        self._tell("what a call cost", self._settle_owed)
        attempt, token = self._named(attempt)
        try:
            self._money.reserve(token, attempt, bounds)
        except (BudgetError, FileAccessError):
            self._tokens.pop(token, None)
            raise
        try:
            return super().begin_attempt(attempt, ())
        except FileAccessError:
            self._owed[token] = Counted(usd=0.0, maybe_usd=0.0, images=0, known_usd=0.0, is_open=False)
            raise

    def check(self, attempt: AttemptRecord, bounds: Sequence[Bound]) -> None:
        self._money.check(attempt, bounds)

    def end_attempt(self, id: int, **how: Any) -> None:  # noqa: A002 - the record's own word
        super().end_attempt(id, **how)
        ended = self._own.attempt(id) or self.attempt(id)
        if ended is not None:
            self._owe(ended)
            self._tell("what a call cost", self._settle_owed)

    def save(self, attempt: AttemptRecord) -> int:
        """As of every history. What nobody reserved counts now."""
        number = super().save(attempt)
        self._money.reserve(token_of(attempt), attempt, ())
        self._owe(attempt)
        self._settle_owed()
        return number

    def spent(self, scope: Scope) -> Spent:
        """By all machines. Raises ValueError for a scope no setting bounds."""
        return self._money.spent(scope, self._now())

    def _named(self, attempt: AttemptRecord) -> tuple[AttemptRecord, str]:
        """With a name that no other call has; a clock that stands still is helped on."""
        token = token_of(attempt)
        while not attempt.batch and self._tokens.setdefault(token, attempt) is not attempt:
            attempt = replace(attempt, created=attempt.created + _TICK)
            token = token_of(attempt)
        return attempt, token

    def _owe(self, ended: AttemptRecord) -> None:
        ends_order = ended.continues and ended.state is AttemptState.SUCCESS
        self._owed[token_of(ended)] = replace(Counted.of(ended), ends_order=ends_order)

    def _settle_owed(self) -> None:
        """Raises FileAccessError; what could not be told is owed still."""
        for token, counted in list(self._owed.items()):
            self._money.settle(token, counted)
            if self._owed.get(token) is counted:
                self._owed.pop(token, None)

    def _tell(self, what: str, tell: Callable[[], None]) -> None:
        """What is done is done, whether the others hear of it or not."""
        try:
            tell()
        except FileAccessError as error:
            log.warning("other machines were not told %s: %s", what, error)


def token_of(attempt: AttemptRecord) -> str:
    """What a call is known by on all machines, from what its row says: whoever reads the row can tell how it ended.

    A call of a batch by the batch and its request, which is in it once; any other by its run and the moment it began.
    """
    if attempt.batch:
        facts = [attempt.batch, attempt.request_key]
    else:
        began = f"{attempt.created.timestamp():.6f}"
        facts = [attempt.run_id, attempt.kind, str(attempt.slide_number), attempt.request_key, began]
    return hashlib.sha256("\0".join(facts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
