"""What came of tasks, as Celery's chords count it in Redis; nobody listens for single results."""

from __future__ import annotations

from celery.backends.redis import RedisBackend, ResultConsumer


class _Deaf(ResultConsumer):  # type: ignore[misc]  # Celery has no types
    """Subscribes to nothing. Celery's own does for each part of a chord, in the worker that only sends it."""

    def consume_from(self, task_id: str) -> None:
        """Nobody waits here."""

    def cancel_for(self, task_id: str) -> None:
        """Nothing was subscribed to."""


class CountedResults(RedisBackend):  # type: ignore[misc]  # Celery has no types
    """Celery's own, without subscriptions."""

    ResultConsumer = _Deaf
