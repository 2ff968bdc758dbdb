"""How long a Redis that does not answer is put up with: it may be on its way back, and what is paid for is on disk."""

from __future__ import annotations

from collections.abc import Callable

from redis.exceptions import RedisError

from pipeline.store.shared.connecting import is_passing


class Patience:
    """Safe for threads: its changes are single steps of the interpreter. Counts from the first question in vain."""

    def __init__(self, patience_s: float, monotonic: Callable[[], float]) -> None:
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._silent_since: float | None = None

    def answered(self) -> None:
        """All is well again."""
        self._silent_since = None

    def bears(self, error: RedisError) -> bool:
        """Told of each question in vain; false where that does not pass, or has lasted too long."""
        now = self._monotonic()
        if self._silent_since is None:
            self._silent_since = now
        return is_passing(error) and now - self._silent_since < self._patience_s
