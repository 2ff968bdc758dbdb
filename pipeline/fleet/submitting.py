"""Decks are handed in: found, written into the book of jobs, and put into the queue."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from celery import Celery

from pipeline.config.loader import Configuration
from pipeline.config.paths import flatten
from pipeline.config.settings import ScheduledJob
from pipeline.engine.clock import Clock
from pipeline.errors import UsageError
from pipeline.fleet.addresses import below, is_url, placed
from pipeline.fleet.app import BEGIN_DECK, DECKS
from pipeline.fleet.job_records import Job
from pipeline.fleet.jobs import JobBook
from pipeline.fleet.remote_decks import find_remote
from pipeline.runs.collection.finding import find_decks
from pipeline.runs.past.run_records import new_run_id

log = logging.getLogger(__name__)

# What decides how a deck comes out and means the same on every machine; a setting of another section is the worker's.
_TRAVELLING = ("style", "project", "gate", "prompts", "images", "rules", "layout")
_OF_ONE_MACHINE = {"prompts.folder"}
_WHOLE = ("prompts", "images")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person hands in: sources, paths or URLs, and the folder, a path or URL, the results go to."""

    sources: Sequence[str]
    target: str
    recursive: bool = False
    include: Collection[str] = ()
    exclude: Collection[str] = ()
    force: bool = False
    label: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    stdin: Iterable[str] = ()


def submit(wish: Wish, book: JobBook, app: Celery, clock: Clock) -> Job:
    """Hand the decks in and return the job. Raises UsageError where there is none, or two would have one target."""
    decks = list(_pairs(wish))
    _check(decks)
    job = Job(
        id=new_run_id(clock),
        created=clock.now(),
        count=len(decks),
        label=wish.label,
        values=dict(wish.values),
        force=wish.force,
    )
    book.open_job(job, decks)
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(1, job.count + 1):
            app.send_task(BEGIN_DECK, (job.id, number), queue=DECKS, producer=producer, ignore_result=True)
    return job


def travelling(configuration: Configuration) -> dict[str, Any]:
    """The submitter's own settings that decide the result, by dotted key. None of them is a secret."""
    chosen = {key for key, origin in configuration.origins.items() if origin != "default"}
    values: dict[str, Any] = {}
    for section, value in configuration.settings.model_dump(mode="json", include=set(_TRAVELLING)).items():
        if not isinstance(value, dict):
            values |= {section: value} if section in chosen else {}
            continue
        own = {f"{section}.{key}": one for key, one in value.items()}
        is_chosen = any(key.startswith(f"{section}.") for key in chosen)
        # A writer or painter is named by several keys together: all of them go where one was chosen.
        values |= {
            key: one
            for key, one in own.items()
            if key not in _OF_ONE_MACHINE and (key in chosen or (section in _WHOLE and is_chosen))
        }
    return values


def submit_scheduled(entry: Mapping[str, Any], book: JobBook, app: Celery, clock: Clock) -> Job | None:
    """Hand in what an entry of the schedule names; None where its last job is still under way."""
    due = ScheduledJob.model_validate(entry)
    last = book.last_of(due.name)
    if last and not book.is_over(last):
        log.warning("schedule %s: job %s is still under way; this time is left out", due.name, last)
        return None
    wish = Wish(
        sources=[due.source],
        target=due.target,
        recursive=due.recursive,
        include=due.include,
        exclude=due.exclude,
        label=due.name,
        values=dict(flatten(due.settings)),
    )
    try:
        job = submit(wish, book, app, clock)
    except UsageError as error:
        log.warning("schedule %s: %s", due.name, error)
        return None
    book.note_last_of(due.name, job.id)
    return job


def _pairs(wish: Wish) -> Iterator[tuple[str, str]]:
    """Source and target of each deck. Raises what keeps a source from being looked into."""
    folder = placed(wish.target)
    for url in map(placed, filter(is_url, wish.sources)):
        found_there = find_remote(url, recursive=wish.recursive, include=wish.include, exclude=wish.exclude)
        yield from ((source, below(folder, relative)) for source, relative in found_there)
    local = find_decks(
        [source for source in wish.sources if not is_url(source)],
        recursive=wish.recursive,
        include=wish.include,
        exclude=wish.exclude,
        stdin=wish.stdin,
        leave_out=() if is_url(folder) else (Path(folder),),
    )
    for found in local:
        if found.problem is not None:
            raise found.problem
        yield placed(str(found.path)), below(folder, found.relative.as_posix())


def _check(decks: Sequence[tuple[str, str]]) -> None:
    if not decks:
        raise UsageError("no deck was found; name decks, folders (-r for those below), patterns or URLs")
    taken: dict[str, str] = {}
    for source, target in decks:
        if source == target:
            raise UsageError(f"{source}: would be its own target; name another with -o")
        other = taken.setdefault(target, source)
        if other != source:
            raise UsageError(f"{source}: its target {target} is that of {other} already; hand one in by itself")
