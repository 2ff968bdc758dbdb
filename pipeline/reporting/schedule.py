"""The schedule for people and for programs: when its jobs are due, and how each run of one ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport
from pipeline.reporting.cells import counted, money, took
from pipeline.reporting.decks_json import decks_json
from pipeline.reporting.decks_totals import STATUS_WORDS, totals_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job and its next `times`, aware, as the clocks in its time zone show them."""

    name: str
    cron: str
    timezone: str
    source: str
    target: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One run of a job that has ended. Moments are aware; `next_time` None where none is to come.

    `report` is None where it could not begin, or broke off, for the reason `message`.
    """

    name: str
    began: datetime
    ended: datetime
    exit_code: ExitCode
    report: DecksReport | None
    message: str = ""
    next_time: datetime | None = None


def describe_schedule(rows: Iterable[JobRow]) -> str:
    """Two lines a job, then its next times there and in UTC."""
    return "\n\n".join("\n".join(_job_lines(row)) for row in rows)


def schedule_json(rows: Sequence[JobRow]) -> str:
    """The same as one JSON object; times are ISO 8601."""
    jobs = [
        {
            "name": row.name,
            "cron": row.cron,
            "timezone": row.timezone,
            "source": row.source,
            "target": row.target,
            "next": [{"local": when.isoformat(), "utc": _iso(when)} for when in row.times],
        }
        for row in rows
    ]
    return json.dumps({"jobs": jobs}, indent=2)


def describe_job_run(run: JobRun) -> str:
    """One line: how it ended, what was made, when it is due again."""
    told = [_ending(run)]
    if run.report is not None and run.report.decks:
        totals = totals_of(run.report)
        told += [f"{totals.illustrated:,} of {counted(totals.planned, 'picture')}", money(totals.cost_usd)]
    told.append(took((run.ended - run.began).total_seconds()))
    if run.message:
        told.append(run.message)
    if run.next_time is not None:
        told.append(f"next {_shown(run.next_time)}")
    return f"{_stamp(run.ended)}  {run.name}: {'; '.join(told)}"


def job_run_json(run: JobRun) -> str:
    """The same as one JSON object on one line; `report` is that of all its decks (see `decks_json`), or null."""
    return json.dumps(
        {
            "job": run.name,
            "began": _iso(run.began),
            "ended": _iso(run.ended),
            "exit_code": int(run.exit_code),
            "message": run.message,
            "next": None if run.next_time is None else _iso(run.next_time),
            "report": None if run.report is None else json.loads(decks_json(run.report)),
        }
    )


def job_note(name: str, when: datetime, text: str) -> str:
    """One line on a job besides: that it begins, or why it does not."""
    return f"{_stamp(when)}  {name}: {text}"


def _ending(run: JobRun) -> str:
    if run.report is None:
        return f"failed (code {int(run.exit_code)})"
    if not run.report.decks:
        return f"no deck was found (code {int(run.exit_code)})"
    ends = [f"{count:,} {STATUS_WORDS[status]}" for status, count in totals_of(run.report).by_status.items() if count]
    return f"{counted(len(run.report.decks), 'deck')}: {', '.join(ends)} (code {int(run.exit_code)})"


def _job_lines(row: JobRow) -> Iterator[str]:
    yield f"{row.name}  {row.cron}  {row.timezone}"
    yield f"  {row.source} -> {row.target}"
    for when in row.times:
        yield f"  {when:%a} {_shown(when)}  =  {_shown(when.astimezone(UTC))}"
    if not row.times:
        yield "  never"


def _shown(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"


def _stamp(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds")
