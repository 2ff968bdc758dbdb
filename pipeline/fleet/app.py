"""The Celery app of a fleet: its broker, what it promises of each task, its queues."""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import Celery
from kombu.entity import Queue

from pipeline.config.settings import Fleet
from pipeline.errors import UsageError

APP = "deck-illustrator"
BEGIN_DECK = f"{APP}.begin_deck"
MAKE_PICTURE = f"{APP}.make_picture"
FINISH_DECK = f"{APP}.finish_deck"
SUBMIT_SCHEDULED = f"{APP}.submit_scheduled"

DECKS, FINISHING = "decks", "finishing"
_IMAGES = "images"
_RESULTS = "pipeline.fleet.results:CountedResults"
_REDIS_SCHEMES = ("redis", "rediss")
# What came back of a deck's pictures is kept for so long; where it took longer, the deck is finished all the same.
_RESULTS_KEPT_S = 7 * 24 * 3600


def image_queue(service: str) -> str:
    """The queue of the pictures that `service` is asked for first; "" is this machine."""
    return f"{_IMAGES}.{service or 'offline'}"


def is_redis(url: str) -> bool:
    return urlsplit(url).scheme in _REDIS_SCHEMES


def redis_url_of(fleet: Fleet) -> str:
    """Where the fleet's Redis is. Raises UsageError where the settings name none."""
    if fleet.redis_url is not None:
        return fleet.redis_url
    broker = _broker_url_of(fleet)
    if not is_redis(broker):
        raise UsageError("fleet.redis_url: set the Redis that knows the jobs, redis://host:6379/0; the broker is none")
    return broker


def _broker_url_of(fleet: Fleet) -> str:
    if fleet.broker_url is None:
        raise UsageError("fleet.broker_url: set the queue, redis://host:6379/0 or amqp://user:password@host")
    return fleet.broker_url


def make_app(fleet: Fleet) -> Celery:
    """The app, which knows no task yet and connects to nobody. Raises UsageError where the settings name no broker.

    A task is taken off its queue when it is done, not before: one whose worker died is given to another. On Redis that
    is found out when nobody has renewed it for `lease_s` (see `worker.py`), on RabbitMQ at once.
    """
    broker = _broker_url_of(fleet)
    app = Celery(APP, broker=broker, backend=f"{_RESULTS}+{redis_url_of(fleet)}", set_as_current=False)
    app.conf.update(
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue=DECKS,
        task_queues=[Queue(DECKS), Queue(FINISHING)],  # type: ignore[no-untyped-call]
        task_routes={
            BEGIN_DECK: {"queue": DECKS},
            SUBMIT_SCHEDULED: {"queue": DECKS},
            FINISH_DECK: {"queue": FINISHING},
        },
        result_expires=_RESULTS_KEPT_S,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=True,
        task_send_sent_event=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_transport_options=_redis_options(fleet) if is_redis(broker) else {"confirm_publish": True},
        result_backend_transport_options={"retry_policy": {"timeout": 5.0}},
    )
    return app


def _redis_options(fleet: Fleet) -> dict[str, object]:
    return {
        "visibility_timeout": fleet.lease_s,
        "unacked_restore_interval": fleet.lease_s / 4,
        "unacked_restore_throttle": 1,
        "queue_order_strategy": "priority",  # in the order in which a worker names its queues
        "priority_steps": [0],
        "socket_timeout": 30.0,
        "socket_connect_timeout": 5.0,
    }
