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
from pipeline.engine.calls import Caller, Pacer
from pipeline.engine.clock import Clock, StopSignal, SystemClock
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.threads import Mailbox
from pipeline.events import EventSink
from pipeline.prompting.writing import Limits
from pipeline.runs.inserting import Inserting
from pipeline.runs.preparing import PreparedDeck
from pipeline.runs.steps import Drawing, Writing
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


def assemble(run: Run, settings: Settings, around: Surroundings) -> Coordinator:
    """The coordinator of `run` with its writer, its workers and its deck; not started yet."""
    workers = settings.workers
    return Coordinator(
        run.board,
        Steps(
            write=_writing(run, settings, around),
            draw=_drawing(run, settings, around),
            insert=_inserting(run.prepared),
        ),
        workers=workers.image_workers,
        queue_size=workers.queue_size,
        slides_at_once=1 if run.prepared.order.sequential else None,
        mailbox=around.mailbox,
        stop=run.stop,
        clock=around.clock,
    )


def _writing(run: Run, settings: Settings, around: Surroundings) -> Writing:
    workers, prepared = settings.workers, run.prepared
    writer = prepared.services.writer
    delay_s = workers.prompt_delay_s if writer.is_remote else 0.0
    return Writing(
        jobs=prepared.jobs,
        writer=writer,
        caller=_caller(run, settings, around, delay_s=delay_s, timeout_s=workers.prompt_timeout_s),
        limits=Limits(max_chars=prepared.services.provider.prompt_limit_chars, prohibited=prepared.prohibited),
        work_folder=run.work_folder,
        template_key=prepared.templates.key,
    )


def _drawing(run: Run, settings: Settings, around: Surroundings) -> Drawing:
    workers, prepared = settings.workers, run.prepared
    provider = prepared.services.provider
    delay_s = workers.image_delay_s if provider.is_remote else 0.0
    return Drawing(
        jobs=prepared.jobs,
        provider=provider,
        caller=_caller(run, settings, around, delay_s=delay_s, timeout_s=workers.image_timeout_s),
        work_folder=run.work_folder,
        quality=settings.images.quality,
        max_px_per_in=settings.layout.max_px_per_in,
    )


def _caller(run: Run, settings: Settings, around: Surroundings, *, delay_s: float, timeout_s: float) -> Caller:
    return Caller(
        pacer=Pacer(delay_s, around.clock, run.stop),
        clock=around.clock,
        stop=run.stop,
        rng=around.rng,
        timeout_s=timeout_s,
        max_attempts=settings.workers.max_attempts,
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
