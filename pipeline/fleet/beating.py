"""Celery beat with the entries of `schedule` in the settings: each due one is handed in as a job."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from celery.schedules import BaseSchedule, schedstate

from pipeline.config.cron import CronTimes
from pipeline.config.loader import Configuration
from pipeline.config.settings import ScheduledJob
from pipeline.errors import UsageError
from pipeline.fleet.app import SUBMIT_SCHEDULED, make_app

# Beat keeps here when each entry was due last, so that one that was missed is caught up with, once.
_FILE = "beat"
_NEVER = timedelta(days=365)


class CronSchedule(BaseSchedule):  # type: ignore[misc]  # Celery has no types
    """When a job is due, by the same clocks as `schedule` on one machine."""

    def __init__(self, cron: str, timezone: str, app: Celery | None = None) -> None:
        super().__init__(app=app)
        self.cron = cron
        self.timezone = timezone

    def is_due(self, last_run_at: datetime) -> Any:
        """Whether it is, and the seconds until it is worth looking again."""
        now = self.now()
        left = self._until(last_run_at, now)
        if left > timedelta(0):
            return schedstate(is_due=False, next=left.total_seconds())
        return schedstate(is_due=True, next=self._until(now, now).total_seconds())

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        return self._until(last_run_at, self.now())

    def _until(self, since: datetime, now: datetime) -> timedelta:
        due = CronTimes(self.cron, self.timezone).after(self.maybe_make_aware(since))
        return _NEVER if due is None else due - now

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CronSchedule) and (self.cron, self.timezone) == (other.cron, other.timezone)

    def __hash__(self) -> int:
        return hash((self.cron, self.timezone))

    def __reduce__(self) -> tuple[type[CronSchedule], tuple[str, str]]:
        return CronSchedule, (self.cron, self.timezone)


def beat(configuration: Configuration) -> None:
    """Until told to stop. Raises UsageError for a schedule that is empty."""
    app = make_app(configuration.settings.fleet)
    app.conf.beat_schedule = entries(configuration.settings.schedule, app)
    configuration.data.mkdir(parents=True, exist_ok=True)
    app.Beat(schedule=str(configuration.data / _FILE), loglevel="INFO", quiet=True).run()


def entries(schedule: tuple[ScheduledJob, ...], app: Celery) -> dict[str, dict[str, object]]:
    """Beat's own entries, by the jobs' names. Raises UsageError."""
    if not schedule:
        raise UsageError("schedule: empty; add jobs to it in the settings")
    return {
        job.name: {
            "task": SUBMIT_SCHEDULED,
            "schedule": CronSchedule(job.cron, job.timezone, app),
            "args": (job.model_dump(mode="json"),),
            "options": {"ignore_result": True},
        }
        for job in schedule
    }
