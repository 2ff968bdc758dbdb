"""How a run ended: its exit code, its status, its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.clock import StopCause, StopSignal
from pipeline.errors import ExitCode, PipelineError
from pipeline.outcomes import RunReport, RunStatus, SlideStatus
from pipeline.runs.assembly import Run

_EXIT_CODES = {
    StopCause.PROMPT_GATE: ExitCode.PROMPT_GATE,
    StopCause.IMAGE_GATE: ExitCode.IMAGE_GATE,
    StopCause.CREDENTIALS: ExitCode.CREDENTIALS,
    StopCause.FILE_ACCESS: ExitCode.FILE_ACCESS,
    StopCause.BUDGET: ExitCode.BUDGET,
    StopCause.INTERRUPTED: ExitCode.INTERRUPTED,
    StopCause.TERMINATED: ExitCode.TERMINATED,
    StopCause.BUG: ExitCode.BUG,
}

_STATUSES = {
    ExitCode.OK: RunStatus.SUCCESS,
    ExitCode.PARTIAL: RunStatus.PARTIAL,
    ExitCode.NOTHING_TO_DO: RunStatus.NOTHING_TO_DO,
    ExitCode.WAITING: RunStatus.WAITING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was written in the end, with its SHA-256, or why it could not be."""

    path: Path | None = None
    sha256: str = ""
    failure: PipelineError | None = None


def report_of(run: Run, delivery: Delivery, *, under_way: str = "") -> RunReport:
    """All that is known of `run` but how long it took; `under_way` is what a batch still has of it, in a line."""
    board = run.board
    outcomes = tuple(board.outcomes.values())
    code = ExitCode.WAITING if under_way else _exit_code(run, delivery)
    is_whole = run.stop.cause is None
    return RunReport(
        run_id=run.id,
        status=_STATUSES.get(code, RunStatus.FAILED),
        exit_code=code,
        input=run.prepared.order.input,
        output=delivery.path if is_whole else None,
        partial_output=None if is_whole else delivery.path,
        work_folder=run.work_folder.path if run.prepared.jobs else None,
        message=_why_stopped(run.stop) or _told(delivery.failure) or under_way or _message(run, code),
        offline=run.prepared.services.are_offline,
        planned=len(run.prepared.jobs),
        prompts=board.prompts,
        images=board.images,
        cost_usd=sum(outcome.cost_usd for outcome in outcomes) + run.brought.wasted_usd,
        slides=outcomes,
        workers=board.workers,
    )


def _why_stopped(stop: StopSignal) -> str:
    is_budget = stop.cause is StopCause.BUDGET
    return f"{stop.message}; raise it and run again: only the rest is paid for" if is_budget else stop.message


def _told(failure: PipelineError | None) -> str:
    return str(failure) if failure else ""


def _message(run: Run, code: ExitCode) -> str:
    """Why nothing was delivered where every gate was open and every slide failed all the same."""
    if code not in (ExitCode.IMAGE_GATE, ExitCode.PROMPT_GATE):
        return ""
    reasons = [one.reason for one in run.board.outcomes.values() if one.status is SlideStatus.FAILED]
    return f"no slide came through; the last: {reasons[-1]}"


def _exit_code(run: Run, delivery: Delivery) -> ExitCode:
    """The one code that says how the run went; why it was broken off says more than that it could not be saved."""
    if run.stop.cause is not None:
        return _EXIT_CODES[run.stop.cause]
    if delivery.failure is not None:
        return delivery.failure.exit_code
    statuses = {outcome.status for outcome in run.board.outcomes.values()}
    if statuses & {SlideStatus.ILLUSTRATED, SlideStatus.PLACEHOLDER}:
        return ExitCode.PARTIAL if statuses & {SlideStatus.FAILED, SlideStatus.PLACEHOLDER} else ExitCode.OK
    if SlideStatus.FAILED in statuses:  # a gate of nought lets everything fail, but nothing is no delivery
        return ExitCode.IMAGE_GATE if run.board.images.failed else ExitCode.PROMPT_GATE
    return ExitCode.NOTHING_TO_DO
