"""Beat's entries: due when the schedule's own clocks say so, once for what was missed."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config.settings import ScheduledJob
from pipeline.errors import UsageError
from pipeline.fleet.app import SUBMIT_SCHEDULED
from pipeline.fleet.beating import CronSchedule, entries

MONDAY_2_IN_BERLIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def schedule_at(now: datetime) -> CronSchedule:
    made = CronSchedule("0 2 * * mon-fri", "Europe/Berlin")
    made.nowfun = lambda: now
    return made


@pytest.fixture
def jobs():
    return (
        ScheduledJob(name="nightly", cron="0 2 * * mon-fri", timezone="Europe/Berlin", source="/in", target="/out"),
    )


def test_it_is_due_by_the_clocks_of_its_own_zone():
    early = schedule_at(MONDAY_2_IN_BERLIN - timedelta(seconds=30)).is_due(MONDAY_2_IN_BERLIN - timedelta(hours=1))
    assert tuple(early) == (False, 30.0)
    due, wait_s = schedule_at(MONDAY_2_IN_BERLIN).is_due(MONDAY_2_IN_BERLIN - timedelta(hours=1))
    assert (due, wait_s) == (True, 86_400.0)


def test_what_was_missed_is_caught_up_with_once():
    now = MONDAY_2_IN_BERLIN + timedelta(days=3, hours=5)
    assert schedule_at(now).is_due(MONDAY_2_IN_BERLIN - timedelta(hours=1))[0]
    assert not schedule_at(now).is_due(now - timedelta(seconds=1))[0]


def test_beat_finds_it_again_in_its_file():
    made = CronSchedule("0 2 * * *", "UTC")
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own
    assert made != CronSchedule("0 3 * * *", "UTC")


def test_each_job_is_an_entry_that_carries_no_secret(jobs):
    found = entries(jobs, app=None)
    assert found["nightly"]["task"] == SUBMIT_SCHEDULED
    assert found["nightly"]["args"][0]["source"] == "/in"


def test_an_empty_schedule_is_refused():
    with pytest.raises(UsageError, match="schedule"):
        entries((), app=None)
