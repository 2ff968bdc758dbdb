"""The engine of one run, put together from its parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from pipeline.config.loader import Configuration
from pipeline.config.settings import Settings
from pipeline.engine.board import Board
from pipeline.engine.calls import Caller
from pipeline.engine.chain import Chain, Link
from pipeline.engine.clock import Clock, StopSignal, SystemClock
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.messages import Told
from pipeline.engine.threads import Mailbox
from pipeline.events import EventSink
from pipeline.images.placeholder import draw_card
from pipeline.images.provider import ImageProvider
from pipeline.prompting.writer import PromptWriter
from pipeline.prompting.writing import Limits
from pipeline.runs.drawing import Drawing
from pipeline.runs.inserting import Inserting
from pipeline.runs.limiting import RunLimits
from pipeline.runs.painting import Painter
from pipeline.runs.preparing import PreparedDeck
from pipeline.runs.writing import Writing
from pipeline.services.models import Kind
from pipeline.store.work_folder import WorkFolder

# Passing faults of one service in a row, over all workers, before another is asked instead.
FAILURES_TO_OPEN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run is given from outside, so that tests can give it something else.

    `mailbox` is where signals arrive while `signals` is entered: as long as the engine runs, which ends in order.
    `log_echo` gets the run's log as well as its file.
    """

    sink: EventSink
    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    mailbox: Mailbox = field(default_factory=SimpleQueue)
    signals: Callable[[], AbstractContextManager[None]] = nullcontext
    log_echo: TextIO | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run under way: the deck and the state of its slides."""

    id: str
    prepared: PreparedDeck
    output: Path
    board: Board
    stop: StopSignal
    work_folder: WorkFolder


def assemble(run: Run, configuration: Configuration, around: Surroundings, limits: RunLimits) -> Coordinator:
    """The coordinator of `run` with its writer, its workers and its deck; not started yet."""
    workers = configuration.settings.workers
    callers = _Callers(configuration=configuration, run=run, around=around, limits=limits)
    return Coordinator(
        run.board,
        Steps(
            write=_writing(run, callers.writing(run.prepared.services.writer)),
            draw=_drawing(run, configuration.settings, around, callers),
            insert=_inserting(run.prepared),
        ),
        workers=workers.image_workers,
        queue_size=workers.queue_size,
        slides_at_once=1 if run.prepared.order.sequential else None,
        mailbox=around.mailbox,
        stop=run.stop,
        clock=around.clock,
    )


def _writing(run: Run, caller: Caller) -> Writing:
    prepared = run.prepared
    return Writing(
        jobs=prepared.jobs,
        writer=prepared.services.writer,
        caller=caller,
        limits=Limits(max_chars=prepared.services.prompt_limit_chars, prohibited=prepared.prohibited),
        work_folder=run.work_folder,
        template_key=prepared.templates.key,
    )


def _drawing(run: Run, settings: Settings, around: Surroundings, callers: _Callers) -> Drawing:
    services = run.prepared.services
    wishes = {"quality": settings.images.quality, "parameters": settings.images.parameters}
    painters = [Painter(provider=one, wishes=wishes, work_folder=run.work_folder) for one in services.painters]
    links = [
        Link(
            service=painter.provider.name,
            model=painter.provider.model,
            caller=callers.drawing(painter.provider),
            ask=painter.paint,
            allowance_of=lambda made: made.allowance,
        )
        for painter in painters
    ]
    chain = Chain(
        links,
        # All workers may meet one short outage at once; that alone opens no circuit.
        failures_to_open=max(FAILURES_TO_OPEN, 2 * settings.workers.image_workers),
        has_last_resort=services.marks_what_fails,
        tell=lambda text: around.mailbox.put(Told(text=text)),
    )
    return Drawing(
        jobs=run.prepared.jobs,
        chain=chain,
        painters={link.name: painter for link, painter in zip(links, painters, strict=True)},
        card=draw_card if services.marks_what_fails else None,
        max_px_per_in=settings.layout.max_px_per_in,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Callers:
    """Who calls the services: with their limits, the settings' delays, and the settings' patience."""

    configuration: Configuration
    run: Run
    around: Surroundings
    limits: RunLimits

    def writing(self, writer: PromptWriter) -> Caller:
        workers = self.configuration.settings.workers
        return self._caller(writer.name, "text", workers.prompt_delay_s, workers.prompt_timeout_s)

    def drawing(self, painter: ImageProvider) -> Caller:
        workers = self.configuration.settings.workers
        return self._caller(painter.name, "image", workers.image_delay_s, workers.image_timeout_s)

    def _caller(self, name: str, kind: Kind, delay_s: float, timeout_s: float) -> Caller:
        return Caller(
            limits=self.limits.of(self.configuration.catalog.services.get(name), kind, delay_s),
            clock=self.around.clock,
            stop=self.run.stop,
            rng=self.around.rng,
            timeout_s=timeout_s,
            max_attempts=self.configuration.settings.workers.max_attempts,
        )


def _inserting(prepared: PreparedDeck) -> Inserting:
    return Inserting(
        deck=prepared.deck,
        file=prepared.file,
        reader=prepared.reader,
        plans={plan.slide.number: plan for plan in prepared.plans},
        jobs=prepared.jobs,
        ink_is_rendered=prepared.renders is not None,
        last_slide_id=max(slide.slide_id for slide in prepared.deck.slides),
    )
