"""A worker process of the fleet: put together, kept alive, ended in order."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

from celery import Celery, signals
from celery.worker import state
from redis import Redis

from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.engine.heart import Heart
from pipeline.errors import ExitCode, FileAccessError
from pipeline.fleet.app import DECKS, FINISHING, image_queue, is_redis, make_app
from pipeline.fleet.opening import opened_workshop
from pipeline.fleet.tasks import FleetTasks
from pipeline.fleet.workshop import Workshop
from pipeline.store.choices import disabled_services

log = logging.getLogger(__name__)

Share = Literal["decks", "images"]
# Beats in a lease: three may be lost before a process is taken for dead.
_BEATS = 4
# Whose single steps are for a run's own log.
_TALKATIVE = ("pipeline.engine", "pipeline.runs", "pipeline.store", "httpx2", "openai", "anthropic")
_UNACKED = "unacked_index"  # where kombu's Redis transport notes since when a worker has had a message


def run_worker(configuration: Configuration, share: Share, *, say: Callable[[str], None]) -> ExitCode:
    """Work until told to stop (SIGTERM, SIGINT: what is paid for comes in first). Raises UsageError."""
    fleet = configuration.settings.fleet
    app = make_app(fleet)
    _log_to_stderr(configuration)
    with opened_workshop(configuration, SystemClock(), tells=share == "decks") as workshop:
        tasks = FleetTasks(app, workshop)
        pulse = _Pulse(workshop, app, tasks.rescue if share == "decks" else None)
        signals.worker_shutting_down.connect(lambda **_: workshop.end_in_order(), weak=False)
        _send_what_was_left(workshop)
        queues = queues_of(configuration, share)
        say(f"{share}: {', '.join(queues)}")
        worker = app.Worker(
            pool="threads",
            concurrency=fleet.deck_workers if share == "decks" else fleet.image_workers,
            queues=queues,
            hostname=f"{share}@{workshop.presence.name}",
            quiet=True,
            without_mingle=True,
            without_gossip=True,
        )
        with Heart(pulse.beat, fleet.lease_s / _BEATS):
            try:
                worker.start()
            finally:
                tasks.close()
    return ExitCode.OK


def _send_what_was_left(workshop: Workshop) -> None:
    """What this machine paid for and died before others could see it is theirs now."""
    try:
        sent = workshop.store(workshop.configuration, workshop.presence.name).push_missing()
    except FileAccessError as error:
        log.warning("what was kept here alone could not be sent: %s", error)
    else:
        if sent:
            log.info("sent what was kept here alone: %d", sent)


def queues_of(configuration: Configuration, share: Share) -> list[str]:
    """What a process takes its tasks from, the most urgent first: a deck that can be finished before one is begun."""
    if share == "decks":
        return [FINISHING, DECKS]
    disabled = disabled_services(configuration.home)
    drawing = sorted({choice.service.service for choice in configuration.catalog.models("image")})
    usable = [one for one in drawing if configuration.credentials.standing(one, disabled).state.is_available]
    return [image_queue(service) for service in ("", *usable)]


class _Pulse:
    """Tells the others that this process is alive, and the broker that it still has its messages."""

    def __init__(self, workshop: Workshop, app: Celery, rescue: Callable[[], None] | None) -> None:
        """`rescue` is called about once a lease."""
        self._workshop = workshop
        self._rescue = rescue
        self._beats = 0
        # On Redis a message that a worker has had for a lease is given to another; RabbitMQ sees who is there.
        url = str(app.conf.broker_url)
        self._broker = Redis.from_url(url, socket_timeout=5.0) if is_redis(url) else None

    def beat(self) -> None:
        workshop = self._workshop
        workshop.presence.beat()
        workshop.forgive(self._keep_messages)
        self._beats += 1
        if self._rescue is not None and self._beats % _BEATS == 0:
            workshop.forgive(self._rescue)

    def _keep_messages(self) -> None:
        tags = [request.message.delivery_tag for request in tuple(state.reserved_requests)]
        if self._broker is not None and tags:
            now = self._workshop.clock.now().timestamp()
            self._broker.zadd(_UNACKED, dict.fromkeys(tags, now), xx=True)


class _WithoutSecrets(logging.Formatter):
    """Keys that are found later are taken out too."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(threadName)s %(message)s")
        self._configuration = configuration

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._configuration.credentials.secrets:
            text = text.replace(secret, "***")
        return text


def _log_to_stderr(configuration: Configuration) -> None:
    """Celery's log and ours, without keys; Celery itself is told to leave logging alone."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO)
    handler.addFilter(lambda record: record.levelno > logging.INFO or not record.name.startswith(_TALKATIVE))
    handler.setFormatter(_WithoutSecrets(configuration))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def left_alone(**_: Any) -> None:
        """Celery sets logging up itself where nobody listens to this signal."""

    signals.setup_logging.connect(left_alone, weak=False)
