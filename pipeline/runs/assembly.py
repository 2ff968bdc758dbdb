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
from pipeline.engine.clock import Clock, StopSignal, SystemClock
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.messages import Told
from pipeline.engine.threads import Mailbox
from pipeline.events import EventSink
from pipeline.images.placeholder import draw_card
from pipeline.prompting.writing import Limits
from pipeline.reporting.logs import LogFormat
from pipeline.runs.drawing import Drawing
from pipeline.runs.inserting import Inserting
from pipeline.runs.keeping import Keeping, open_keeping
from pipeline.runs.painting import Painter
from pipeline.runs.preparing import PreparedDeck
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.limiting import RunLimits
from pipeline.runs.spending.brought import Brought
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.foresight import Foresight
from pipeline.runs.spending.ledger import Ledger
from pipeline.runs.writing import Writing
from pipeline.store.keeping import Store
from pipeline.store.work_folder import WorkFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run is given from outside, so that tests can give it something else.

    `mailbox` is where signals arrive while `signals` is entered: as long as the engine runs, which ends in order.
    `log_echo` gets the run's log as well as its file, both in `log_format`. `keeping` opens what outlives the run.
    `limits` are those of the services where several runs at once have them in common, else None.
    """

    sink: EventSink
    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    mailbox: Mailbox = field(default_factory=SimpleQueue)
    signals: Callable[[], AbstractContextManager[None]] = nullcontext
    log_echo: TextIO | None = None
    log_format: LogFormat = "text"
    keeping: Callable[[Configuration, str, Clock, Callable[[str], None]], Keeping] = open_keeping
    limits: RunLimits | None = None

    def tell(self, text: str) -> None:
        """Have a person told something, from whichever thread."""
        self.mailbox.put(Told(text=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run under way: the deck, the state of its slides, what is kept of it. For `work_key` see `done_before`."""

    id: str
    prepared: PreparedDeck
    account: Account
    work_key: str
    keeping: Keeping
    output: Path
    may_overwrite: bool
    board: Board
    stop: StopSignal
    work_folder: WorkFolder
    brought: Brought = field(default_factory=Brought)


def assemble(run: Run, settings: Settings, around: Surroundings, calling: Calling) -> Coordinator:
    """The coordinator of `run` with its writer, its workers and its deck; not started yet."""
    workers = settings.workers
    ledger = ledger_of(run, settings, around, run.brought)
    return Coordinator(
        run.board,
        Steps(
            write=writing_of(run, settings, calling, ledger),
            draw=_drawing(run, settings, around, calling, ledger),
            insert=_inserting(run.prepared),
        ),
        workers=workers.image_workers,
        queue_size=workers.queue_size,
        slides_at_once=1 if run.prepared.order.sequential else None,
        mailbox=around.mailbox,
        stop=run.stop,
        clock=around.clock,
    )


def ledger_of(run: Run, settings: Settings, around: Surroundings, brought: Brought) -> Ledger:
    """Where the calls of `run` are written down; what was `brought` by its batches is paid for already."""
    return Ledger(run.keeping.history, settings.budget, run.account, around.clock, run.stop, brought=brought)


def writing_of(run: Run, settings: Settings, calling: Calling, ledger: Ledger) -> Writing:
    """Who writes the prompts of `run`."""
    prepared = run.prepared
    return Writing(
        jobs=prepared.jobs,
        writer=prepared.services.writer,
        caller=calling.writing(prepared.services.writer.name),
        limits=limits_of(prepared),
        store=run.keeping.store,
        ledger=ledger,
        foresight=foresight_of(prepared, run.keeping.store, settings),
    )


def limits_of(prepared: PreparedDeck) -> Limits:
    """What holds for every prompt of a deck."""
    return Limits(max_chars=prepared.services.prompt_limit_chars, prohibited=prepared.prohibited)


def foresight_of(prepared: PreparedDeck, store: Store, settings: Settings) -> Foresight:
    """What can be known of the pictures of a deck before they are asked for."""
    return Foresight(painters=prepared.services.painters, store=store, max_px_per_in=settings.layout.max_px_per_in)


def _drawing(run: Run, settings: Settings, around: Surroundings, calling: Calling, ledger: Ledger) -> Drawing:
    services = run.prepared.services
    store = run.keeping.store
    painters = [
        Painter(provider=one, store=store, ledger=ledger, clock=around.clock, stop=run.stop)
        for one in services.painters
    ]
    chain = calling.chain(
        painters,
        at_once=settings.workers.image_workers,
        has_last_resort=services.marks_what_fails,
        tell=around.tell,
    )
    return Drawing(
        jobs=run.prepared.jobs,
        chain=chain,
        ledger=ledger,
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
