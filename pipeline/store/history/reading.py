"""What is read of the history: runs, slides and calls, all or those that are wanted."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from pipeline.errors import UsageError
from pipeline.records.history import AttemptRecord, AttemptState, RunRecord, RunState, SlideRecord
from pipeline.store.history.counting import maybe_usd
from pipeline.store.history.questions import RunFilter
from pipeline.store.history.rows import attempt_of, run_of, slide_of
from pipeline.store.history.tables import Words, attempts, runs, slides

_HASH_PREFIX = re.compile(r"[0-9a-fA-F]{4,64}")
_STATES = tuple(dict.fromkeys([*(state.value for state in RunState), *(state.value for state in AttemptState)]))
_NAMED = 3

_of_run = attempts.c.run_id == runs.c.id
_RUNS = select(
    runs,
    select(func.coalesce(func.sum(attempts.c.cost_usd), 0.0)).where(_of_run).scalar_subquery().label("cost_usd"),
    select(func.coalesce(func.sum(maybe_usd), 0.0)).where(_of_run).scalar_subquery().label("maybe_usd"),
)
_Conditions = list[ColumnElement[bool]]


def attempt(connection: Connection, number: int) -> AttemptRecord | None:
    row = connection.execute(select(attempts).where(attempts.c.id == number)).mappings().first()
    return None if row is None else attempt_of(row)


def run(connection: Connection, prefix: str) -> RunRecord | None:
    """The run of that id, or the only one whose id begins so. Raises UsageError where several do."""
    named = _RUNS.where(_begins(runs.c.id, prefix)).order_by(runs.c.id).limit(_NAMED)
    found = [run_of(row) for row in connection.execute(named).mappings()]
    if len(found) > 1 and found[0].id != prefix:  # the whole id sorts first
        names = ", ".join(run.id for run in found)
        raise UsageError(f"{prefix}: the ids of several runs begin so ({names}); give more of it")
    return next(iter(found), None)


def latest_runs(connection: Connection, wanted: RunFilter) -> list[RunRecord]:
    """The latest first. Raises UsageError for a status there is none of."""
    chosen = _RUNS.where(*_run_conditions(wanted)).order_by(runs.c.created.desc(), runs.c.id.desc()).limit(wanted.limit)
    return [run_of(row) for row in connection.execute(chosen).mappings()]


def slides_of(connection: Connection, run_id: str) -> list[SlideRecord]:
    chosen = select(slides).where(slides.c.run_id == run_id).order_by(slides.c.number)
    return [slide_of(row) for row in connection.execute(chosen).mappings()]


def attempts_of(connection: Connection, run_id: str | None, wanted: RunFilter) -> list[AttemptRecord]:
    """In the order in which they began. Raises UsageError for a status there is none of."""
    conditions = attempt_conditions(wanted)
    if run_id is not None:
        conditions.append(attempts.c.run_id == run_id)
    chosen = select(attempts).where(*conditions).order_by(attempts.c.id.desc()).limit(wanted.limit)
    return [attempt_of(row) for row in connection.execute(chosen).mappings()][::-1]


def batch(connection: Connection, name: str) -> list[AttemptRecord]:
    """The calls of one batch; none for the name "", which says that a call is of no batch."""
    # Named a second time as it stands in the index of batches, which is chosen for nothing else.
    of_batch = and_(attempts.c.batch != literal("", Words, literal_execute=True), attempts.c.batch == name)
    chosen = select(attempts).where(of_batch).order_by(attempts.c.id)
    return [attempt_of(row) for row in connection.execute(chosen).mappings()]


def batches_under_way(connection: Connection) -> list[AttemptRecord]:
    """The calls of batches whose end nobody saw yet."""
    is_of_one = attempts.c.batch != literal("", Words, literal_execute=True)
    is_open = attempts.c.state == AttemptState.PENDING
    chosen = select(attempts).where(is_of_one, is_open).order_by(attempts.c.id)
    return [attempt_of(row) for row in connection.execute(chosen).mappings()]


def attempt_conditions(wanted: RunFilter) -> _Conditions:
    """What a wanted call is known by. Raises UsageError for a status there is none of."""
    conditions: _Conditions = []
    if wanted.since is not None:
        conditions.append(attempts.c.created >= wanted.since)
    if wanted.service is not None:
        conditions.append(attempts.c.service == wanted.service)
    of_runs = _deck_and_project(wanted)
    if wanted.status is not None:
        if _known(wanted.status) in tuple(AttemptState):
            conditions.append(attempts.c.state == wanted.status)
        else:
            of_runs.append(runs.c.state == wanted.status)
    if of_runs:
        conditions.append(attempts.c.run_id.in_(select(runs.c.id).where(*of_runs)))
    return conditions


def _run_conditions(wanted: RunFilter) -> _Conditions:
    conditions = _deck_and_project(wanted)
    if wanted.since is not None:
        conditions.append(runs.c.created >= wanted.since)
    if wanted.service is not None:
        conditions.append(runs.c.id.in_(select(attempts.c.run_id).where(attempts.c.service == wanted.service)))
    if wanted.status is not None:
        if _known(wanted.status) in tuple(RunState):
            conditions.append(runs.c.state == wanted.status)
        else:
            conditions.append(runs.c.id.in_(select(attempts.c.run_id).where(attempts.c.state == wanted.status)))
    return conditions


def _deck_and_project(wanted: RunFilter) -> _Conditions:
    conditions: _Conditions = []
    if wanted.project is not None:
        conditions.append(runs.c.project == wanted.project)
    if wanted.deck is not None:
        deck = [runs.c.deck == wanted.deck, *(_ends(runs.c.deck, f"{bar}{wanted.deck}") for bar in "/\\")]
        if _HASH_PREFIX.fullmatch(wanted.deck):
            deck.append(_begins(runs.c.deck_hash, wanted.deck.lower()))
        conditions.append(or_(*deck))
    return conditions


# Databases disagree about upper and lower case in LIKE, so these look at the letters themselves.
def _begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return func.substr(column, 1, len(text)) == literal(text, Words)


def _ends(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    is_long_enough = func.length(column) >= len(text)
    return and_(is_long_enough, func.substr(column, func.length(column) - len(text) + 1) == literal(text, Words))


def _known(status: str) -> str:
    if status not in _STATES:
        raise UsageError(f"{status}: no status; there are {', '.join(_STATES)}")
    return status
