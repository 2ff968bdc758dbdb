"""A run and its slides as the history keeps them."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from dataclasses import replace

from pipeline.engine.clock import Clock
from pipeline.errors import ExitCode
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.records.history import RunRecord, RunState, SlideRecord

_STATES = {
    RunStatus.SUCCESS: RunState.SUCCESS,
    RunStatus.PARTIAL: RunState.PARTIAL,
    RunStatus.FAILED: RunState.FAILED,
    RunStatus.NOTHING_TO_DO: RunState.NOTHING_TO_DO,
    RunStatus.WAITING: RunState.WAITING,
}
_OF_CODES = {ExitCode.OK: RunState.SUCCESS, ExitCode.PARTIAL: RunState.PARTIAL}


def new_run_id(clock: Clock) -> str:
    """When it began, and what tells it from another that began in the same second."""
    return f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


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


def ended(begun: RunRecord, report: RunReport, output_hash: str, clock: Clock) -> RunRecord:
    """How a deck's run ended; `output_hash` is the SHA-256 of what was delivered, "" where nothing was."""
    statuses = [slide.status for slide in report.slides]
    return replace(
        begun,
        state=_STATES[report.status],
        output_hash=output_hash,
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


def slide_records(report: RunReport) -> list[SlideRecord]:
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
