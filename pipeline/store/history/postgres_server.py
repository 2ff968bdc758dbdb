"""The history in a PostgreSQL server, for several machines. Needs the extra `postgres`."""

from __future__ import annotations

import importlib
import math
from typing import Any

from sqlalchemy import URL, Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from pipeline.errors import FileAccessError
from pipeline.store.history.database import Reconnected
from pipeline.store.history.schema import bring_up_to_date, is_current

CONNECT_TIMEOUT_S = 10

# Any number that others who lock in the same database will hardly choose: "deck" and "hist" in ASCII.
_LOCK = int.from_bytes(b"deckhist", "big")
_BUSY = "55P03"  # lock_not_available
_TOO_SLOW = "57014"  # query_canceled
_DISK_FULL = "53100"
_IN_USE = "42P07"  # duplicate_table

# Who knows more of what is wrong speaks first: the one who waits for a lock, then the server, then this side.
_GRACE_S = 1


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

    def replaced(self) -> None:
        """Whatever stands there is this history: its tables are told from others' by their names alone."""

    def open(self) -> Connection:
        """A connection to tables of today, made where there are none. Raises FileAccessError, DBAPIError."""
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            # Each statement sees what was committed before it. A server may be set to let a whole transaction see what
            # was there when it began to wait for its turn, and a sum would miss what the others added meanwhile.
            isolation_level="READ COMMITTED",
            connect_args=self._limits(),
        )
        event.listen(engine, "do_connect", self._connect)
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

    def recovers(self, error: DBAPIError) -> Reconnected | None:
        """A connection that broke before its transaction was to be committed can be made again: nothing was done."""
        return Reconnected() if error.connection_invalidated and error.statement is not None else None

    def problem(self, error: DBAPIError) -> FileAccessError:
        """The one line that says what is wrong and what to do."""
        state = getattr(error.orig, "sqlstate", None)
        if state == _BUSY:
            return self.busy()
        if state == _TOO_SLOW:
            return FileAccessError(
                f"{self.where}: the server broke a question off that took it longer than {self._busy_timeout_s:g} s;"
                " see what it is busy with"
            )
        if state == _DISK_FULL:
            return FileAccessError(f"{self.where}: the server's disk is full; free space there and run again")
        if state == _IN_USE:
            return FileAccessError(
                f"{self.where}: another program's tables are in the way; give the history a database of its own"
            )
        if error.connection_invalidated and error.statement is None:
            return FileAccessError(
                f"{self.where}: the connection broke when a change was to be made for good ({self._reason(error)}), and"
                " nobody knows whether it was; look after the server and run again"
            )
        return FileAccessError(
            f"{self.where}: the history cannot be kept there ({self._reason(error)}); start the server, correct the"
            " address, or name a file in history.url"
        )

    def busy(self) -> FileAccessError:
        return FileAccessError(
            f"{self.where}: another process has kept the history locked for {self._busy_timeout_s:g} s, or the server"
            " answers nobody; end that process, or look after the server"
        )

    def _limits(self) -> dict[str, Any]:
        """What libpq and the server are told about how long to wait; what the address itself asks for comes first.

        A host that is gone is noticed by the kernel: `tcp_user_timeout` where something was sent and never arrived,
        the probes of `keepalives` where an answer is waited for. For a lock, a lock's own error comes before that of
        the whole statement.
        """
        wait_ms = max(1, round(self._busy_timeout_s * 1000))
        between_probes_s = max(1, round(self._busy_timeout_s / 6))
        limits: dict[str, Any] = {
            "connect_timeout": min(CONNECT_TIMEOUT_S, math.ceil(self._busy_timeout_s)),
            "tcp_user_timeout": wait_ms,
            "keepalives": 1,
            "keepalives_idle": 3 * between_probes_s,
            "keepalives_interval": between_probes_s,
            "keepalives_count": 3,
        }
        asked = self._url.query
        options = f"-c lock_timeout={wait_ms} -c statement_timeout={wait_ms + 1000 * _GRACE_S}"
        chosen = {name: value for name, value in limits.items() if name not in asked}
        return chosen | {"options": f"{options} {asked.get('options', '')}".strip()}

    def _connect(self, _dialect: object, _record: object, _args: object, words: dict[str, Any]) -> object:
        """A connection that does not wait for ever for a server that is there and says nothing."""
        impatient = importlib.import_module("pipeline.store.history.impatient")  # needs the extra
        return impatient.connect(words, patience_s=self._busy_timeout_s + 2 * _GRACE_S)

    def _prepare(self, connection: Connection) -> None:
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
