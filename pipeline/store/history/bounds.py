"""What was spent, and whether one more call fits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from pipeline.errors import BudgetError
from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, AttemptState
from pipeline.store.history.counting import maybe_usd
from pipeline.store.history.questions import Bound, Scope, Spent
from pipeline.store.history.tables import Moment, Words, attempts, runs

# Sums of prices like 0.1 are not exact; nothing a service sells costs as little as this.
_TOLERANCE_USD = 1e-9

_calls = attempts.c
_usd = func.coalesce(func.sum(_calls.counted_usd), 0.0)
_maybe_usd = func.coalesce(func.sum(maybe_usd), 0.0)
_images = func.coalesce(func.sum(_calls.counted_images), 0)


def spent(connection: Connection, scope: Scope) -> Spent:
    """What counts within `scope`."""
    chosen = select(_usd, _maybe_usd, _images).where(*_conditions(0, _shape(scope)))
    usd, maybe, images = connection.execute(chosen, _values(0, scope)).one()
    return Spent(usd=usd, maybe_usd=maybe, images=images)


def check(connection: Connection | None, attempt: AttemptRecord, bounds: Sequence[Bound]) -> None:
    """Raise BudgetError for the first of `bounds` that `attempt` would exceed. No connection: nothing was ever spent.

    A call without a price fits as long as there is anything left.
    """
    found = _found(connection, bounds) if connection is not None and bounds else {}
    for bound in bounds:
        usd, images = found.get(bound.scope, (0.0, 0))
        found_wrong = problem(bound, usd, images, attempt)
        if found_wrong:
            error = BudgetError(f"{bound.name}: {found_wrong}")
            if connection is not None:
                own_usd, own_images = _under_way(connection, bound.scope, attempt.run_id)
                error.may_pass = not problem(bound, usd - own_usd, images - own_images, attempt)
            raise error


def _found(connection: Connection, bounds: Sequence[Bound]) -> dict[Scope, tuple[float, int]]:
    """Dollars and pictures that count within each scope."""
    scopes = list(dict.fromkeys(bound.scope for bound in bounds))
    values: dict[str, Any] = {}
    for place, scope in enumerate(scopes):
        values |= _values(place, scope)
    sums = connection.execute(_sums_statement(tuple(map(_shape, scopes))), values)
    return {scopes[place]: (usd, images) for place, usd, images in sums}


def problem(bound: Bound, usd: float, images: int, attempt: AttemptRecord) -> str:
    """Why the call does not fit, or ""."""
    usd, images = usd + bound.also_usd, images + bound.also_images
    price = 0.0 if attempt.continues else attempt.reserved_usd
    if bound.max_usd is not None and not _fits(usd, price, bound.max_usd):
        aside = f" and {_money(bound.also_usd)} set aside" if bound.also_usd else ""
        so_far = f"{_money(usd - bound.also_usd)} of {_money(bound.max_usd)} spent{aside}"
        if price is None:
            return f"{so_far}, the price of the next call is not known"
        return f"{so_far}, the next call costs about {_money(price)}"
    # A prompt is written for a picture that is among those set aside already.
    others = images if attempt.kind is CallKind.IMAGE else images - 1
    if bound.max_images is not None and not attempt.continues and others + 1 > bound.max_images:
        return f"{others} of {bound.max_images} pictures made or under way"
    return ""


def _fits(usd: float, price: float | None, most: float) -> bool:
    if price is None:
        return usd < most - _TOLERANCE_USD
    return usd + price <= most + _TOLERANCE_USD


def _money(usd: float) -> str:
    """Cents, and as many digits more as a small price needs."""
    return f"${usd:.2f}" if abs(usd - round(usd, 2)) < 0.00005 else f"${usd:.4f}"


def _under_way(connection: Connection, scope: Scope, run_id: str) -> tuple[float, int]:
    """Dollars and pictures of the run's own calls under way within `scope`, without those that wait in a batch."""
    own = (_calls.run_id == run_id, _calls.state == AttemptState.PENDING, _calls.batch == "")
    chosen = select(_usd, _images).where(*own, *_conditions(0, _shape(scope)))
    usd, images = connection.execute(chosen, _values(0, scope)).one()
    return usd, images


_Shape = tuple[bool, bool, bool, bool]


def _shape(scope: Scope) -> _Shape:
    return (scope.run_id is not None, scope.deck is not None, scope.since is not None, scope.project is not None)


def _values(place: int, scope: Scope) -> dict[str, Any]:
    digest, path = scope.deck or (None, None)
    named = {"run": scope.run_id, "since": scope.since, "project": scope.project, "hash": digest, "path": path}
    return {f"{name}_{place}": value for name, value in named.items() if value is not None}


@lru_cache(maxsize=64)
def _sums_statement(shapes: tuple[_Shape, ...]) -> CompoundSelect[Any]:
    """One statement for all scopes, built once: one way to the server and back."""
    parts = [
        select(literal(place, Integer).label("place"), _usd, _images).where(*_conditions(place, shape))
        for place, shape in enumerate(shapes)
    ]
    return union_all(*parts)


def _conditions(place: int, shape: _Shape) -> list[ColumnElement[bool]]:
    has_run, has_deck, has_since, has_project = shape
    conditions: list[ColumnElement[bool]] = []
    if has_run:
        conditions.append(_calls.run_id == bindparam(f"run_{place}", type_=Words))
    if has_since:
        conditions.append(_calls.created >= bindparam(f"since_{place}", type_=Moment))
    if has_deck:
        same_content = runs.c.deck_hash == bindparam(f"hash_{place}", type_=Words)
        same_path = runs.c.deck == bindparam(f"path_{place}", type_=Words)
        conditions.append(_calls.run_id.in_(select(runs.c.id).where(or_(same_content, same_path))))
    if has_project:
        of_project = runs.c.project == bindparam(f"project_{place}", type_=Words)
        conditions.append(_calls.run_id.in_(select(runs.c.id).where(of_project)))
    return conditions
