"""The command that makes decks by the clock: keep the schedule, list it, run one of its jobs now."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue

from pipeline.cli.arguments import Parser, parser_of
from pipeline.cli.making import add_making, making_configuration
from pipeline.cli.signals import stopping_in_order
from pipeline.cli.surroundings import add_logging, logging_as_asked, telling
from pipeline.config.cron import CronTimes
from pipeline.config.loader import Configuration
from pipeline.config.settings import ScheduledJob
from pipeline.engine.clock import SystemClock
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport
from pipeline.reporting.decks_console import DecksConsole
from pipeline.reporting.schedule import (
    JobRow,
    JobRun,
    describe_job_run,
    describe_schedule,
    job_note,
    job_run_json,
    schedule_json,
)
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.scheduling.making import job_named, jobs_of, make_decks
from pipeline.runs.scheduling.memory import Memory

_SCHEDULE = """\
Make decks by the clock, as the jobs under `schedule:` in the settings say: each has a cron expression, a time zone, a
source, a target, and settings of its own if it likes, which win over all others. A job never runs beside itself; a
time that was missed is caught up with once. Ctrl-C or SIGTERM ends what is under way in order; start it again to go on.

  %(prog)s schedule --config illustrate.yaml                   keep the schedule
  %(prog)s schedule --config illustrate.yaml --list            the jobs, and when each is due
  %(prog)s schedule --config illustrate.yaml --once nightly    run one now and end in its code, for cron and the like
"""
_NEXT = 3

Work = Callable[[ScheduledJob, Mailbox], DecksReport]
"""Makes the decks of a job; the mailbox is where signals arrive."""


def schedule_parser() -> Parser:
    parser = parser_of("schedule", _SCHEDULE)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help=f"say when each job is due, the next {_NEXT} times")
    what.add_argument("--once", metavar="NAME", help="run this job now, and nothing by the clock")
    add_logging(parser)
    add_making(parser)
    return parser


def run_schedule(options: argparse.Namespace) -> ExitCode:
    configuration = making_configuration(options)
    if options.list:
        rows = [_row(job) for job in jobs_of(configuration)]
        print(schedule_json(rows) if options.json else describe_schedule(rows))
        return ExitCode.OK
    # Several jobs share the terminal: none draws a bar.
    clock, console = SystemClock(), DecksConsole(sys.stderr, quiet=options.quiet, plain=True)
    with (
        telling(configuration, clock, console.told) as teller,
        logging_as_asked(options, configuration) as echo,
    ):
        crowd = Crowd(
            heard=teller.deck_ended,
            watching=teller.watching,
            progress=console,
            clock=clock,
            log_echo=echo,
            log_format=options.log_format,
        )

        def made(job: ScheduledJob, mailbox: Mailbox) -> DecksReport:
            """In whichever thread."""
            report = make_decks(job, configuration, replace(crowd, mailbox=mailbox))
            teller.decks_ended(report)
            return report

        if options.once is not None:
            return _once(job_named(options.once, configuration), configuration, made, options)
        return _keep(configuration, made, options)


def _row(job: ScheduledJob) -> JobRow:
    times = CronTimes(job.cron, job.timezone)
    found: list[datetime] = []
    when = times.after(SystemClock().now())
    while when is not None and len(found) < _NEXT:
        found.append(times.shown(when))
        when = times.after(when)
    return JobRow(
        name=job.name,
        cron=job.cron,
        timezone=job.timezone,
        source=job.source,
        target=job.target,
        times=tuple(found),
    )


def _once(job: ScheduledJob, configuration: Configuration, made: Work, options: argparse.Namespace) -> ExitCode:
    mailbox: Mailbox = SimpleQueue()
    clock = SystemClock()
    began = clock.now()
    with Memory(configuration.data).alone_with(job), stopping_in_order(mailbox):
        report = made(job, mailbox)
    run = JobRun(
        name=job.name,
        began=began,
        ended=clock.now(),
        exit_code=report.exit_code,
        report=report,
        message=report.message,
    )
    _tell(run, options)
    return run.exit_code


def _keep(configuration: Configuration, made: Work, options: argparse.Namespace) -> ExitCode:
    from pipeline.runs.scheduling.flow import Around, keep_schedule  # noqa: PLC0415 - loads APScheduler

    clock = SystemClock()
    around = Around(
        work=made,
        ended=lambda run: _tell(run, options),
        note=lambda name, text: _note(job_note(name, clock.now(), text), options),
        memory=Memory(configuration.data),
        signals=stopping_in_order,
        clock=clock,
    )
    return keep_schedule(jobs_of(configuration), around)


def _tell(run: JobRun, options: argparse.Namespace) -> None:
    """Each run as it ends: whoever reads a log must not wait for the next line."""
    if options.json:
        print(job_run_json(run), flush=True)
    if not options.quiet:
        print(describe_job_run(run), file=sys.stderr if options.json else sys.stdout, flush=True)
    elif run.exit_code not in (ExitCode.OK, ExitCode.NOTHING_TO_DO):
        print(describe_job_run(run), file=sys.stderr, flush=True)


def _note(line: str, options: argparse.Namespace) -> None:
    if not options.quiet:
        print(line, file=sys.stderr, flush=True)
