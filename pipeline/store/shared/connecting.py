"""The Redis server all machines share: how it is reached, and how it is told that it is not."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, ConnectionError, RedisError, TimeoutError  # noqa: A004
from redis.retry import Retry

from pipeline.errors import FileAccessError, UsageError

SETTING = "fleet.redis_url"
# A server that takes longer is not there; a worker waits for it without looking whether the run was stopped.
TIMEOUT_S = 5.0
# A server that is being started anew is back by then.
PATIENCE_S = 300.0


def open_redis(url: str) -> Redis:
    """A client for all threads of a process; close it. Raises UsageError where no server answers there.

    No message quotes `url` or what the client says of it: there may be a password in it.
    """
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),  # once: a connection that was idle may have been closed
        )
    except ValueError:
        raise UsageError(f"{SETTING}: not an address of a Redis server; write redis://host:6379/0") from None
    try:
        client.ping()
    except RedisError as error:
        client.close()
        raise UsageError(
            f"{SETTING}: no Redis server answers there ({type(error).__name__}); start it or correct its address"
        ) from error
    return client


def is_passing(error: RedisError) -> bool:
    """True for what ends when the server, or the way to it, is there again."""
    return isinstance(error, (ConnectionError, TimeoutError, BusyLoadingError)) and not isinstance(
        error, AuthenticationError
    )


def unreachable(error: RedisError) -> FileAccessError:
    """What to raise where there is no waiting for it any more."""
    return FileAccessError(
        f"{SETTING}: the Redis server there does not do its part any more ({type(error).__name__}); look after it and"
        " run again"
    )
