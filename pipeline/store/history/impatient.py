"""A connection to PostgreSQL that gives up a server which says nothing. Imported only where the extra is installed.

A server that is stopped, or hangs, while its host goes on is noticed neither by the kernel, which still gets its
acknowledgements, nor by the server's own timeouts.
"""

from __future__ import annotations

import math
import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

T = TypeVar("T")


class ImpatientConnection(psycopg.Connection[Any]):
    """Waits `patience_s` seconds for each answer; one that does not come ends it with OperationalError."""

    patience_s = math.inf

    def wait(self, gen: PQGen[T], *args: Any, **words: Any) -> T:
        """Everything the driver waits for on an open connection goes through here. Raises psycopg.Error."""
        try:
            return super().wait(_until(gen, time.monotonic() + self.patience_s), *args, **words)
        except TimeoutError:
            self.pgconn.finish()  # nothing more can be asked on it, and closing it must not wait either
            raise psycopg.OperationalError(f"the server said nothing for {self.patience_s:g} s") from None


def connect(words: dict[str, Any], *, patience_s: float) -> ImpatientConnection:
    """A connection made with the driver's own `words`. Raises psycopg.Error."""
    connection = ImpatientConnection.connect(**words)
    connection.patience_s = patience_s
    return connection


def _until(gen: PQGen[T], end: float) -> PQGen[T]:
    """As `gen`, which is told about ten times a second that there is nothing new, but no longer than until `end`."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > end:
                raise TimeoutError
            wanted = gen.send(ready)
    except StopIteration as done:
        value: T = done.value
        return value
