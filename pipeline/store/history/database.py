"""One connection to the history and its transactions, one at a time, whatever happens to the database meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pipeline.errors import FileAccessError

T = TypeVar("T")


@dataclass(frozen=True)
class Reconnected:
    """Only the way to the database broke, in a transaction that was not yet to be committed: every row is there."""


@dataclass(frozen=True)
class BegunAnew:
    """What was in the database is there no longer: an empty one stands, or is to be made, in its place."""

    warning: str


class Place(Protocol):
    """Where a database is."""

    @property
    def where(self) -> str:
        """Its name in messages."""

    def is_there(self) -> bool:
        """False where nothing was ever written."""

    def replaced(self) -> BegunAnew | None:
        """Told once where what was opened last is no longer what stands there; else None."""

    def open(self) -> Connection:
        """A connection to tables of today. Raises FileAccessError, DBAPIError."""

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that nobody writes beside. Raises DBAPIError."""

    def recovers(self, error: DBAPIError) -> Reconnected | BegunAnew | None:
        """What is there when it is opened again, where the same work can be done again then; else None."""

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
        self._later: list[Callable[[Connection], object]] = []  # appended to without the lock, in one step

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction of its own, once or not at all. Raises FileAccessError and what `work` raises."""
        with self._alone():
            return self._insistently(lambda: self._written(work))

    def later(self, work: Callable[[Connection], object]) -> None:
        """Do `work` in the transaction of the next write, or before the next read, or when this is closed.

        What goes wrong with it then is raised there, and it is still to be done.
        """
        self._later.append(work)

    def read(self, work: Callable[[Connection], T], nothing: T) -> T:
        """Do `work`, which only reads; `nothing` where no database is there yet. Raises FileAccessError."""
        with self._alone():
            self._catch_up()
            return self._insistently(lambda: self._read(work) if self._place.is_there() else nothing)

    def close(self) -> None:
        """Raises FileAccessError, also where another thread does not come back from the database."""
        with self._alone():
            try:
                self._catch_up()
            finally:
                self._disconnect()

    def _catch_up(self) -> None:
        """Do what was put off."""
        if self._later:
            self._insistently(lambda: self._written(_nothing_more))

    def _written(self, work: Callable[[Connection], T]) -> T:
        connection = self._connected()
        with _undone_unless_committed(connection):
            self._place.begin(connection)
            if self._was_begun_anew:
                self._write_again(connection)
            put_off = self._later.copy()
            for one in put_off:
                one(connection)
            result = work(connection)
            connection.commit()
        del self._later[: len(put_off)]
        self._was_begun_anew = False
        return result

    def _read(self, work: Callable[[Connection], T]) -> T:
        connection = self._connected()
        with _undone_unless_committed(connection):
            return work(connection)

    def _insistently(self, transaction: Callable[[], T]) -> T:
        """Once more where the first time showed that the database must be connected to or begun anew."""
        try:
            return transaction()
        except DBAPIError as error:
            self._disconnect()
            recovery = self._place.recovers(error)
            if recovery is None:
                raise self._place.problem(error) from error
            if isinstance(recovery, BegunAnew):
                self._begin_anew(recovery)
        try:
            return transaction()
        except DBAPIError as error:
            self._disconnect()
            raise self._place.problem(error) from error

    def _connected(self) -> Connection:
        replaced = self._place.replaced()
        if replaced is not None:
            self._disconnect()
            self._begin_anew(replaced)
        if self._connection is None:
            self._connection = self._place.open()
        return self._connection

    def _begin_anew(self, found: BegunAnew) -> None:
        self._was_begun_anew = True
        self._warn(found.warning)

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


def _nothing_more(_connection: Connection) -> None:
    """The work of a transaction that only does what was put off."""


@contextmanager
def _undone_unless_committed(connection: Connection) -> Iterator[None]:
    try:
        yield
    finally:
        if connection.in_transaction():
            with suppress(DBAPIError):  # what went wrong before is the error to tell
                connection.rollback()
