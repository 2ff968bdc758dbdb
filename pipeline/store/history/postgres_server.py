"""The history in a PostgreSQL server, for several machines. Needs the extra `postgres`."""

from __future__ import annotations

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from pipeline.errors import FileAccessError
from pipeline.store.history.schema import bring_up_to_date, is_current

CONNECT_TIMEOUT_S = 10

# Any number that others who lock in the same database will hardly choose: "deck" and "hist" in ASCII.
_LOCK = int.from_bytes(b"deckhist", "big")
_BUSY = ("55P03", "57014")  # lock_not_available, query_canceled
_DISK_FULL = "53100"
_IN_USE = "42P07"  # duplicate_table


class PostgresServer:
    """Not safe for threads. The password of `url` is in no message, whatever the server or the driver say."""

    def __init__(self, url: URL, *, busy_timeout_s: float) -> None:
        self._url = url
        self._busy_timeout_s = busy_timeout_s

    @property
    def where(self) -> str:
        """Host, port and name: neither the user's name and password nor what the URL asks for."""
        host = self._url.host or str(self._url.query.get("host", "the local server"))
        port = f":{self._url.port}" if self._url.port else ""
        return f"history.url: {host}{port}/{self._url.database or ''}"

    def is_there(self) -> bool:
        return True

    def is_current(self) -> bool:
        return True

    def open(self) -> Connection:
        """A connection to tables of today, made where there are none. Raises FileAccessError, DBAPIError."""
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            # Each statement sees what was committed before it. A server may be set to let a whole transaction see what
            # was there when it began to wait for its turn, and a sum would miss what the others added meanwhile.
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
        connection = engine.connect()
        try:
            self._prepare(connection)
        except (DBAPIError, FileAccessError):
            connection.close()
            raise
        return connection

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that nobody writes beside: all who write here take the same lock first."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})

    def recovers(self, error: DBAPIError) -> str | None:
        """A connection that broke before its transaction was to be committed can be made again: nothing was done."""
        return "" if error.connection_invalidated and error.statement is not None else None

    def replaced_line(self) -> str:
        return f"{self.where}: another database"

    def problem(self, error: DBAPIError) -> FileAccessError:
        """The one line that says what is wrong and what to do."""
        state = getattr(error.orig, "sqlstate", None)
        if state in _BUSY:
            return self.busy()
        if state == _DISK_FULL:
            return FileAccessError(f"{self.where}: the server's disk is full; free space there and run again")
        if state == _IN_USE:
            return FileAccessError(
                f"{self.where}: another program's tables are in the way; give the history a database of its own"
            )
        return FileAccessError(
            f"{self.where}: the history cannot be kept there ({self._reason(error)}); start the server, correct the"
            " address, or name a file in history.url"
        )

    def busy(self) -> FileAccessError:
        return FileAccessError(
            f"{self.where}: another process has kept the history locked for {self._busy_timeout_s:g} s;"
            " end that process"
        )

    def _prepare(self, connection: Connection) -> None:
        milliseconds = round(self._busy_timeout_s * 1000)
        connection.execute(text(f"SET lock_timeout = {milliseconds}"))
        connection.commit()
        if not is_current(connection):
            self.begin(connection)
            bring_up_to_date(connection, self.where)
        connection.commit()

    def _reason(self, error: DBAPIError) -> str:
        """The first line of what the driver says, without the secrets of the address."""
        line = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
        secrets = [str(self._url.password or ""), *(str(value) for value in self._url.query.values())]
        for secret in filter(None, secrets):
            line = line.replace(secret, "***")
        return line
