"""When calls to one service may start, over all machines: so many at once, so far apart, and none in a pause."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack

from redis import Redis
from redis.exceptions import RedisError

from pipeline.store.shared.connecting import PATIENCE_S, unreachable
from pipeline.store.shared.patience import Patience
from pipeline.store.shared.presence import LIVENESS, Presence

log = logging.getLogger(__name__)

# How soon a Redis that is not there is asked again.
_AGAIN_S = 0.25
# No call takes so long. Without it the places of the dead would be kept for ever where nobody calls any more.
_FORGOTTEN_MS = 24 * 3600 * 1000

# Claim, known server, lease, places. The dead are looked for only where there is no room without that.
_ACQUIRE = (
    LIVENESS
    + f"""
local key, claim, places = KEYS[1], ARGV[1], tonumber(ARGV[4])
if redis.call('HEXISTS', key, claim) == 1 then  -- the answer was lost on its way
    return 1
end
if not is_open(ARGV[2]) then
    return 0
end
if redis.call('HLEN', key) >= places then
    for _, held in ipairs(redis.call('HKEYS', key)) do
        if not is_alive(held) then
            redis.call('HDEL', key, held)
        end
    end
end
if redis.call('HLEN', key) >= places then
    return 0
end
redis.call('HSET', key, claim, '1')
redis.call('PEXPIRE', key, {_FORGOTTEN_MS})
enliven(claim, ARGV[3])
return 1
"""
)
_RELEASE = (
    LIVENESS
    + """
forget(ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
"""
)

# Milliseconds between starts. Answers what is left of a pause, else of the distance to the last start anywhere.
_START = """
local paused = redis.call('PTTL', KEYS[1])
if paused > 0 then
    return {paused, 0}
end
if ARGV[1] ~= '0' and not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then
    return {0, math.max(1, redis.call('PTTL', KEYS[2]))}
end
return {0, 0}
"""
_PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
"""


class SharedPlaces:
    """A semaphore over threads, processes and machines. What a process held that died is free after its lease.

    Safe for threads. Places are not given in the order in which they were asked for: machines take what they find free.
    """

    def __init__(
        self,
        client: Redis,
        service: str,
        parallel: int,
        presence: Presence,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`parallel` calls to `service` may be under way; every machine must say the same."""
        self._key = f"deck-illustrator:places:{service}"
        self._parallel = parallel
        self._presence = presence
        self._sleep = sleep
        self._patience = Patience(patience_s, monotonic)
        self._client = client
        self._take = client.register_script(_ACQUIRE)
        self._free = client.register_script(_RELEASE)
        self._held: list[tuple[str, ExitStack]] = []

    def acquire(self, timeout: float) -> bool:
        """Look once for a free place; where there is none, let `timeout` seconds pass and say so.

        So who asks again and again asks no more often than that. Raises FileAccessError where Redis refuses, or has
        not answered for `patience_s`.
        """
        claim = self._presence.new_claim()
        try:
            found = self._take(
                keys=[self._key], args=[claim, self._presence.server, self._presence.lease_ms, self._parallel]
            )
        except RedisError as error:
            if not self._patience.bears(error):
                raise unreachable(error) from error
            found = 0  # a place that was taken all the same is nobody's, and free in a lease
        else:
            self._patience.answered()
        if not found:
            self._sleep(timeout)
            return False
        upheld = ExitStack()
        upheld.enter_context(self._presence.upheld(claim, lambda: self._put_back(claim)))
        self._held.append((claim, upheld))
        return True

    def release(self) -> None:
        """Give one back. Where Redis does not hear it, the place is free within a lease."""
        claim, upheld = self._held.pop()
        upheld.close()
        try:
            self._free(keys=[self._key], args=[claim])
        except RedisError as error:
            log.warning("a place at a service is free in a lease only: Redis was not told (%s)", type(error).__name__)

    def _put_back(self, claim: str) -> None:
        """Raises RedisError."""
        self._client.hset(self._key, claim, "1")


class SharedStarts:
    """Pauses and distances between the calls of all machines to one service. Safe for threads."""

    def __init__(
        self,
        client: Redis,
        service: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._pause_key = f"deck-illustrator:pause:{service}"
        self._start_key = f"deck-illustrator:start:{service}"
        self._patience = Patience(patience_s, monotonic)
        self._start = client.register_script(_START)
        self._longer = client.register_script(_PAUSE)

    def start(self, apart_s: float) -> tuple[float, float]:
        """Seconds that are left of a pause, and until a call may start that is `apart_s` from the last one anywhere.

        Where both are 0 it starts now, and others count from it. Raises FileAccessError where Redis refuses, or has not
        answered for `patience_s`.
        """
        try:
            pause_ms, wait_ms = self._start(
                keys=[self._pause_key, self._start_key], args=[max(0, round(apart_s * 1000))]
            )
        except RedisError as error:
            if not self._patience.bears(error):
                raise unreachable(error) from error
            return 0.0, _AGAIN_S
        self._patience.answered()
        return pause_ms / 1000, wait_ms / 1000

    def pause(self, seconds: float) -> None:
        """Nobody starts for so long; a pause that lasts longer stands. Where Redis does not hear it, we alone pause."""
        try:
            self._longer(keys=[self._pause_key], args=[max(1, round(seconds * 1000))])
        except RedisError as error:
            log.warning("other machines were not told of a pause (%s)", type(error).__name__)
