"""What is written into the history, each within the transaction of the connection it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, not_, select, update

from pipeline.records.history import LOST, AttemptRecord, AttemptState, RunRecord, RunState, SlideRecord
from pipeline.store.history.rows import attempt_values, ended_values, run_values, slide_values
from pipeline.store.history.tables import attempts, runs, slides

_LOST_MESSAGE = "nobody saw how this call ended; it may have been charged"
_INSERT_ATTEMPT = insert(attempts)
_UPDATE_ATTEMPT = update(attempts).where(attempts.c.id == bindparam("number"))


def put_run(connection: Connection, run: RunRecord) -> None:
    """Write the row of `run`, new or anew."""
    values = run_values(run)
    if connection.execute(update(runs).where(runs.c.id == run.id), values).rowcount == 0:
        connection.execute(insert(runs), values)


def put_slides(connection: Connection, run_id: str, records: Sequence[SlideRecord]) -> None:
    """Write the rows of a run's slides in the place of those there are."""
    connection.execute(delete(slides).where(slides.c.run_id == run_id))
    if records:
        connection.execute(insert(slides), [slide_values(record) for record in records])


def insert_attempt(connection: Connection, attempt: AttemptRecord, number: int | None = None) -> int:
    """Write a new row and return its id: `number`, or where that is None one that nothing ever had."""
    values = attempt_values(attempt)
    if number is not None:
        values["id"] = number
    key = connection.execute(_INSERT_ATTEMPT, values).inserted_primary_key
    return int(key[0])  # type: ignore[index]  # one row was written


def put_attempt(connection: Connection, attempt: AttemptRecord, number: int) -> int:
    """Write the row `number` anew, or where it is no longer there a new one; return its id."""
    changed = connection.execute(_UPDATE_ATTEMPT, {"number": number, **attempt_values(attempt)})
    return number if changed.rowcount else insert_attempt(connection, attempt)


def end_attempt(connection: Connection, ended: AttemptRecord, number: int) -> None:
    """Write how the call in the row `number` ended, and what that says of earlier calls of the same request."""
    if connection.execute(_UPDATE_ATTEMPT, {"number": number, **ended_values(ended)}).rowcount == 0:
        number = insert_attempt(connection, ended)
    if ended.continues and ended.state is AttemptState.SUCCESS:
        settle_earlier(connection, ended.request_key, number)


def lose_pending(connection: Connection, run_id: str, now: datetime) -> None:
    """Every call of the run whose end nobody saw may have been charged; one of a batch is still to be collected.

    What it counts for budgets stays as it is.
    """
    mine = and_(attempts.c.run_id == run_id, attempts.c.batch == "", attempts.c.state == AttemptState.PENDING)
    connection.execute(
        update(attempts).where(mine),
        {
            "state": AttemptState.ERROR,
            "error_kind": LOST,
            "error": _LOST_MESSAGE,
            "may_be_charged": True,
            "finished": now,
        },
    )


def break_off(connection: Connection, run_id: str, now: datetime) -> None:
    """The run `run_id` died: what it had under way is lost, and it is over, if it had not said so itself."""
    lose_pending(connection, run_id, now)
    connection.execute(
        update(runs).where(runs.c.id == run_id, runs.c.state == RunState.PENDING),
        {"state": RunState.BROKEN_OFF, "finished": now},
    )


def settle_earlier(connection: Connection, request_key: str, number: int) -> None:
    """The call `number` went on with the last order of this request and saw its end: no other call of it is open.

    Orders before that one stay as they are: what became of them is still not known.
    """
    before: ColumnElement[bool] = and_(
        attempts.c.request_key == request_key, attempts.c.may_be_charged, attempts.c.id < number
    )
    order = select(func.max(attempts.c.id)).where(before, not_(attempts.c.continues)).scalar_subquery()
    settled = update(attempts).where(before, attempts.c.id >= func.coalesce(order, 0))
    counted = func.coalesce(attempts.c.cost_usd, 0.0)
    connection.execute(settled.values(may_be_charged=False, counted_usd=counted, counted_images=0))
