"""Waiting for a job, with a line for every change."""

from __future__ import annotations

from collections.abc import Callable

from redis.exceptions import RedisError

from pipeline.engine.clock import Clock, StopSignal
from pipeline.fleet.job_records import DeckState, Job
from pipeline.fleet.jobs import JobBook
from pipeline.store.shared.connecting import PATIENCE_S, is_passing, unreachable

_LOOK_EVERY_S = 0.5


def wait_for(book: JobBook, job: Job, clock: Clock, *, tell: Callable[[str], None]) -> None:
    """Return when every deck of `job` is over. Raises FileAccessError where Redis is away for too long."""
    said, answered = "", clock.monotonic()
    while True:
        try:
            counts = book.counts(job.id)
        except RedisError as error:
            if not is_passing(error) or clock.monotonic() - answered > PATIENCE_S:
                raise unreachable(error) from error
        else:
            answered = clock.monotonic()
            line = f"{job.id}: {describe_counts(counts)}"
            if line != said:
                tell(line)
                said = line
            if not (counts[DeckState.PENDING] or counts[DeckState.PROCESSING]):
                return
        clock.sleep(_LOOK_EVERY_S, StopSignal())


def describe_counts(counts: dict[DeckState, int]) -> str:
    """As "3 processing, 7 completed"."""
    return ", ".join(f"{count} {state.value.lower()}" for state, count in counts.items() if count)
