"""Where a run meets the half-price lane: whether it has to do with it at all, and what that means for its slides.

The lane itself loads both SDKs, which takes seconds; here they are loaded where they are needed.
"""

from __future__ import annotations

from contextlib import suppress

from pipeline.config.loader import Configuration
from pipeline.engine.attending import attended
from pipeline.engine.clock import Stopped
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.choosing import Services
from pipeline.store.batch_notes import is_batch_under_way


def check_batches(services: Services) -> None:
    """Raises UsageError where neither prompts nor pictures can be had in batches."""
    from pipeline.runs.batches.lanes import lanes_of  # noqa: PLC0415

    lanes_of(services)


def join_batches(run: Run, configuration: Configuration, around: Surroundings, calling: Calling) -> str:
    """What is under way in a batch, in a line; "" where nothing is, and what batches brought is in the store.

    Where it is not "", or the run was stopped, every slide is settled.
    """
    if not _has_to_do_with_batches(run, around):
        return ""
    from pipeline.runs.batches.flow import through_batches  # noqa: PLC0415

    under_way = ""
    with suppress(Stopped):
        under_way = attended(
            lambda: through_batches(run, configuration, around, calling),
            tell=run.board.tell,
            mailbox=around.mailbox,
            stop=run.stop,
            clock=around.clock,
        )
    if under_way or (run.stop.cause is not None and is_batch_under_way(run.work_folder.path)):
        run.board.leave_waiting(under_way or run.stop.message)
    elif run.stop.cause is not None:
        run.board.fail_the_rest(run.stop.message)
    if not run.board.open:
        _charge_what_nobody_used(run)
    return under_way


def _charge_what_nobody_used(run: Run) -> None:
    for number, usd in run.brought.take_all():
        if number in run.board.outcomes:
            run.board.charge(number, usd)


def _has_to_do_with_batches(run: Run, around: Surroundings) -> bool:
    """Whether the order wants them, or one is under way, here or in a run of another deck."""
    is_own_under_way = is_batch_under_way(run.work_folder.path)
    if run.prepared.services.call_nobody:
        if is_own_under_way:
            around.tell("A batch is under way; a run that is not offline collects it.")
        return False
    return run.prepared.order.batch or is_own_under_way or bool(run.keeping.history.batch_calls_under_way())
