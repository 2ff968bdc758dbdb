"""The last task of a deck: the ordinary run over the shared store, which finds there what the others paid for."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Stopped
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, FileAccessError, PipelineError
from pipeline.events import Event
from pipeline.files import file_digest
from pipeline.fleet.addresses import beside, digest_at, name_of, put_bytes
from pipeline.fleet.job_records import DeckRow, DeckState, Job
from pipeline.fleet.workshop import RedisAway, Workshop
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome
from pipeline.runs.assembly import Surroundings
from pipeline.runs.collection.outcomes import outcome_of
from pipeline.runs.deck_run import illustrate
from pipeline.runs.past.done_before import digest_of, work_key
from pipeline.runs.preparing import Order
from pipeline.store.shared.depot import download, upload
from pipeline.telling.messages import deck_report

log = logging.getLogger(__name__)

_STATES = {
    ExitCode.OK: DeckState.COMPLETED,
    ExitCode.NOTHING_TO_DO: DeckState.COMPLETED,
    ExitCode.PARTIAL: DeckState.PARTIAL,
}
_DELIVERING = "delivering"  # what is noted of a deck before it is put at its target: its SHA-256


def finish(workshop: Workshop, job: Job, deck: DeckRow) -> None:
    """Have the deck and its report at the target, and its end in the book.

    Raises Stopped where the worker has to end first, RedisError, and PipelineError where Redis is to blame.
    """
    with workshop.room() as folder:
        try:
            report, work = _run(workshop, job, deck, folder)
            report = _with_paid(report, workshop.book.paid_by_slide(job.id, deck.number))
            _deliver(workshop, job, deck, report, work)
        except PipelineError as error:
            if workshop.is_to_blame(error):
                raise
            report = _refusal(deck, error)
        if report.exit_code in {ExitCode.TERMINATED, ExitCode.INTERRUPTED}:
            raise Stopped
        if report.exit_code not in _STATES and workshop.is_to_blame(report.message):
            raise RedisAway(report.message)
    _tell(workshop, job, deck, report)


def end_as_before(workshop: Workshop, job: Job, deck: DeckRow) -> None:
    """The deck was made before, of the very same, and stands at its target: there is nothing to do for it."""
    _tell(
        workshop,
        job,
        deck,
        RunReport(
            run_id="",
            status=RunStatus.SUCCESS,
            exit_code=ExitCode.OK,
            input=Path(deck.source),
            output=Path(deck.target),
            message="it was made already, of the same deck and settings",
        ),
    )


def _tell(workshop: Workshop, job: Job, deck: DeckRow, report: RunReport) -> None:
    output = None if report.output is None else deck.target
    partial = report.partial_output
    outcome = replace(outcome_of(report), input=deck.source, output=output)
    # What stood on this machine is gone.
    slides = tuple(replace(slide, image=None) for slide in report.slides)
    told = replace(report, slides=slides, work_folder=None, partial_output=None)
    whole = deck_report(outcome, told)
    if partial is not None:
        whole["partial_output"] = _partial_of(deck, partial)
    url = "" if report.run_id == "" and report.exit_code is ExitCode.OK else _report_put(deck, whole)
    is_first = workshop.book.end(
        job.id,
        deck.number,
        _STATES.get(report.exit_code, DeckState.FAILED),
        exit_code=int(report.exit_code),
        message=report.message,
        report=url,
        planned=outcome.planned,
        illustrated=outcome.illustrated,
        failed=outcome.failed,
        cost_usd=report.cost_usd,
    )
    if is_first:
        workshop.tell_of(outcome, told)


def _run(workshop: Workshop, job: Job, deck: DeckRow, folder: Path) -> tuple[RunReport, str]:
    source, target = folder / "in" / name_of(deck.source), folder / "out" / name_of(deck.target)
    source.parent.mkdir()
    target.parent.mkdir()
    download(deck.source, source)
    mailbox: Mailbox = SimpleQueue()
    around = Surroundings(
        sink=workshop.teller.watching(_unheard),
        clock=workshop.clock,
        rng=workshop.rng,
        mailbox=mailbox,
        keeping=workshop.keeping,
        limits=workshop.limits,
    )
    order, configuration = Order(input=source, output=target, force=job.force), workshop.settings_for(job)
    with workshop.ending_too(mailbox):
        report = illustrate(order, configuration, around)
    return report, work_of(source, configuration)


def work_of(deck: Path, configuration: Configuration) -> str:
    """What the result of a deck hangs on. Raises as `work_key` does."""
    return work_key(Order(input=deck), digest_of(deck), configuration)


def _unheard(event: Event) -> None:
    """The book tells how far a deck is."""


def _deliver(workshop: Workshop, job: Job, deck: DeckRow, report: RunReport, work: str) -> None:
    """Put what was made at its target. Raises FileAccessError where that may not be overwritten."""
    book = workshop.book
    if report.output is not None:
        sha256, there = file_digest(report.output), digest_at(deck.target)
        ours = {sha256, book.noted(job.id, deck.number, _DELIVERING), book.delivered(deck.target)[1]}
        if there and there not in ours and not job.force:
            raise FileAccessError(f"{deck.target}: exists already; name another target, or overwrite with --force")
        book.note(job.id, deck.number, **{_DELIVERING: sha256})
        upload(report.output, deck.target)
        if report.exit_code is ExitCode.OK:
            book.note_delivered(deck.target, work=work, sha256=sha256)
    if report.partial_output is not None:
        upload(report.partial_output, _partial_of(deck, report.partial_output))


def _partial_of(deck: DeckRow, partial: Path) -> str:
    return beside(deck.target, f".partial{partial.suffix}")


def _refusal(deck: DeckRow, error: PipelineError) -> RunReport:
    return RunReport(
        run_id="",
        status=RunStatus.FAILED,
        exit_code=error.exit_code,
        input=Path(deck.source),
        message=" ".join(str(error).split()),
    )


def _with_paid(report: RunReport, paid: dict[int, float]) -> RunReport:
    """What the other tasks paid for was paid in this job, though the run found it in the store."""
    slides = tuple(_slide_with(slide, paid.get(slide.number, 0.0)) for slide in report.slides)
    total = sum(paid.values())
    money = replace(
        report.money,
        delivered_usd=report.money.delivered_usd + total,
        saved_usd=max(0.0, report.money.saved_usd - total),
    )
    return replace(report, slides=slides, cost_usd=report.cost_usd + total, money=money)


def _slide_with(slide: SlideOutcome, paid_usd: float) -> SlideOutcome:
    saved_usd = max(0.0, slide.saved_usd - paid_usd)
    return replace(slide, cost_usd=slide.cost_usd + paid_usd, saved_usd=saved_usd)


def _report_put(deck: DeckRow, report: dict[str, Any]) -> str:
    """The JSON report beside the target: its URL, "" where it cannot be written, which is logged."""
    url = beside(deck.target, ".json")
    try:
        put_bytes(json.dumps(report, indent=2).encode(), url)
    except PipelineError as error:
        log.warning("no report of %s: %s", deck.source, error)
        return ""
    return url
