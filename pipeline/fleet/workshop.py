"""What a worker process has for all its tasks: settings, the book of jobs, locks, limits, store, history, folders."""

from __future__ import annotations

import logging
import random
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError

from pipeline.config.loader import Configuration, with_values
from pipeline.config.settings import Caps
from pipeline.engine.clock import Clock, StopCause, StopSignal
from pipeline.engine.messages import StopRequested
from pipeline.engine.threads import Mailbox
from pipeline.errors import PipelineError
from pipeline.fleet.job_records import Job
from pipeline.fleet.jobs import JobBook
from pipeline.outcomes import DeckOutcome, RunReport
from pipeline.runs.keeping import Keeping, store_folder
from pipeline.runs.services.limiting import RunLimits
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.connecting import SETTING, is_passing
from pipeline.store.shared.depot import Depot
from pipeline.store.shared.history import open_shared_history
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
from pipeline.store.shared.store import SharedStore
from pipeline.telling.teller import Teller

T = TypeVar("T")

log = logging.getLogger(__name__)

# Between two looks whether Redis is there again.
_LOOK_EVERY_S = 0.5
# What messages begin with that tell of it.
_OF_REDIS = (
    f"{SETTING}: the Redis server there does not do its part",
    "limits.url: the Redis server there does not count",
)
# So often a task is done anew for the sake of a Redis that answers by then.
_MOST_ROUNDS = 5
# A deck that another worker has in hand is waited for so long; then the task goes back to its queue.
_MOST_WAITED_S = 5.0


class TakenElsewhere(Exception):  # noqa: N818 - not an error: another worker does the same task, and is alive
    """Raised where a task has to go back to its queue, since the deck is in another worker's hands."""


class RedisAway(PipelineError):  # noqa: N818 - nobody's error: the task is done again
    """Redis was away while something was done that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Of one process. Safe for the threads of its tasks. `stop` is requested when the process is to end in order."""

    configuration: Configuration
    clock: Clock
    rng: random.Random
    redis: Redis
    book: JobBook
    presence: Presence
    locks: SharedLocks
    money: SharedBudgets
    depot: Depot
    limits: RunLimits
    teller: Teller
    folder: Path
    stop: StopSignal = field(default_factory=StopSignal)
    runs: set[Mailbox] = field(default_factory=set)
    telling: threading.Lock = field(default_factory=threading.Lock)

    def end_in_order(self) -> None:
        """Begin nothing more; what is under way and paid for comes in. May be called by a signal's handler."""
        self.stop.request(StopCause.TERMINATED, "the worker ends", None)
        for mailbox in tuple(self.runs):
            mailbox.put(StopRequested(cause=StopCause.TERMINATED))

    @contextmanager
    def ending_too(self, mailbox: Mailbox) -> Iterator[None]:
        """Have the run of `mailbox` ended in order too, should that come to pass within the block. Raises Stopped."""
        self.runs.add(mailbox)
        try:
            self.stop.check()
            yield
        finally:
            self.runs.discard(mailbox)

    def settings_for(self, job: Job) -> Configuration:
        """The worker's own configuration with what the job brings. Raises UsageError for values it does not take."""
        settings = with_values(self.configuration.settings, {**job.values, "output.work_folder": None})
        budget = settings.budget
        # A deck's run is several here, on several machines: what bounds a run bounds the deck.
        projects = {name: _of_decks(caps) for name, caps in budget.projects.items()}
        bounded = budget.model_copy(update={**_of_decks(budget).model_dump(), "projects": projects})
        return replace(self.configuration, settings=settings.model_copy(update={"budget": bounded}))

    def keeping(self, configuration: Configuration, run_id: str, clock: Clock, warn: Callable[[str], None]) -> Keeping:
        """What outlives a run, for all machines; as `open_keeping` for one alone."""
        return Keeping(
            store=self.store(configuration, run_id),
            history=open_shared_history(
                configuration.settings.history.url, configuration.data, now=clock.now, warn=warn, money=self.money
            ),
        )

    def store(self, configuration: Configuration, owner: str) -> SharedStore:
        """What was paid for on any machine."""
        folder = store_folder(configuration)
        return SharedStore(folder, owner=owner, now=self.clock.now, depot=self.depot, locks=self.locks)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A folder of its own for the block."""
        folder = self.folder / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def alone_with(self, name: str) -> Iterator[None]:
        """Hold `name`, alone among all machines. Raises TakenElsewhere where another does, and Stopped."""
        give_up_at = self.clock.monotonic() + _MOST_WAITED_S

        def wait(seconds: float) -> None:
            if self.clock.monotonic() > give_up_at and self.is_reachable():
                raise TakenElsewhere
            self.clock.sleep(seconds, self.stop)

        with self.locks.alone(f"fleet:{name}", wait):
            yield

    def patiently(self, work: Callable[[], T]) -> T:
        """What `work` gives; anew each time Redis was away meanwhile: nothing that fails then is anybody's fault.

        Raises what `work` raises otherwise, and Stopped.
        """
        for left in range(_MOST_ROUNDS, -1, -1):
            try:
                return work()
            except RedisError as error:
                if not is_passing(error) or not left:
                    raise
                log.warning("Redis is away (%s); the task waits for it", type(error).__name__)
            except PipelineError as error:
                if not left or not self.is_to_blame(error):
                    raise
                log.warning("Redis is away; the task is done again when it is back: %s", error)
            while not self.is_reachable():
                self.clock.sleep(_LOOK_EVERY_S, self.stop)
            self.stop.check()
        raise AssertionError("the last round returns or raises")

    def is_to_blame(self, error: PipelineError | str) -> bool:
        """Tell whether Redis was away when something failed with `error`, or a run with that message."""
        if isinstance(error, RedisAway) or self.presence.is_lost or not self.is_reachable():
            return True
        if isinstance(error, str):
            return error.startswith(_OF_REDIS)
        cause: BaseException | None = error
        while cause is not None and not (isinstance(cause, RedisError) and is_passing(cause)):
            cause = cause.__cause__
        return cause is not None

    def forgive(self, work: Callable[[], object]) -> None:
        """Do what is of no consequence where Redis is away."""
        try:
            work()
        except RedisError as error:
            log.warning("Redis was not told something (%s)", type(error).__name__)

    def is_reachable(self) -> bool:
        """True where Redis answers."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def tell_of(self, outcome: DeckOutcome, report: RunReport) -> None:
        """Have those told who want to be, one after the other."""
        with self.telling:
            self.teller.deck_ended(outcome, report)


def _of_decks(caps: Caps) -> Caps:
    """`caps` with what a run may cost as what a deck may."""
    both = [one for one in (caps.max_usd_per_run, caps.max_usd_per_deck) if one is not None]
    bounds = caps.model_dump(include=set(Caps.model_fields))
    return Caps.model_validate({**bounds, "max_usd_per_run": None, "max_usd_per_deck": min(both, default=None)})
