"""One connection to the history and its transactions, one at a time, whatever happens to the database meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pipeline.errors import FileAccessError

T = TypeVar("T")


class Place(Protocol):
    """Where a database is."""

    @property
    def where(self) -> str:
        """Its name in messages."""

    def is_there(self) -> bool:
        """False where nothing was ever written."""

    def is_current(self) -> bool:
        """False where what was opened is no longer what stands there."""

    def open(self) -> Connection:
        """A connection to tables of today. Raises FileAccessError, DBAPIError."""

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that nobody writes beside. Raises DBAPIError."""

    def recovers(self, error: DBAPIError) -> str | None:
        """None where all is lost; else a line to warn with, or "", and it can be opened and done again."""

    def replaced_line(self) -> str:
        """The line to warn with where something else stands there now."""

    def problem(self, error: DBAPIError) -> FileAccessError:
        """The one line that says what is wrong and what to do."""

    def busy(self) -> FileAccessError:
        """The one line that says it was locked for too long."""


class Database:
    """Safe for threads. `write_again` fills a database that was begun anew with what this process still knows."""

    def __init__(
        self,
        place: Place,
        *,
        warn: Callable[[str], None],
        write_again: Callable[[Connection], None],
        busy_timeout_s: float,
    ) -> None:
        self._place = place
        self._warn = warn
        self._write_again = write_again
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._was_begun_anew = False

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction of its own, once or not at all. Raises FileAccessError and what `work` raises."""
        with self._alone():
            return self._insistently(lambda: self._written(work))

    def read(self, work: Callable[[Connection], T], nothing: T) -> T:
        """Do `work`, which only reads; `nothing` where no database is there yet. Raises FileAccessError."""
        with self._alone():
            return self._insistently(lambda: self._read(work) if self._place.is_there() else nothing)

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _written(self, work: Callable[[Connection], T]) -> T:
        connection = self._connected()
        with _undone_unless_committed(connection):
            self._place.begin(connection)
            if self._was_begun_anew:
                self._write_again(connection)
            result = work(connection)
            connection.commit()
        self._was_begun_anew = False
        return result

    def _read(self, work: Callable[[Connection], T]) -> T:
        connection = self._connected()
        with _undone_unless_committed(connection):
            return work(connection)

    def _insistently(self, transaction: Callable[[], T]) -> T:
        """Once more where the first time showed that the database must be begun anew."""
        try:
            return transaction()
        except DBAPIError as error:
            self._disconnect()
            warning = self._place.recovers(error)
            if warning is None:
                raise self._place.problem(error) from error
            self._begin_anew(warning)
        try:
            return transaction()
        except DBAPIError as error:
            self._disconnect()
            raise self._place.problem(error) from error

    def _connected(self) -> Connection:
        if self._connection is not None and not self._place.is_current():
            self._disconnect()
            self._begin_anew(self._place.replaced_line())
        if self._connection is None:
            self._connection = self._place.open()
        return self._connection

    def _begin_anew(self, warning: str) -> None:
        self._was_begun_anew = True
        if warning:
            self._warn(warning)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
        self._connection = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._busy_timeout_s):
            raise self._place.busy()
        try:
            yield
        finally:
            self._lock.release()


@contextmanager
def _undone_unless_committed(connection: Connection) -> Iterator[None]:
    try:
        yield
    finally:
        if connection.in_transaction():
            with suppress(DBAPIError):  # what went wrong before is the error to tell
                connection.rollback()
