"""Sums by day and model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.records import CallKind
from pipeline.records.history import NOT_MADE, AttemptState, StatRow
from pipeline.store.history.counting import maybe_usd
from pipeline.store.history.questions import RunFilter
from pipeline.store.history.reading import attempt_conditions
from pipeline.store.history.tables import attempts

_calls = attempts.c
_FACTS = select(
    _calls.created,
    _calls.service,
    _calls.model,
    _calls.kind,
    _calls.state,
    _calls.seconds,
    _calls.cost_usd,
    maybe_usd.label("maybe_usd"),
)


def stats(connection: Connection, wanted: RunFilter) -> list[StatRow]:
    """One row a local day, service and model; the latest day first. `wanted.limit` is how many rows at most."""
    groups: dict[tuple[date, str, str], list[Row[Any]]] = defaultdict(list)
    was_made = _calls.error_kind != NOT_MADE
    for call in connection.execute(_FACTS.where(was_made, *attempt_conditions(wanted))):
        groups[call.created.astimezone().date(), call.service, call.model].append(call)
    in_order = sorted(groups, key=lambda group: (-group[0].toordinal(), *group[1:]))
    return [_row(*group, groups[group]) for group in in_order[: wanted.limit]]


def _row(day: date, service: str, model: str, calls: Sequence[Row[Any]]) -> StatRow:
    succeeded = [call for call in calls if call.state == AttemptState.SUCCESS]
    ended = [call for call in calls if call.state != AttemptState.PENDING]
    seconds = [call.seconds for call in succeeded if call.seconds is not None]
    return StatRow(
        day=day,
        service=service,
        model=model,
        images=sum(call.kind == CallKind.IMAGE for call in succeeded),
        success_rate=len(succeeded) / len(ended) if ended else None,
        median_s=median(seconds) if seconds else None,
        cost_usd=sum(call.cost_usd or 0.0 for call in calls),
        maybe_usd=sum(call.maybe_usd for call in calls),
    )
