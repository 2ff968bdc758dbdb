"""One run of a job: its decks found, placed below its target, and made as its settings say."""

from __future__ import annotations

import glob
from pathlib import Path

from pipeline.config.loader import Configuration, for_job
from pipeline.config.settings import ScheduledJob
from pipeline.errors import FileAccessError, UsageError
from pipeline.outcomes import DecksReport
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.finding import find_decks
from pipeline.runs.collection.flow import illustrate_all
from pipeline.runs.collection.placing import orders
from pipeline.runs.preparing import Order


def job_named(name: str, configuration: Configuration) -> ScheduledJob:
    """Raises UsageError where no job of the schedule is called `name`."""
    jobs = {job.name: job for job in jobs_of(configuration)}
    if name not in jobs:
        raise UsageError(f"no job is called '{name}'; there are: {', '.join(jobs)}")
    return jobs[name]


def jobs_of(configuration: Configuration) -> tuple[ScheduledJob, ...]:
    """The jobs of the schedule. Raises UsageError where there is none."""
    jobs = configuration.settings.schedule
    if not jobs:
        raise UsageError("there are no jobs; write some under `schedule:` in a file, and name that with --config")
    return jobs


def make_decks(job: ScheduledJob, configuration: Configuration, around: Crowd) -> DecksReport:
    """Illustrate what is found for `job` now, into its target; what is done already is left as it is.

    Raises PipelineError where that cannot begin.
    """
    _check_places(job)
    target = Path(job.target)
    found = find_decks(
        [job.source],
        recursive=job.recursive,
        include=job.include,
        exclude=job.exclude,
        leave_out=(target,),
    )
    return illustrate_all(orders(found, target, Order(input=Path())), for_job(configuration, job), around)


def _check_places(job: ScheduledJob) -> None:
    """Raise PipelineError for what a job meets by night, with nobody there: a share that is not mounted."""
    for place in (job.source, job.target):
        if "://" in place:
            raise UsageError(f"job '{job.name}': {place}: is on no disk of this machine; `submit` reaches URLs")
    is_one = not job.source.startswith("@") and not glob.has_magic(job.source)
    if is_one and not Path(job.source).exists():
        raise FileAccessError(f"job '{job.name}': {job.source}: is not there; check the path, or whether it is mounted")
