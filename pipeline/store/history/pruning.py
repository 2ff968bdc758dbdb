"""Forgetting old runs, but never what this month's budgets count or what is still to be collected."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, not_, or_, select

from pipeline.records.history import AttemptState, RunState
from pipeline.store.history.tables import attempts, runs, slides

# The services keep what a batch brought for 29 days; a run that says nothing for as long as this died unseen.
_UNDER_WAY = timedelta(days=60)


def prune(connection: Connection, older_than: timedelta, now: datetime) -> int:
    """Forget runs that ended longer ago than `older_than`; return how many."""
    month = now.astimezone().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ended = func.coalesce(runs.c.finished, runs.c.created)
    is_under_way = or_(
        runs.c.state.in_([RunState.PENDING, RunState.WAITING]),
        runs.c.id.in_(select(attempts.c.run_id).where(attempts.c.state == AttemptState.PENDING)),
    )
    called_this_month = runs.c.id.in_(select(attempts.c.run_id).where(attempts.c.created >= month))
    old = and_(
        ended < now - older_than,
        runs.c.created < month,
        not_(called_this_month),
        or_(not_(is_under_way), ended < now - _UNDER_WAY),
    )
    ids = list(connection.execute(select(runs.c.id).where(old)).scalars())
    for run_id in ids:
        connection.execute(delete(attempts).where(attempts.c.run_id == run_id))
        connection.execute(delete(slides).where(slides.c.run_id == run_id))
        connection.execute(delete(runs).where(runs.c.id == run_id))
    return len(ids)
