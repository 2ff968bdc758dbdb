"""What is counted in Redis for budgets: one counter for everything a budget may bound, by day where it bounds time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pipeline.records.history import AttemptRecord
from pipeline.store.history.counting import counted_images, counted_usd
from pipeline.store.history.questions import Scope

PREFIX = "deck-illustrator:spent"

# The month before last may still be asked for; a deck is made again within a year or so.
DAYS_TTL_S = 100 * 86_400
DECK_TTL_S = 400 * 86_400

# Machines' clocks disagree, and their midnights are a quarter of an hour apart at the least.
_QUARTER_S, _QUARTERS = 900, 96
_DAYS_AHEAD = 2
_ALL = "*"
_WHOLE = -1

Counter = tuple[str, int, int]
"""A key, the seconds it is kept, and the quarter of an hour of the day that is counted apart; -1: none."""

Term = tuple[int, str, int]
"""What a sum is made of: +1 or -1, a key, and the quarter from which on it counts; -1: all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose calls are counted: those of a run, perhaps of a deck (the SHA-256 of its bytes, its path) or a project."""

    run_id: str
    deck: tuple[str, str] | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a call counts. `maybe_usd` is the part of `usd` whose end is not known; `known_usd` what it surely cost.

    `is_open` while it may yet turn out to have been charged. With `ends_order` it saw the end of an order that an
    earlier call had made.
    """

    usd: float
    maybe_usd: float
    images: int
    known_usd: float
    is_open: bool
    ends_order: bool = False

    @classmethod
    def of(cls, attempt: AttemptRecord) -> Counted:
        """By the history's own rules."""
        usd = counted_usd(attempt)
        return cls(
            usd=usd,
            maybe_usd=usd if attempt.is_open else 0.0,
            images=counted_images(attempt),
            known_usd=attempt.cost_usd or 0.0,
            is_open=attempt.is_open,
        )


def counters_of(payer: Payer, created: datetime) -> list[Counter]:
    """What a call counts in that began at `created`, an aware time."""
    day, quarter = _day_and_quarter(created)
    counters = [(_run_key(payer.run_id), DECK_TTL_S, _WHOLE)]
    for project in {None, payer.project}:
        counters.append((_day_key(project, day), DAYS_TTL_S, quarter))
        if payer.deck is not None:
            counters += [(key, DECK_TTL_S, _WHOLE) for _, key in _deck_keys(project, payer.deck)]
    return counters


def terms_of(scope: Scope, now: datetime) -> list[Term]:
    """What counts within `scope`, to the quarter of an hour, at `now`, an aware time. Raises ValueError for others.

    Known are the scopes that settings bound: a run; a deck, or a time, of all projects or of one. A call stamped by a
    clock that is a day ahead counts.
    """
    match scope:
        case Scope(run_id=str(run_id), deck=None, since=None, project=None):
            return [(1, _run_key(run_id), _WHOLE)]
        case Scope(run_id=None, deck=tuple(deck), since=None):
            return [(sign, key, _WHOLE) for sign, key in _deck_keys(scope.project, deck)]
        case Scope(run_id=None, deck=None, since=datetime() as since):
            return list(_days(scope.project, since, now))
    raise ValueError(f"no budget bounds {scope}")


def pending_key(run_id: str) -> str:
    """Where the calls under way of a run are listed."""
    return f"{PREFIX}:pending:{run_id}"


def payer_key(run_id: str) -> str:
    """Where stands for which deck and project a run pays."""
    return f"{PREFIX}:payer:{run_id}"


def order_key(request_key: str) -> str:
    """Where stands which call made the last order of a request."""
    return f"{PREFIX}:order:{request_key}"


def _run_key(run_id: str) -> str:
    return f"{PREFIX}:run:{run_id}"


def _day_key(project: str | None, day: int) -> str:
    return f"{PREFIX}:day:{_project(project)}:{day}"


def _deck_keys(project: str | None, deck: tuple[str, str]) -> list[tuple[int, str]]:
    """A call counts whose deck has that content or that path; with both it would count twice."""
    content, path = (hashlib.sha256(one.encode("utf-8", "backslashreplace")).hexdigest()[:32] for one in deck)
    of_project = f"{PREFIX}:deck:{_project(project)}"
    return [(1, f"{of_project}:{content}"), (1, f"{of_project}:@{path}"), (-1, f"{of_project}:{content}@{path}")]


def _project(name: str | None) -> str:
    return _ALL if name is None else quote(name, safe="", errors="backslashreplace")


def _days(project: str | None, since: datetime, now: datetime) -> Iterator[Term]:
    first, quarter = _day_and_quarter(since)
    last, _ = _day_and_quarter(now)
    yield 1, _day_key(project, first), quarter or _WHOLE
    for day in range(first + 1, last + _DAYS_AHEAD):
        yield 1, _day_key(project, day), _WHOLE


def _day_and_quarter(moment: datetime) -> tuple[int, int]:
    quarters = int(moment.timestamp() // _QUARTER_S)
    return quarters // _QUARTERS, quarters % _QUARTERS
