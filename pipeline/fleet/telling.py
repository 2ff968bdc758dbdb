"""What is told of jobs: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import ExitCode
from pipeline.fleet.job_records import DeadLetter, DeckRow, DeckState, Job
from pipeline.fleet.jobs import JobBook
from pipeline.fleet.waiting import describe_counts
from pipeline.outcomes import worst
from pipeline.reporting.tables import aligned, dollars

_LATEST = 20


def describe_job(job: Job, rows: Sequence[DeckRow]) -> str:
    """A line for each deck, and what they come to."""
    counts = Counter(row.state for row in rows)
    lines = [
        (str(row.number), row.state.value, _progress(row), dollars(row.cost_usd), row.source, row.message or row.target)
        for row in rows
    ]
    heads = ("#", "state", "pictures", "USD", "deck", "where, or why")
    total = f"{len(rows)} decks: {describe_counts(dict(counts))}; ${dollars(sum(row.cost_usd for row in rows))}"
    return "\n".join([*aligned([heads, *lines], right=(0, 2, 3)), total + ("; cancelled" if job.is_cancelled else "")])


def job_json(job: Job, rows: Sequence[DeckRow]) -> str:
    counts = Counter(row.state.value for row in rows)
    told = {
        **job.model_dump(mode="json"),
        "is_over": all(row.state.is_over for row in rows),
        "counts": dict(counts),
        "cost_usd": round(sum(row.cost_usd for row in rows), 6),
        "decks": [row.model_dump(mode="json") for row in rows],
    }
    return json.dumps(told, indent=2)


def describe_jobs(book: JobBook) -> str:
    """The jobs handed in last, a line each."""
    lines = [f"{job_id}  {describe_counts(book.counts(job_id))}" for job_id in book.latest(_LATEST)]
    return "\n".join(lines) or "No job was handed in yet."


def jobs_json(book: JobBook) -> str:
    told = {one: {state.value: count for state, count in book.counts(one).items()} for one in book.latest(_LATEST)}
    return json.dumps({"jobs": told}, indent=2)


def describe_dead(letters: Sequence[DeadLetter]) -> str:
    lines = [f"{one.at:%Y-%m-%d %H:%M}  {one.job} deck {one.deck}: {one.task}: {one.reason}" for one in letters]
    return "\n".join(lines) or "No task was given up."


def dead_json(letters: Sequence[DeadLetter]) -> str:
    return json.dumps({"dead": [one.model_dump(mode="json") for one in letters]}, indent=2)


def exit_code_of(rows: Sequence[DeckRow]) -> ExitCode:
    """The worst of all decks, see `outcomes.worst`. A deck that was cancelled counts as interrupted."""
    return worst({_code(row) for row in rows})


def _code(row: DeckRow) -> ExitCode:
    if row.state is DeckState.CANCELLED:
        return ExitCode.INTERRUPTED
    return ExitCode.BUG if row.exit_code is None else row.exit_code


def _progress(row: DeckRow) -> str:
    if row.state.is_over:
        return f"{row.illustrated}/{row.planned}"
    return f"{row.drawn}/{row.to_draw}" if row.to_draw else ""
