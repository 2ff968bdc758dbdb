"""Who counts a service's requests: this run alone, every process that shares a file, every machine that shares a Redis.

All three keep a log of the starts of the last minute and admit one more while there are fewer than the limit. They do
it when asked: none of them runs a thread.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pyrate_limiter import AbstractBucket, InMemoryBucket, Rate, RateItem, SQLiteBucket

from pipeline.errors import FileAccessError, UsageError

RateBackend = Literal["memory", "sqlite", "redis"]

# Another process holds the file for milliseconds; one that holds it for so long is not counting.
BUSY_S = 10.0


def rate_bucket(
    service: str,
    requests: int,
    *,
    backend: RateBackend,
    url: str,
    monotonic: Callable[[], float],
    window_s: float = 60.0,
) -> AbstractBucket:
    """A bucket that admits `requests` of `service` in any `window_s` seconds; close it when the run is over.

    `url` (the setting `limits.url`) is the file for "sqlite", the server's address for "redis" and unused for
    "memory", which alone counts in `monotonic` seconds: what is shared needs the time of day. All who share must
    give the same `window_s`. Raises UsageError, or FileAccessError for the file, here and when asked for a request.
    """
    rates = [Rate(requests, round(window_s * 1000))]
    if backend == "memory":
        return _MemoryBucket(rates, monotonic)
    if not url:
        wanted = "the path of a file" if backend == "sqlite" else "an address such as redis://localhost:6379/0"
        raise UsageError(f"limits.url: limits.backend {backend} needs {wanted}")
    if backend == "sqlite":
        return _file_bucket(rates, Path(url).expanduser(), service)
    try:
        module = importlib.import_module("pipeline.store.redis_rates")  # an extra: the program runs without it
    except ModuleNotFoundError as error:
        raise UsageError(
            "limits.backend: redis needs its client: pip install 'deck-illustrator[redis]', or set memory or sqlite"
        ) from error
    bucket: AbstractBucket = module.redis_bucket(rates, url, service)
    return bucket


class _MemoryBucket(InMemoryBucket):
    """Counts the requests of one run by the run's own clock."""

    def __init__(self, rates: list[Rate], monotonic: Callable[[], float]) -> None:
        super().__init__(rates)
        self._monotonic = monotonic

    def now(self) -> int:
        return round(self._monotonic() * 1000)

    def put(self, item: RateItem) -> bool:
        self.leak(item.timestamp)
        return super().put(item)


class _FileBucket(SQLiteBucket):
    """Counts the requests of every process on this machine that has the same file open."""

    def __init__(self, rates: list[Rate], file: Path, table: str) -> None:
        """Raises sqlite3.Error."""
        connection = sqlite3.connect(file, timeout=BUSY_S, check_same_thread=False)
        try:
            # The two statements the library prepares a file with; its own way in holds a second lock, asked by polling.
            connection.execute(f"CREATE TABLE IF NOT EXISTS '{table}' (name VARCHAR, item_timestamp INTEGER)")
            connection.execute(f"CREATE INDEX IF NOT EXISTS 'idx_{table}' ON '{table}' (item_timestamp)")
            connection.commit()
        except sqlite3.Error:
            connection.close()
            raise
        super().__init__(rates, connection, table)
        self._file = file

    def put(self, item: RateItem) -> bool:
        with self._alone():
            self.leak(self.now())  # type: ignore[no-untyped-call]
        with self._alone():  # the moment counts at which the others are kept out, not when the wait for that began
            return super().put(RateItem(item.name, self.now(), item.weight))  # type: ignore[no-untyped-call]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A transaction that no other process writes beside. The library counts and inserts in two steps."""
        with self.lock:
            try:
                self.conn.execute("BEGIN IMMEDIATE")
                yield
            except sqlite3.Error as error:
                raise _unusable(self._file, error) from error
            finally:
                if self.conn.in_transaction:
                    self.conn.rollback()


def _file_bucket(rates: list[Rate], file: Path, service: str) -> AbstractBucket:
    table = f"rate_{service.encode().hex()}"  # the library puts it into its SQL as it is
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _FileBucket(rates, file, table)
    except (OSError, sqlite3.Error, ValueError) as error:
        raise _unusable(file, error) from error


def _unusable(file: Path, error: Exception) -> FileAccessError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return FileAccessError(
        f"limits.url: {file}: the requests cannot be counted there ({reason}); name another file or set"
        " limits.backend: memory"
    )
