"""One at a time over machines: a key in Redis that holds as long as who put it there is alive."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError

from pipeline.store.shared.connecting import PATIENCE_S, is_passing, unreachable
from pipeline.store.shared.presence import LIVENESS, Presence

log = logging.getLogger(__name__)

# The first look is soon, since what is being waited for may be nearly done; a picture may take minutes.
_FIRST_S, _LONGEST_S = 0.01, 0.5
# Nobody makes one thing for so long. Without it the locks of the dead would stay for ever where nobody asks again.
_FORGOTTEN_MS = 24 * 3600 * 1000

# All take a lock's key and a claim.
_TAKE = (
    LIVENESS
    + f"""
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then  -- the answer was lost on its way
    return 1
end
if not is_open(ARGV[2]) or (holder and is_alive(holder)) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', {_FORGOTTEN_MS})
enliven(ARGV[1], ARGV[3])
return 1
"""
)
_PUT_BACK = f"""
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', {_FORGOTTEN_MS})
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
"""
_RELEASE = (
    LIVENESS
    + """
forget(ARGV[1])
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
"""
)


class SharedLocks:
    """Locks by name, over threads, processes and machines. What a process held that died is free after its lease."""

    def __init__(
        self,
        client: Redis,
        presence: Presence,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._presence = presence
        self._monotonic = monotonic
        self._patience_s = patience_s
        self._take = client.register_script(_TAKE)
        self._put_back = client.register_script(_PUT_BACK)
        self._release = client.register_script(_RELEASE)

    @contextmanager
    def alone(self, name: str, wait: Callable[[float], None]) -> Iterator[None]:
        """Hold `name` for the block. `wait(seconds)` is called between looks; what it raises ends the waiting.

        Raises FileAccessError where Redis refuses, or does not answer for `patience_s`.
        """
        key, claim = f"deck-illustrator:lock:{name}", self._presence.new_claim()
        pause, answered = _FIRST_S, self._monotonic()
        while True:
            try:
                is_taken = self._take(keys=[key], args=[claim, self._presence.server, self._presence.lease_ms])
                answered = self._monotonic()
            except RedisError as error:
                is_taken = 0
                if not is_passing(error) or self._monotonic() - answered > self._patience_s:
                    raise unreachable(error) from error
            if is_taken:
                break
            wait(pause)
            pause = min(2 * pause, _LONGEST_S)
        try:
            with self._presence.upheld(claim, lambda: self._restore(key, claim)):
                yield
        finally:
            self._let_go(key, claim)

    def _restore(self, key: str, claim: str) -> None:
        """Raises RedisError."""
        if not self._put_back(keys=[key], args=[claim]):
            log.warning("another process was given %s while this one has it", key)

    def _let_go(self, key: str, claim: str) -> None:
        """What was done under the lock is done, whether Redis hears that it is free or not; it is within a lease."""
        try:
            self._release(keys=[key], args=[claim])
        except RedisError as error:
            log.warning("%s is free in a lease only: Redis was not told (%s)", key, type(error).__name__)
