"""The schedule itself: begin each job when it is due, never beside itself, until a signal ends all in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

from pipeline.config.cron import CronTimes
from pipeline.config.settings import ScheduledJob
from pipeline.engine.clock import Clock, StopCause, SystemClock
from pipeline.engine.messages import StopRequested, ThreadEnded
from pipeline.engine.threads import Mailbox, start_thread
from pipeline.errors import ExitCode, FileAccessError, PipelineError
from pipeline.outcomes import DecksReport
from pipeline.reporting.schedule import JobRun
from pipeline.runs.scheduling.clockwork import Clockwork, Times
from pipeline.runs.scheduling.memory import JobAtWorkError, Memory

log = logging.getLogger(__name__)

Work = Callable[[ScheduledJob, Mailbox], DecksReport]
"""Makes a job's decks, in whichever thread. Ends in order when its mailbox holds StopRequested. May raise anything."""

# How late a job may be where a timer did not run on, as while a machine sleeps.
_LOOK_EVERY_S = 20.0
_CODES = {StopCause.INTERRUPTED: ExitCode.INTERRUPTED, StopCause.TERMINATED: ExitCode.TERMINATED}
_STOPPED = frozenset(_CODES.values())


def _cron_times(job: ScheduledJob) -> Times:
    return CronTimes(job.cron, job.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the schedule is given from outside.

    `ended` hears of each run of a job, `note` is told (name, line) what else there is to say of one; both are called in
    the caller's thread. `signals` is entered with the mailbox where they arrive.
    """

    work: Work
    ended: Callable[[JobRun], None]
    note: Callable[[str, str], None]
    memory: Memory
    signals: Callable[[Mailbox], AbstractContextManager[None]] = lambda _mailbox: nullcontext()
    clock: Clock = field(default_factory=SystemClock)
    times: Callable[[ScheduledJob], Times] = _cron_times


def keep_schedule(jobs: Sequence[ScheduledJob], around: Around) -> ExitCode:
    """Run each of `jobs` whenever it is due until a signal comes; the code is that signal's.

    Jobs that are due at the same time run at the same time, a job never beside itself: what comes due meanwhile is left
    out. The first signal lets no job begin and ends those under way in order; the second raises KeyboardInterrupt at
    once. A time that passed while no schedule ran is caught up with, once, and so is a run that was broken off.
    Whatever becomes of a job, the schedule goes on. Raises FileAccessError where it cannot remember anything.
    """
    return _Keeper(jobs, around).keep()


@dataclass(frozen=True, slots=True)
class _Due:
    """A job is due."""

    name: str


@dataclass(slots=True, kw_only=True)
class _UnderWay:
    """One run of a job; `report` is there when its thread has ended well."""

    job: ScheduledJob
    began: datetime
    mailbox: Mailbox = field(default_factory=SimpleQueue)
    report: DecksReport | None = None


class _Keeper:
    """Owns what is known of the schedule; everyone else sends it messages."""

    def __init__(self, jobs: Sequence[ScheduledJob], around: Around) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._times = {job.name: around.times(job) for job in jobs}
        self._around = around
        self._mail: SimpleQueue[Any] = SimpleQueue()  # a Mailbox for whoever puts there; _Due goes through it too
        self._under_way: dict[str, _UnderWay] = {}
        self._cause: StopCause | None = None

    def keep(self) -> ExitCode:
        now = self._around.clock.now()
        clockwork = Clockwork(lambda name: self._mail.put(_Due(name)))
        for name, job in self._jobs.items():
            until = self._around.memory.dealt_with_until(job, now)
            clockwork.add(name, self._times[name], self._times[name].after(until))
        with self._around.signals(self._mail), clockwork:
            while self._cause is None or self._under_way:
                self._hear(clockwork)
        return _CODES[self._cause]

    def _hear(self, clockwork: Clockwork) -> None:
        try:
            message = self._mail.get(timeout=_LOOK_EVERY_S)
        except Empty:
            clockwork.look()
            return
        match message:
            case _Due(name=name) if self._cause is None:
                self._begin(self._jobs[name])
            case ThreadEnded(name=name, crash=crash):
                self._end(self._under_way.pop(name), crash)
            case StopRequested(cause=cause):
                self._cause = self._cause or cause
                for run in self._under_way.values():
                    run.mailbox.put(message)

    def _begin(self, job: ScheduledJob) -> None:
        if job.name in self._under_way:
            self._around.note(job.name, "is due, but its last run is not done; left out")
            return
        run = self._under_way[job.name] = _UnderWay(job=job, began=self._around.clock.now())
        self._around.note(job.name, "begins")
        start_thread(job.name, lambda: self._run(run), self._mail)

    def _run(self, run: _UnderWay) -> None:
        """In a thread of its own."""
        with self._around.memory.alone_with(run.job):
            run.report = self._around.work(run.job, run.mailbox)

    def _end(self, run: _UnderWay, crash: BaseException | None) -> None:
        now = self._around.clock.now()
        code, message = _how(run, crash)
        if code not in _STOPPED and not isinstance(crash, JobAtWorkError):  # whoever is at it will say so
            self._remember(run.job, now)
        ended = JobRun(
            name=run.job.name,
            began=run.began,
            ended=now,
            exit_code=code,
            report=run.report,
            message=message,
            next_time=None if self._cause is not None else self._next_time(run.job, now),
        )
        self._around.ended(ended)

    def _remember(self, job: ScheduledJob, until: datetime) -> None:
        try:
            self._around.memory.note(job, until)
        except FileAccessError as error:  # then it is caught up with once too often, which costs nothing
            self._around.note(job.name, str(error))

    def _next_time(self, job: ScheduledJob, now: datetime) -> datetime | None:
        when = self._times[job.name].after(now)
        return None if when is None else CronTimes(job.cron, job.timezone).shown(when)


def _how(run: _UnderWay, crash: BaseException | None) -> tuple[ExitCode, str]:
    """The code of a run that has ended, and why where its report does not say it."""
    if run.report is not None:
        return run.report.exit_code, run.report.message
    if isinstance(crash, PipelineError):
        return crash.exit_code, " ".join(str(crash).split())
    log.error("job %s broke off", run.job.name, exc_info=crash)
    return ExitCode.BUG, f"a bug: unexpected {type(crash).__name__}: {crash}"
