"""What a call counts against a budget. The only place that says so: rows keep what it says beside the record."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, func, not_, or_

from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, AttemptState
from pipeline.store.history.tables import attempts

_calls = attempts.c


def counted_usd(attempt: AttemptRecord) -> float:
    """What it cost where that is known. Else what it was priced at, where it came, is under way or may be charged.

    A call that goes on with an order counts nothing while its end is not known: the call that made the order does.
    """
    if attempt.cost_usd is not None:
        return attempt.cost_usd
    return (attempt.reserved_usd or 0.0) if _counts(attempt) else 0.0


def counted_images(attempt: AttemptRecord) -> int:
    """1 for a picture that came, is on its way or may have been charged, by the same rule."""
    return int(attempt.kind is CallKind.IMAGE and _counts(attempt))


def _counts(attempt: AttemptRecord) -> bool:
    if attempt.state is AttemptState.SUCCESS:
        return True
    return (attempt.state is AttemptState.PENDING or attempt.may_be_charged) and not attempt.continues


maybe_usd: ColumnElement[float] = case(
    (
        and_(
            _calls.cost_usd.is_(None),
            or_(_calls.state == AttemptState.PENDING.value, _calls.may_be_charged),
            not_(_calls.continues),
        ),
        func.coalesce(_calls.reserved_usd, 0.0),
    ),
    else_=0.0,
)
"""What a call was priced at whose end is not known."""
