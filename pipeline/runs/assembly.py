"""The engine of one run, put together from its parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from pipeline.config.settings import Settings
from pipeline.engine.board import Board
from pipeline.engine.clock import Clock, StopSignal, SystemClock
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.messages import Told
from pipeline.engine.threads import Mailbox
from pipeline.events import EventSink
from pipeline.images.placeholder import draw_card
from pipeline.images.provider import ImageProvider
from pipeline.prompting.writing import Limits
from pipeline.runs.drawing import Drawing
from pipeline.runs.inserting import Inserting
from pipeline.runs.painting import Painter
from pipeline.runs.preparing import PreparedDeck
from pipeline.runs.services.calling import Calling
from pipeline.runs.writing import Writing
from pipeline.store.work_folder import WorkFolder


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


def assemble(run: Run, settings: Settings, around: Surroundings, calling: Calling) -> Coordinator:
    """The coordinator of `run` with its writer, its workers and its deck; not started yet."""
    workers = settings.workers
    return Coordinator(
        run.board,
        Steps(
            write=_writing(run, calling),
            draw=_drawing(run, settings, around, calling),
            insert=_inserting(run.prepared),
        ),
        workers=workers.image_workers,
        queue_size=workers.queue_size,
        slides_at_once=1 if run.prepared.order.sequential else None,
        mailbox=around.mailbox,
        stop=run.stop,
        clock=around.clock,
    )


def _writing(run: Run, calling: Calling) -> Writing:
    prepared = run.prepared
    return Writing(
        jobs=prepared.jobs,
        writer=prepared.services.writer,
        caller=calling.writing(prepared.services.writer.name),
        limits=Limits(max_chars=prepared.services.prompt_limit_chars, prohibited=prepared.prohibited),
        work_folder=run.work_folder,
        template_key=prepared.templates.key,
    )


def _drawing(run: Run, settings: Settings, around: Surroundings, calling: Calling) -> Drawing:
    services = run.prepared.services
    wishes = {"quality": settings.images.quality, "parameters": settings.images.parameters}

    def painter_of(provider: ImageProvider) -> Painter:
        return Painter(provider=provider, wishes=wishes, work_folder=run.work_folder)

    chain = calling.chain(
        services.painters,
        lambda provider: painter_of(provider).paint,
        lambda made: made.allowance,
        at_once=settings.workers.image_workers,
        has_last_resort=services.marks_what_fails,
        tell=lambda text: around.mailbox.put(Told(text=text)),
    )
    return Drawing(
        jobs=run.prepared.jobs,
        chain=chain,
        painters={link.name: painter_of(one) for link, one in zip(chain.links, services.painters, strict=True)},
        card=draw_card if services.marks_what_fails else None,
        max_px_per_in=settings.layout.max_px_per_in,
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
