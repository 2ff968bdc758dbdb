"""One deck, once: the flow of a run from the input file to the report, in the order things happen."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.deck.package.saving import check_target, deliver
from pipeline.engine.board import Board
from pipeline.engine.clock import StopSignal
from pipeline.engine.threads import in_background
from pipeline.errors import DeliveryError, PipelineError
from pipeline.events import EventSink, Notice, RunEnded, RunStarted
from pipeline.outcomes import RunReport
from pipeline.prompting.english import warm_language_model
from pipeline.reporting.logs import run_log
from pipeline.runs.assembly import Run, Surroundings, assemble
from pipeline.runs.batches.joining import check_batches, join_batches
from pipeline.runs.ending import Delivery, report_of
from pipeline.runs.keeping import Keeping, tidy
from pipeline.runs.looking import faults_seen
from pipeline.runs.past.done_before import Earlier, digest_of, done_before, work_key
from pipeline.runs.past.recording import begin_recording
from pipeline.runs.past.run_records import new_run_id, user_name
from pipeline.runs.past.taking_over import sweep_beside
from pipeline.runs.preparing import Order, PreparedDeck, prepare
from pipeline.runs.services.calling import Calling
from pipeline.runs.spending.budgets import Account
from pipeline.runs.targets import partial_of, target_of, work_folder_of
from pipeline.store.batch_notes import is_batch_under_way
from pipeline.store.work_folder import Holder, WorkFolder

log = logging.getLogger(__name__)


def illustrate(order: Order, configuration: Configuration, around: Surroundings) -> RunReport:
    """Put pictures into `order.input` and deliver the result.

    Raises PipelineError where the run cannot begin; a run that began and failed returns its report.
    """
    started, run_id, deck_hash = around.clock.monotonic(), new_run_id(around.clock), digest_of(order.input)
    with closing(around.keeping(configuration, run_id, around.clock, around.tell)) as keeping:
        earlier = done_before(order, deck_hash, configuration, keeping.history)
        if earlier is not None:
            report = _put_in_place(earlier, run_id, order, configuration, around)
        else:
            in_background(warm_language_model)
            prepared = prepare(order, configuration, around.clock, keeping.store)  # read, choose, find slots, brief
            with closing(prepared.services), closing(prepared.file):
                run = _run_of(prepared, deck_hash, keeping, configuration, around, run_id=run_id)
                report = _done(run, configuration, around)
    return replace(report, seconds=around.clock.monotonic() - started)


def _put_in_place(
    earlier: Earlier, run_id: str, order: Order, configuration: Configuration, around: Surroundings
) -> RunReport:
    """The deck of an earlier run at the output of this one, where it does not stand already."""
    folder = _work_folder_of(order, configuration)
    if earlier.is_in_place:
        folder.forget(earlier.report.run_id)  # which may have died at its very end
        return earlier.report
    with folder.held(_holder(run_id, order, earlier.output, around)) as dead:
        if dead is not None:
            sweep_beside(earlier.output, dead.run_id)
        earlier.put_in_place(run_id)
    return earlier.report


def _done(run: Run, configuration: Configuration, around: Surroundings) -> RunReport:
    """The run itself: it has its output to itself, the log and the history know of it, the listener hears of it."""
    if not run.board.open and not is_batch_under_way(run.work_folder.path):
        return report_of(run, Delivery())
    with (
        run.work_folder.held(_holder(run.id, run.prepared.order, run.output, around)) as dead,
        run_log(
            run.work_folder.log_file,
            run.id,
            configuration.credentials.secrets,
            around.log_echo,
            log_format=around.log_format,
        ),
        _announced(run, around.sink),
    ):
        recording = begin_recording(run, dead, configuration.settings, around)
        calling = Calling(configuration, around.clock, around.rng, run.stop, shared=around.limits)
        with closing(calling), around.signals():
            under_way = join_batches(run, configuration, around, calling)  # where the order, or a batch, wants it
            if run.board.open:
                assemble(run, configuration.settings, around, calling).run()  # prompts; generate, check, fit; insert
        delivery = _deliver(run)  # look, save, reopen, check, rename
        report = recording.ended(report_of(run, delivery, under_way=under_way), delivery.sha256)
        tidy(run.keeping, configuration, around.clock.now())
    return report


def _run_of(
    prepared: PreparedDeck,
    deck_hash: str,
    keeping: Keeping,
    configuration: Configuration,
    around: Surroundings,
    *,
    run_id: str,
) -> Run:
    """The run, before its first call and its first file. Raises PipelineError where its output could not be written."""
    order, settings = prepared.order, configuration.settings
    if order.batch:
        check_batches(prepared.services)
    output = target_of(order.input, order.output)
    work_folder = _work_folder_of(order, configuration)
    is_ours = work_folder.has_delivered(output)  # by a run that died before it could say so
    check_target(output, may_overwrite=order.force or is_ours)
    return Run(
        id=run_id,
        prepared=prepared,
        account=Account(run_id=run_id, deck=(deck_hash, str(order.input.resolve())), project=settings.project),
        work_key=work_key(order, deck_hash, configuration),
        keeping=keeping,
        output=output,
        may_overwrite=order.force or is_ours,
        board=Board(prepared.plans, settings.gate.min_success_rate, around.sink),
        stop=StopSignal(),
        work_folder=work_folder,
    )


def _work_folder_of(order: Order, configuration: Configuration) -> WorkFolder:
    output = target_of(order.input, order.output)
    return WorkFolder(work_folder_of(output, configuration.settings.output.work_folder))


def _holder(run_id: str, order: Order, output: Path, around: Surroundings) -> Holder:
    return Holder(
        run_id=run_id,
        pid=os.getpid(),
        host=socket.gethostname(),
        user=user_name(),
        started=around.clock.now(),
        input=order.input.resolve(),
        output=output.resolve(),
    )


@contextmanager
def _announced(run: Run, sink: EventSink) -> Iterator[None]:
    for notice in run.prepared.notices:
        sink(Notice(text=notice))
    sink(RunStarted(planned=len(run.board.open)))
    try:
        yield
    finally:
        sink(RunEnded())


def _deliver(run: Run) -> Delivery:
    """Save the finished deck, or what there is of one that failed, unless there is no picture at all."""
    if not run.prepared.file.placed:
        return Delivery()
    order, is_whole = run.prepared.order, run.stop.cause is None
    target = run.output if is_whole else partial_of(run.output)
    try:
        if is_whole:
            _take_out_what_is_wrong(run)
        sha256 = deliver(
            run.prepared.file,
            order.input,
            target,
            may_overwrite=run.may_overwrite or not is_whole,
            owner=run.id,
            announce=run.work_folder.note_delivery,
        )
    except PipelineError as error:
        log.exception("not delivered")
        return Delivery(failure=error)
    log.info("delivered %s", target)
    return Delivery(path=target, sha256=sha256)


def _take_out_what_is_wrong(run: Run) -> None:
    """Where the ink was rendered, the finished deck is looked at too. Raises DeliveryError where too much is wrong."""
    file, renders = run.prepared.file, run.prepared.renders
    if renders is None:
        return
    for number, shape_id, fault in list(faults_seen(run.prepared, renders)):
        file.remove(number, shape_id, file.placed[number, shape_id].label.name)
        run.board.taken_out(number, f"{fault}; it was taken out again")
    if run.board.image_gate.is_lost:
        raise DeliveryError(f"the finished deck is not as it should be: {run.board.image_gate.describe()}")
