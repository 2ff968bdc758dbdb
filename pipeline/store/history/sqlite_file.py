"""The history in a SQLite file: opened, made, told apart from another in its place, put aside where it is damaged."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from pipeline.errors import FileAccessError
from pipeline.files import sync_folder
from pipeline.store.files import PRIVATE_FILE, PRIVATE_FOLDER, make_folder
from pipeline.store.history.database import BegunAnew
from pipeline.store.history.schema import bring_up_to_date, is_current

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BESIDE = ("-wal", "-shm")
_Identity = tuple[int, int]


class SqliteFile:
    """Not safe for threads. `is_meant` where a file that is no database may be put aside as a damaged one."""

    def __init__(self, path: Path, *, now: Callable[[], datetime], busy_timeout_s: float, is_meant: bool) -> None:
        self.path = path
        self._now = now
        self._busy_timeout_s = busy_timeout_s
        self._is_meant = is_meant
        self._opened: _Identity | None = None

    @property
    def where(self) -> str:
        return str(self.path)

    def is_there(self) -> bool:
        return self._identity() is not None

    def replaced(self) -> BegunAnew | None:
        """Told once where the file that was opened last no longer stands in its place, connected to it or not."""
        if self._opened is None or self._opened == self._identity():
            return None
        self._opened = None
        return BegunAnew(
            f"{self.path}: taken away while in use, so the history begins anew there: what was spent before this run no"
            " longer counts for any budget"
        )

    def open(self) -> Connection:
        """A connection to tables of today; file and tables are made. Raises FileAccessError, DBAPIError."""
        self._opened = self._identity()
        if self._opened is None:
            return self._open_alone()
        connection = self._connect()
        try:
            if is_current(connection):
                connection.rollback()
                return connection
        except DBAPIError:
            connection.close()
            raise
        connection.close()
        return self._open_alone()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that nobody writes beside."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def recovers(self, error: DBAPIError) -> BegunAnew | None:
        """Make way for a new database where this one is damaged; None where it is not."""
        code = _code(error)
        if code not in _DAMAGE or (code == sqlite3.SQLITE_NOTADB and not self._is_meant):
            return None
        with self._alone():
            replaced = self.replaced()
            if replaced is not None:  # somebody else saw it too
                return replaced
            kept = self._kept_name()
            # The file itself last: as long as it stands, what stands beside it belongs to it.
            for ending in (*_BESIDE, ""):
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + ending).replace(kept.with_name(kept.name + ending))
            sync_folder(self.path.parent)
            self._opened = None
        return BegunAnew(
            f"{self.path}: damaged ({error.orig}), so it is kept as {kept.name} and the history begins anew: what was"
            " spent before this run no longer counts for any budget"
        )

    def problem(self, error: DBAPIError) -> FileAccessError:
        """The one line that says what is wrong with the file and what to do."""
        code, reason = _code(error), str(error.orig)
        if code in _BUSY:
            return self.busy()
        if code == sqlite3.SQLITE_NOTADB:
            return FileAccessError(f"{self.path}: is no SQLite database; name another file in history.url")
        if code == sqlite3.SQLITE_FULL:
            return FileAccessError(f"{self.path}: the disk is full; free space there and run the same command again")
        return self._unusable(reason)

    def busy(self) -> FileAccessError:
        return FileAccessError(
            f"{self.path}: another process has kept the history locked for {self._busy_timeout_s:g} s; end that"
            " process, or name another file in history.url"
        )

    def _open_alone(self) -> Connection:
        with self._alone():
            self._make()
            connection = self._connect()
            try:
                # Lasts as long as the file. Where a disk knows no shared memory SQLite stays with its own way: as safe.
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                self.begin(connection)
                bring_up_to_date(connection, self.where)
                connection.commit()
            except (DBAPIError, FileAccessError):
                connection.close()
                raise
            return connection

    def _make(self) -> None:
        """An empty file only its owner can read; SQLite gives those beside it the same rights.

        What stands beside a place where there is none belonged to one that was taken away, and maybe is still used by
        who had it open: it must not be taken for that of the new one.
        """
        if not self.is_there():
            for ending in _BESIDE:
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        self._opened = self._identity()

    def _connect(self) -> Connection:
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            poolclass=NullPool,
            # Transactions are begun by us; the driver's own would let somebody write between a sum and its insert.
            connect_args={"timeout": self._busy_timeout_s, "isolation_level": None, "check_same_thread": False},
        )
        connection = engine.connect()
        try:
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
        except DBAPIError:
            connection.close()
            raise
        return connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep all others who make, migrate or put aside this file out, over threads and processes."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            make_folder(self.path.parent, mode=PRIVATE_FOLDER)
            with FileLock(lock, timeout=self._busy_timeout_s):
                try:
                    yield
                finally:
                    if os.name == "posix":  # elsewhere filelock does it
                        lock.unlink(missing_ok=True)
        except Timeout:
            raise self.busy() from None
        except OSError as error:
            raise self._unusable(error.strerror or type(error).__name__) from error

    def _kept_name(self) -> Path:
        stamp = self._now().strftime("%Y%m%d-%H%M%S")
        name, times = f"{self.path.name}.damaged-{stamp}", 1
        while (kept := self.path.with_name(name)).exists():
            times += 1
            name = f"{self.path.name}.damaged-{stamp}-{times}"
        return kept

    def _identity(self) -> _Identity | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error.strerror or type(error).__name__) from error
        return status.st_dev, status.st_ino

    def _unusable(self, reason: str) -> FileAccessError:
        return FileAccessError(
            f"{self.path}: the history cannot be kept there ({reason}); look after the disk and its rights, or"
            " name another file in history.url"
        )


def _code(error: DBAPIError) -> int:
    """SQLite's own primary code of an error."""
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
