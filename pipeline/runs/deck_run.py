"""One deck, once: the flow of a run from the input file to the report, in the order things happen."""

from __future__ import annotations

import logging
import secrets
from contextlib import AbstractContextManager, closing

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
from pipeline.runs.ending import Delivery, report_of
from pipeline.runs.looking import faults_seen
from pipeline.runs.preparing import Order, PreparedDeck, prepare
from pipeline.runs.services.calling import Calling
from pipeline.runs.targets import partial_of, target_of, work_folder_of
from pipeline.store.work_folder import WorkFolder

log = logging.getLogger(__name__)


def illustrate(order: Order, configuration: Configuration, around: Surroundings) -> RunReport:
    """Put pictures into `order.input` and deliver the result.

    Raises PipelineError where the run cannot begin; a run that began and failed returns its report.
    """
    started = around.clock.monotonic()
    in_background(warm_language_model)
    prepared = prepare(order, configuration, around.clock)  # read, choose slides, find slots, brief the writer
    with closing(prepared.services), closing(prepared.file):
        run = _begin(prepared, configuration, around)
        delivery = Delivery()
        if run.board.open:
            with run.work_folder.held(), _logged(run, configuration, around):
                _announce(run, around.sink)
                _make_pictures(run, configuration, around)  # write prompts; generate, check, fit; insert
                delivery = _deliver(run)  # look, save, reopen, check, rename
    return report_of(run, delivery, seconds=around.clock.monotonic() - started)


def _begin(prepared: PreparedDeck, configuration: Configuration, around: Surroundings) -> Run:
    """The run, before its first call and its first file. Raises PipelineError where its output could not be written."""
    output = target_of(prepared.order.input, prepared.order.output)
    check_target(output, may_overwrite=prepared.order.force)
    return Run(
        id=f"{around.clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        prepared=prepared,
        output=output,
        board=Board(prepared.plans, configuration.settings.gate.min_success_rate, around.sink),
        stop=StopSignal(),
        work_folder=WorkFolder(work_folder_of(output, configuration.settings.output.work_folder)),
    )


def _logged(run: Run, configuration: Configuration, around: Surroundings) -> AbstractContextManager[None]:
    return run_log(run.work_folder.log_file, run.id, configuration.credentials.secrets, around.log_echo)


def _announce(run: Run, sink: EventSink) -> None:
    for notice in run.prepared.notices:
        sink(Notice(text=notice))
    sink(RunStarted(planned=len(run.board.open)))


def _make_pictures(run: Run, configuration: Configuration, around: Surroundings) -> None:
    """Run the engine until every slide is settled or the run is stopped; `run.board` and `run.stop` then say which."""
    try:
        calling = Calling(configuration, around.clock, around.rng, run.stop)
        with closing(calling), around.signals():
            assemble(run, configuration.settings, around, calling).run()
    finally:
        around.sink(RunEnded())


def _deliver(run: Run) -> Delivery:
    """Save the finished deck, or what there is of one that failed, unless there is no picture at all."""
    if not run.prepared.file.placed:
        return Delivery()
    order, is_whole = run.prepared.order, run.stop.cause is None
    target = run.output if is_whole else partial_of(run.output)
    try:
        if is_whole:
            _take_out_what_is_wrong(run)
        deliver(run.prepared.file, order.input, target, may_overwrite=order.force or not is_whole)
    except PipelineError as error:
        log.exception("not delivered")
        return Delivery(failure=error)
    log.info("delivered %s", target)
    return Delivery(path=target)


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
