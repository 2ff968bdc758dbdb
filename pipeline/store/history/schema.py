"""Sees to it that a database has the tables of today: makes them where there are none, else asks for a migration."""

from __future__ import annotations

import importlib

from sqlalchemy import Connection, insert, select

from pipeline.errors import FileAccessError
from pipeline.store.history.tables import METADATA, VERSION, VERSIONS, version


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of today. Raises DBAPIError."""
    return _version(connection) == VERSION


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Make or migrate the tables within the connection's transaction, which keeps all others out.

    `where` names the database in messages. Raises FileAccessError for tables of a later program, DBAPIError.
    """
    found = _version(connection)
    if found is None:
        METADATA.create_all(connection, checkfirst=False)
        connection.execute(insert(version).values(version_num=VERSION))
    elif found not in VERSIONS:
        raise FileAccessError(
            f"{where}: the history was written by a later version of this program ({found}); update this one, or name"
            " another place in history.url"
        )
    elif found != VERSION:
        # Takes longer to import than a run has to do with the history, and is needed once in a version's life.
        importlib.import_module("pipeline.store.history.migrating").migrate(connection)


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, version.name):
        return None
    return connection.execute(select(version.c.version_num)).scalar()
