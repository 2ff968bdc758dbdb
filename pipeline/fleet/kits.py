"""What the pictures of one deck are made with, kept while pictures of it come in: services, chain, store, ledger."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

from pipeline.engine.chain import Chain
from pipeline.errors import ExitCode
from pipeline.fleet.job_records import DeckRow, Job
from pipeline.fleet.workshop import Workshop
from pipeline.runs.painting import Made, Painter, PictureOrder
from pipeline.runs.past.run_records import beginning, ended_with, new_run_id
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.choosing import choose_painters
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger

log = logging.getLogger(__name__)

# Decks whose things are kept open though none of their pictures is being made.
_KEPT = 8


@dataclass(slots=True, kw_only=True)
class Kit:
    """Of one deck, in one process: a service it has left is left for its other pictures too."""

    chain: Chain[PictureOrder, Made]
    held: ExitStack
    users: int = 0


class Kits:
    """Safe for threads. Close it when no picture is being made any more."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._kits: OrderedDict[tuple[str, int, str], Kit] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, job: Job, deck: DeckRow, deck_hash: str) -> Iterator[Kit]:
        """The deck's, for the block. Raises PipelineError where no service can be used."""
        key = (job.id, deck.number, deck_hash)
        with self._lock:
            kit = self._kits.get(key)
            if kit is None:
                kit = self._kits[key] = self._made(job, deck, deck_hash)
            self._kits.move_to_end(key)
            kit.users += 1
        try:
            yield kit
        finally:
            with self._lock:
                kit.users -= 1
                idle = [one for one, held in self._kits.items() if not held.users][:-_KEPT]
                gone = [self._kits.pop(one) for one in idle]
            for one in gone:
                one.held.close()

    def close(self) -> None:
        with self._lock:
            gone = list(self._kits.values())
            self._kits.clear()
        for one in gone:
            one.held.close()

    def _made(self, job: Job, deck: DeckRow, deck_hash: str) -> Kit:
        workshop = self._workshop
        clock, stop = workshop.clock, workshop.stop
        configuration = workshop.settings_for(job)
        settings, run_id = configuration.settings, new_run_id(clock)
        with ExitStack() as held:
            keeping = held.enter_context(closing(workshop.keeping(configuration, run_id, clock, log.warning)))
            providers, _ = choose_painters(configuration, clock, None, keeping.store)
            for provider in providers:
                held.callback(provider.close)
            calling = held.enter_context(
                closing(Calling(configuration, clock, workshop.rng, stop, shared=workshop.limits))
            )
            begun = replace(beginning(run_id, clock, settings.project, 0), deck=deck.source, deck_hash=deck_hash)
            keeping.history.begin_run(begun)
            held.callback(
                lambda: keeping.history.end_run(
                    ended_with(begun, ExitCode.OK, made=0, message="pictures of a deck of a job", clock=clock), ()
                )
            )
            account = Account(run_id=run_id, deck=(deck_hash, deck.source), project=settings.project)
            ledger = Ledger(keeping.history, settings.budget, account, clock, stop)
            chain = calling.chain(
                [
                    Painter(provider=one, store=keeping.store, ledger=ledger, clock=clock, stop=stop)
                    for one in providers
                ],
                at_once=settings.fleet.image_workers,
                has_last_resort=False,
                tell=log.warning,
            )
            return Kit(chain=chain, held=held.pop_all())
