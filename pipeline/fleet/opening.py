"""A workshop is put together: its Redis, its storage, its limits, whoever is told of its decks."""

from __future__ import annotations

import logging
import os
import random
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.errors import UsageError
from pipeline.fleet.app import redis_url_of
from pipeline.fleet.jobs import JobBook
from pipeline.fleet.workshop import Workshop
from pipeline.runs.past.taking_over import is_gone
from pipeline.runs.services.limiting import RunLimits
from pipeline.runs.services.making import timing_of
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.connecting import open_redis
from pipeline.store.shared.depot import Depot
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.places import SharedPlaces, SharedStarts
from pipeline.store.shared.presence import Presence
from pipeline.telling.teller import Teller

log = logging.getLogger(__name__)


@contextmanager
def opened_workshop(configuration: Configuration, clock: Clock, *, tells: bool) -> Iterator[Workshop]:
    """All a process needs for its tasks; `tells` where it is one that ends decks, and tells of it.

    Raises UsageError where the settings lack a Redis or a storage, or none answers there.
    """
    settings = configuration.settings
    if settings.fleet.storage is None:
        raise UsageError("fleet.storage: set the folder all machines share: s3://bucket/prefix, gs://, az://, sftp://")
    url = redis_url_of(settings.fleet)
    rng = random.Random()  # noqa: S311 - to spread retries
    with ExitStack() as held:
        redis = held.enter_context(closing(open_redis(url)))
        name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        presence = Presence(redis, lease_s=settings.fleet.lease_s, name=name, monotonic=clock.monotonic)
        presence.begin()
        held.callback(presence.end)
        limits = RunLimits(
            settings.limits.model_copy(update={"backend": "redis", "url": settings.limits.url or url}),
            configuration.home,
            clock,
            places_of=lambda service, parallel: SharedPlaces(redis, service, parallel, presence),
            starts_of=lambda service: SharedStarts(redis, service),
        )
        held.callback(limits.close)
        told = settings if tells else type(settings)()
        teller = Teller.of(
            told,
            credentials=configuration.credentials,
            environ=os.environ,
            warn=log.warning,
            timing=timing_of(clock),
            rng=rng,
        )
        held.callback(teller.close)
        yield Workshop(
            configuration=configuration,
            clock=clock,
            rng=rng,
            redis=redis,
            book=JobBook(redis, clock.now),
            presence=presence,
            locks=SharedLocks(redis, presence),
            money=SharedBudgets(redis, presence),
            depot=Depot(settings.fleet.storage),
            limits=limits,
            teller=teller,
            folder=_own_rooms(configuration.data / "fleet"),
        )


def _own_rooms(parent: Path) -> Path:
    """Where this process works, cleared of what those of this machine left that are gone."""
    for folder in parent.iterdir() if parent.is_dir() else ():
        pid = int(folder.name.partition("-")[0])
        if pid == os.getpid() or is_gone(pid):
            shutil.rmtree(folder, ignore_errors=True)
    return parent / f"{os.getpid()}-{secrets.token_hex(4)}"
