"""What the history is told of a run: that it begins, and how it ended."""

from __future__ import annotations

import getpass
import logging
import os
import secrets
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config.settings import Settings
from pipeline.engine.clock import Clock
from pipeline.errors import ExitCode, FileAccessError
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.records import CallKind
from pipeline.records.history import LOST, AttemptRecord, AttemptState, RunRecord, RunState, SlideRecord
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.money import money_of
from pipeline.store.batch_notes import read_note
from pipeline.store.files import temporaries
from pipeline.store.history import RunFilter
from pipeline.store.work_folder import Holder

log = logging.getLogger(__name__)

_STATES = {
    RunStatus.SUCCESS: RunState.SUCCESS,
    RunStatus.PARTIAL: RunState.PARTIAL,
    RunStatus.FAILED: RunState.FAILED,
    RunStatus.NOTHING_TO_DO: RunState.NOTHING_TO_DO,
    RunStatus.WAITING: RunState.WAITING,
}
_OF_CODES = {ExitCode.OK: RunState.SUCCESS, ExitCode.PARTIAL: RunState.PARTIAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A deck's run that the history knows of."""

    run: Run
    begun: RunRecord
    credits_per_image: float | None
    clock: Clock

    def ended(self, report: RunReport, output_hash: str) -> RunReport:
        """Write down how it ended, `output_hash` being the SHA-256 of what was delivered, "" where nothing was.

        Gives the report back with where its money went.

        A history that cannot be written now takes nothing back: the deck is delivered, what was paid for is kept.
        """
        history = self.run.keeping.history
        try:
            run = replace(_ended(self.begun, report, self.clock), output_hash=output_hash)
            history.end_run(run, _slide_records(report))
            attempts = self._calls(history.attempts(self.run.id))
        except FileAccessError as error:
            log.warning("the end of the run is not in the history: %s", error)
            return replace(report, message=report.message or f"the end of the run is not in the history: {error}")
        return replace(report, money=money_of(report, attempts, self.credits_per_image))

    def _calls(self, own: list[AttemptRecord]) -> list[AttemptRecord]:
        """The run's own calls, and those it collected from a batch that an earlier run handed in."""
        return [*(call for call in self.run.brought.calls if call.run_id != self.run.id), *own]


def begin(run: Run, dead: Holder | None, settings: Settings, around: Surroundings) -> Recording:
    """Tell the history of the run, and what became of `dead`, the one that held its output before and died.

    Raises FileAccessError where it cannot be written: what cannot be recorded must not be paid for.
    """
    history = run.keeping.history
    deck_hash, deck = run.account.deck or ("", "")
    begun = replace(
        beginning(run.id, around.clock, settings.project, len(run.board.open)),
        deck=deck,
        deck_hash=deck_hash,
        output=str(run.output.resolve()),
        work_key=run.work_key,
        lock=str(run.work_folder.lock_file.resolve()),
    )
    history.begin_run(begun, dead=None if dead is None else dead.run_id)
    for gone, output in _broken_off(run, dead, begun).items():
        history.begin_run(begun, dead=gone)
        _take_over(run, gone, output, around)
    _take_over_waiting(run, begun)
    return Recording(run=run, begun=begun, credits_per_image=settings.budget.credits_per_image, clock=around.clock)


def _broken_off(run: Run, dead: Holder | None, begun: RunRecord) -> dict[str, Path]:
    """The runs that held this lock before and never said how they ended, with their outputs.

    `dead` left its note; others left none: their end could not be written, they died before they had taken over, or
    somebody removed their work folder. Whoever holds the lock knows that none of them is at work.
    """
    under_way = run.keeping.history.runs(RunFilter(status=RunState.PENDING))
    before = [one for one in under_way if (one.lock, one.host) == (begun.lock, begun.host) and one.id != begun.id]
    noted = {} if dead is None else {dead.run_id: dead.output}
    return noted | {one.id: Path(one.output) for one in before}


def _take_over_waiting(run: Run, begun: RunRecord) -> None:
    """Earlier runs of this work folder that ended with a batch under way wait for it no more: this one does."""
    for one in run.keeping.history.runs(RunFilter(status=RunState.WAITING)):
        if (one.lock, one.host) == (begun.lock, begun.host):
            over = replace(one, state=RunState.SUCCESS, message=f"run {run.id} went on with it")
            run.keeping.history.end_run(over, run.keeping.history.slides(one.id))


def _take_over(run: Run, dead: str, output: Path, around: Surroundings) -> None:
    """Clear up after a run that died, and say what it may have paid for without an answer."""
    run.keeping.store.sweep(dead)
    _close_batches(run, dead)
    for left in temporaries(output.parent, dead):
        left.unlink(missing_ok=True)
    if run.keeping.history.run(dead) is None:  # it was refused before it could do anything
        return
    lost = [call for call in run.keeping.history.attempts(dead) if call.may_be_charged]
    usd = sum(call.reserved_usd or 0.0 for call in lost)
    told = f"; {len(lost)} of its calls, about ${usd:.4f}, may have been charged without an answer" if lost else ""
    around.tell(f"Run {dead} was broken off; this one goes on with what it paid for{told}.")


def new_run_id(clock: Clock) -> str:
    """When it began, and what tells it from another that began in the same second."""
    return f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _close_batches(run: Run, dead: str) -> None:
    """End the calls that were to be part of a batch which a dead run never came to hand in."""
    for kind in CallKind:
        name, note = f"{dead}-{kind}", read_note(run.work_folder.path, kind)
        if note is not None and note.name == name:
            continue
        for call in run.keeping.history.batch_attempts(name):
            if call.state is AttemptState.PENDING:
                run.keeping.history.end_attempt(
                    call.id, cost_usd=0.0, error_kind=LOST, error="the batch was never handed in"
                )


def beginning(run_id: str, clock: Clock, project: str | None, planned: int) -> RunRecord:
    """A run of this process that begins now, of nothing yet."""
    return RunRecord(
        id=run_id,
        state=RunState.PENDING,
        user=user_name(),
        project=project or "",
        host=socket.gethostname(),
        pid=os.getpid(),
        created=clock.now(),
        planned=planned,
    )


def _ended(begun: RunRecord, report: RunReport, clock: Clock) -> RunRecord:
    """How a deck's run ended."""
    statuses = [slide.status for slide in report.slides]
    return replace(
        begun,
        state=_STATES[report.status],
        finished=clock.now(),
        exit_code=int(report.exit_code),
        illustrated=statuses.count(SlideStatus.ILLUSTRATED),
        failed=statuses.count(SlideStatus.FAILED) + statuses.count(SlideStatus.PLACEHOLDER),
        message=report.message,
    )


def ended_with(begun: RunRecord, code: ExitCode, *, made: int, message: str, clock: Clock) -> RunRecord:
    """How a command ended that made `made` pictures without a deck."""
    return replace(
        begun,
        state=_OF_CODES.get(code, RunState.FAILED),
        finished=clock.now(),
        exit_code=int(code),
        illustrated=made,
        failed=begun.planned - made,
        message=message,
    )


def _slide_records(report: RunReport) -> list[SlideRecord]:
    """The slides of a run as the history keeps them; a picture's file is named by its digest."""
    return [_slide_record(report.run_id, slide) for slide in report.slides]


def _slide_record(run_id: str, slide: SlideOutcome) -> SlideRecord:
    return SlideRecord(
        run_id=run_id,
        number=slide.number,
        title=slide.title,
        status=slide.status.value,
        reason=slide.reason,
        prompt=slide.prompt,
        alt_text=slide.alt_text,
        provider=slide.provider,
        model=slide.model,
        image_hash=slide.image.stem if slide.image else "",
        cost_usd=slide.cost_usd,
        saved_usd=slide.saved_usd,
    )


def user_name() -> str:
    """Who runs this, as the system knows them; a number where it knows no name, as in containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""
