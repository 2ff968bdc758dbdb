"""A service's requests counted in a Redis server, for several machines. Needs the extra `redis`."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyrate_limiter import AbstractBucket, Decision, Rate, RateItem, RedisBucket
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from pipeline.errors import UsageError
from pipeline.store.shared.connecting import PATIENCE_S, TIMEOUT_S
from pipeline.store.shared.patience import Patience

# How soon a server that is not there is asked again.
_AGAIN_MS = 250

# Takes the library's arguments (the caller's now, weight, member, number of rates, then window start, limit and rank of
# the entry that blocks) and answers as its own script does: (-1, -1) where admitted, else the rate's index and the
# blocking entry's time. Unlike that one it counts by the server's clock, because machines disagree about the time and
# an entry stamped by a faster one must not be overlooked; and it drops what is over, so no thread has to.
_ADMIT = """
local key, stamp, weight = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local start, limit, rank = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ahead = now - stamp

redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('(%.0f', start + ahead))
if redis.call('ZCARD', key) + weight > limit then
    local blocking = redis.call('ZRANGE', key, -1 - rank, -1 - rank, 'WITHSCORES')
    return {0, blocking[2] and blocking[2] - ahead or -1}
end
for i = 1, weight do
    redis.call('ZADD', key, now, ARGV[3] .. i)
end
redis.call('PEXPIRE', key, stamp - start + 1000)
return {-1, -1}
"""


class _ServerBucket(RedisBucket):
    """Counts the requests of every machine that uses the same server. One that is away for a while admits nothing."""

    def __init__(self, rates: list[Rate], client: Redis, key: str, patience: Patience) -> None:
        """Raises RedisError."""
        super().__init__(rates, client, key, str(client.script_load(_ADMIT)))
        self._client = client
        self._patience = patience

    def put(self, item: RateItem) -> bool:
        try:
            is_admitted = self._counted(item)
        except RedisError as error:
            if not self._patience.bears(error):
                raise _unreachable(error) from error
            return self._record(item, Decision(failing_rate=self.rates[0], retry_after_ms=_AGAIN_MS))
        self._patience.answered()
        return is_admitted

    def _counted(self, item: RateItem) -> bool:
        """Raises RedisError."""
        try:
            return bool(super().put(item))
        except NoScriptError:  # the server was started anew
            self._client.script_load(_ADMIT)
            return bool(super().put(item))

    def close(self) -> None:
        self._client.close()


def redis_bucket(
    rates: list[Rate],
    url: str,
    service: str,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    patience_s: float = PATIENCE_S,
) -> AbstractBucket:
    """A bucket for one rate in the server at `url`.

    Raises UsageError, also when it is asked for a request, of a server that refuses or has not answered for
    `patience_s`. No message quotes `url` or what the client says of it: there may be a password in it.
    """
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),  # once: a connection that was idle may have been closed
        )
    except ValueError:
        raise UsageError("limits.url: not an address of a Redis server; write redis://host:6379/0") from None
    try:
        return _ServerBucket(rates, client, f"deck-illustrator:rate:{service}", Patience(patience_s, monotonic))
    except RedisError as error:
        client.close()
        raise _unreachable(error) from error


def _unreachable(error: RedisError) -> UsageError:
    return UsageError(
        f"limits.url: the Redis server there does not count requests ({type(error).__name__}); start it, correct its"
        " address, or set limits.backend: memory"
    )
