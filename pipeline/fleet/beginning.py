"""The first task of a deck: it is read and planned, its prompts are written, its pictures are handed out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, StopSignal
from pipeline.engine.failures import consequence_of
from pipeline.engine.messages import WriteOrder
from pipeline.errors import BudgetError, ExitCode, PromptError, ServiceError
from pipeline.fleet.addresses import digest_at, name_of
from pipeline.fleet.finishing import work_of
from pipeline.fleet.job_records import DeckRow, Job
from pipeline.fleet.workshop import Workshop
from pipeline.records import Prompt
from pipeline.runs.assembly import foresight_of, limits_of
from pipeline.runs.drawing import image_request
from pipeline.runs.keeping import Keeping
from pipeline.runs.painting import PictureOrder
from pipeline.runs.past.done_before import digest_of
from pipeline.runs.past.run_records import beginning, ended_with, new_run_id
from pipeline.runs.preparing import Order, PreparedDeck, prepare
from pipeline.runs.services.calling import Calling
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.runs.writing import Writing
from pipeline.store.shared.depot import download

log = logging.getLogger(__name__)

ORDERS = TypeAdapter(PictureOrder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """The pictures of a deck that are to be made, and who is asked for them first, "" for this machine.

    `is_done` where the deck was made before, of the very same, and stands at its target.
    """

    orders: tuple[PictureOrder, ...] = ()
    service: str = ""
    planned: int = 0
    deck_hash: str = ""
    is_done: bool = False


class _NobodyElse:
    """A clock for a ledger that nobody else uses: what it would wait for never comes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float, stop: StopSignal) -> None:  # noqa: ARG002 - Clock's own arguments
        stop.check()
        raise BudgetError("no budget has room for another picture of the deck")


def hand_out(workshop: Workshop, job: Job, deck: DeckRow) -> Handout:
    """Write the deck's prompts, slide after slide, as far as that goes; what fails is left to the deck's last task.

    Raises PipelineError where the deck cannot be read or planned, and Stopped.
    """
    configuration = workshop.settings_for(job)
    with workshop.room() as folder, ExitStack() as held:
        path = folder / name_of(deck.source)
        download(deck.source, path)
        if not job.force and _is_done(workshop, deck, path, configuration):
            return Handout(is_done=True)
        run_id, deck_hash = new_run_id(workshop.clock), digest_of(path)
        keeping = held.enter_context(closing(workshop.keeping(configuration, run_id, workshop.clock, log.warning)))
        order = Order(input=path, force=job.force)
        prepared = prepare(order, configuration, workshop.clock, keeping.store)
        held.enter_context(closing(prepared.file))
        held.enter_context(closing(prepared.services))
        if prepared.jobs:
            account = Account(run_id=run_id, deck=(deck_hash, deck.source), project=configuration.settings.project)
            with _recorded(workshop, keeping, account, planned=len(prepared.jobs)):
                prompts = list(_prompts(workshop, job, deck, _Desk(prepared, configuration, keeping, account)))
        else:
            prompts = []
        first = prepared.services.painters[0]
        return Handout(
            orders=tuple(_order(prepared, prompt, configuration) for prompt in prompts),
            service=first.name if first.is_remote else "",
            planned=len(prepared.jobs),
            deck_hash=deck_hash,
        )


def _is_done(workshop: Workshop, deck: DeckRow, path: Path, configuration: Configuration) -> bool:
    work, sha256 = workshop.book.delivered(deck.target)
    return bool(work) and work == work_of(path, configuration) and digest_at(deck.target) == sha256


@contextmanager
def _recorded(workshop: Workshop, keeping: Keeping, account: Account, *, planned: int) -> Iterator[None]:
    """The history of this machine knows what the block's calls are for."""
    deck_hash, deck = account.deck or ("", "")
    begun = beginning(account.run_id, workshop.clock, account.project, planned)
    begun = replace(begun, deck=deck, deck_hash=deck_hash)
    keeping.history.begin_run(begun)
    try:
        yield
    finally:
        message = "prompts; the pictures are other tasks' work"
        keeping.history.end_run(ended_with(begun, ExitCode.OK, made=0, message=message, clock=workshop.clock), ())


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the prompts of one deck are written with."""

    prepared: PreparedDeck
    configuration: Configuration
    keeping: Keeping
    account: Account

    def writing(self, workshop: Workshop, calling: Calling) -> Writing:
        prepared, settings, store = self.prepared, self.configuration.settings, self.keeping.store
        clock = _NobodyElse(workshop.clock)
        return Writing(
            jobs=prepared.jobs,
            writer=prepared.services.writer,
            caller=calling.writing(prepared.services.writer.name),
            limits=limits_of(prepared),
            store=store,
            ledger=Ledger(self.keeping.history, settings.budget, self.account, clock, workshop.stop),
            foresight=foresight_of(prepared, store, settings),
        )


def _prompts(workshop: Workshop, job: Job, deck: DeckRow, desk: _Desk) -> Iterator[Prompt]:
    """Those that are to be had: until the gate could not be passed any more, or a failure says that none can."""
    numbers, gate = desk.prepared.jobs, desk.configuration.settings.gate
    most, failed = (1 - gate.min_success_rate) * len(numbers), 0
    calling = Calling(desk.configuration, workshop.clock, workshop.rng, workshop.stop, shared=workshop.limits)
    writing = desk.writing(workshop, calling)
    for number in numbers:
        workshop.stop.check()
        if workshop.book.is_cancelled(job.id):
            return
        try:
            answer = writing(WriteOrder(slide_number=number))
        except BudgetError as error:
            log.warning("%s: no more prompts: %s", deck.source, error)
            return
        except (PromptError, ServiceError) as error:
            log.warning("%s: no prompt for slide %d: %s", deck.source, number, error)
            workshop.book.paid(job.id, deck.number, number, error.cost_usd)
            failed += 1
            if consequence_of(error).stops is not None or failed > most:
                return
        else:
            workshop.book.paid(job.id, deck.number, number, answer.cost_usd)
            workshop.book.heard(job.id, deck.number)
            if isinstance(answer, Prompt):
                yield answer


def _order(prepared: PreparedDeck, prompt: Prompt, configuration: Configuration) -> PictureOrder:
    job = prepared.jobs[prompt.slide_number]
    request = image_request(job, prompt, configuration.settings.layout.max_px_per_in)
    return PictureOrder(slide_number=prompt.slide_number, request=request)
