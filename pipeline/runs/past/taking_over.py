"""What a run finds of others before it: those that died, and those that left a batch for it to collect."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from pipeline.records import CallKind
from pipeline.records.history import NOT_MADE, AttemptState, RunRecord, RunState
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.keeping import Keeping
from pipeline.store.batch_notes import read_note
from pipeline.store.files import temporaries
from pipeline.store.history import RunFilter
from pipeline.store.work_folder import Holder


def take_over(run: Run, begun: RunRecord, dead: Holder | None, around: Surroundings) -> None:
    """Go on where the runs before this one ended, whichever way. Raises FileAccessError.

    The history has `begun`, what `run` is; `dead` left its note in the work folder.
    """
    for gone, output in _broken_off(run, dead, begun).items():
        _break_off(run.keeping, gone)
        _take_over(run, gone, output, around)
    _take_over_waiting(run, begun)
    end_the_dead(run.keeping, begun)


def sweep_beside(output: Path, dead: str) -> None:
    """Remove what the dead run `dead` was writing beside `output`."""
    for left in temporaries(output.parent, dead):
        left.unlink(missing_ok=True)


def end_the_dead(keeping: Keeping, begun: RunRecord) -> None:
    """Runs of this machine whose processes are gone, and which nobody goes on with, are broken off."""
    for one in keeping.history.runs(RunFilter(status=RunState.PENDING)):
        if one.id != begun.id and one.host == begun.host and is_gone(one.pid):
            _break_off(keeping, one.id)


def _break_off(keeping: Keeping, dead: str) -> None:
    """Write that a run died. Of its calls under way those succeeded whose answer had reached the store by then."""
    for call in keeping.history.attempts(dead):
        if call.state is not AttemptState.PENDING or call.batch:
            continue
        arrival = keeping.store.arrival(call.kind, call.request_key)
        if arrival is not None and arrival.run_id == dead:
            keeping.history.end_attempt(call.id, response=arrival.response, cost_usd=arrival.cost_usd)
    keeping.history.break_off(dead)


def is_gone(pid: int) -> bool:
    """True where there is no such process; Windows has no harmless way to ask."""
    if os.name != "posix" or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


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
    sweep_beside(output, dead)
    if run.keeping.history.run(dead) is None:  # it was refused before it could do anything
        return
    lost = [call for call in run.keeping.history.attempts(dead) if call.is_open]
    usd = sum(call.reserved_usd or 0.0 for call in lost)
    told = f"; {len(lost)} of its calls, about ${usd:.4f}, may have been charged without an answer" if lost else ""
    around.tell(f"Run {dead} was broken off; this one goes on with what it paid for{told}.")


def _close_batches(run: Run, dead: str) -> None:
    """End the calls that were to be part of a batch which a dead run never came to hand in."""
    for kind in CallKind:
        name, note = f"{dead}-{kind}", read_note(run.work_folder.path, kind)
        if note is not None and note.name == name:
            continue
        for call in run.keeping.history.batch_attempts(name):
            if call.state is AttemptState.PENDING:
                run.keeping.history.end_attempt(
                    call.id, cost_usd=0.0, error_kind=NOT_MADE, error="the batch was never handed in"
                )
