"""What is said of the schedule: a line a run, which names what somebody must look at, and the same for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, DecksReport, RunStatus
from pipeline.reporting.schedule import (
    JobRow,
    JobRun,
    describe_job_run,
    describe_schedule,
    job_note,
    job_run_json,
    schedule_json,
)

BEGAN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NEXT = datetime(2026, 11, 23, 2, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def outcome(name: str, status: RunStatus, code: ExitCode, **fields: object) -> DeckOutcome:
    return DeckOutcome(input=name, output=None, status=status, exit_code=code, **fields)


DECKS = DecksReport(
    decks=(
        outcome("a.pptx", RunStatus.SUCCESS, ExitCode.OK, planned=7, illustrated=7, cost_usd=0.4),
        outcome("b.pptx", RunStatus.FAILED, ExitCode.BAD_DECK, message="b.pptx: is damaged"),
    ),
    seconds=200.0,
)


def ended(**fields: object) -> JobRun:
    given = {"exit_code": ExitCode.BAD_DECK, "report": DECKS, "next_time": NEXT, **fields}
    return JobRun(name="nightly", began=BEGAN, ended=BEGAN + timedelta(seconds=200), **given)


def test_a_run_is_one_line():
    assert describe_job_run(ended()) == (
        "2026-11-20 01:03:20 UTC  nightly: 2 decks: 1 failed, 1 done (code 4); 7 of 7 pictures; $0.40; 3 min 20 s;"
        " next 2026-11-23 02:00 CET"
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"report": None, "message": "no such folder", "exit_code": ExitCode.USAGE}, "failed (code 2); 3 min 20 s; no"),
        (
            {"report": DecksReport(decks=(), seconds=0), "exit_code": ExitCode.NOTHING_TO_DO},
            "no deck was found (code 3)",
        ),
        ({"message": "terminated; run again for the 3 that are left"}, "for the 3 that are left; next"),
    ],
)
def test_why_nothing_was_made_is_told(fields, told):
    assert told in describe_job_run(ended(**fields))


def test_the_last_run_of_all_has_no_next():
    assert "next" not in describe_job_run(ended(next_time=None))
    assert json.loads(job_run_json(ended(next_time=None)))["next"] is None


def test_a_run_for_programs_is_one_line_too():
    line = job_run_json(ended())
    assert "\n" not in line
    told = json.loads(line)
    report = told.pop("report")
    assert told == {
        "job": "nightly",
        "began": "2026-11-20T01:00:00+00:00",
        "ended": "2026-11-20T01:03:20+00:00",
        "exit_code": 4,
        "message": "",
        "next": "2026-11-23T01:00:00+00:00",
    }
    assert [deck["input"] for deck in report["decks"]] == ["a.pptx", "b.pptx"]
    assert json.loads(job_run_json(ended(report=None)))["report"] is None


def test_a_note_says_when_and_of_which_job():
    assert job_note("nightly", BEGAN, "begins") == "2026-11-20 01:00:00 UTC  nightly: begins"


def test_the_schedule_names_each_job_and_its_next_times():
    row = {"cron": "0 2 * * *", "timezone": "Europe/Berlin", "source": "/in", "target": "/out"}
    rows = [JobRow(name="nightly", times=(NEXT,), **row), JobRow(name="leap", times=(), **row)]
    assert describe_schedule(rows) == (
        "nightly  0 2 * * *  Europe/Berlin\n  /in -> /out\n"
        "  Mon 2026-11-23 02:00 CET  =  2026-11-23 01:00 UTC\n"
        "\n"
        "leap  0 2 * * *  Europe/Berlin\n  /in -> /out\n  never"
    )
    first, second = json.loads(schedule_json(rows))["jobs"]
    assert first == {
        "name": "nightly",
        **row,
        "next": [{"local": "2026-11-23T02:00:00+01:00", "utc": "2026-11-23T01:00:00+00:00"}],
    }
    assert second["next"] == []
