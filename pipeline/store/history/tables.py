"""The tables of the history as they stand today. The migrations lead here; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)

VERSION = "0001"
"""The version of the tables below."""

VERSIONS = (VERSION,)
"""All there were, the first one first. A database of another was written by a later program."""


class Words(TypeDecorator[str]):
    """Text of any origin. What no database takes stands as an escape: NUL, and bytes of a path that are no UTF-8."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None or (value.isascii() and "\0" not in value):  # nearly always, and many in a row
            return value
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)  # SQLite keeps no zone
        return moment.astimezone(UTC)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


METADATA = MetaData()

version = Table(
    "history_version",
    METADATA,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="history_version_pkc"),
)
"""Alembic's own table, under a name that leaves room for others' in the same database."""

runs = Table(
    "runs",
    METADATA,
    Column("id", Words, primary_key=True),
    _words("state"),
    _words("deck"),
    _words("deck_hash"),
    _words("output"),
    _words("output_hash"),
    _words("work_key"),
    _words("lock"),
    _words("user"),
    _words("project"),
    _words("host"),
    Column("pid", BigInteger, nullable=False),
    Column("created", Moment, nullable=False, index=True),
    Column("finished", Moment),
    Column("exit_code", Integer),
    Column("planned", Integer, nullable=False),
    Column("illustrated", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    _words("message"),
    Index("ix_runs_deck", "deck"),
    Index("ix_runs_deck_hash", "deck_hash"),
)

slides = Table(
    "slides",
    METADATA,
    Column("run_id", Words, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _words("title"),
    _words("status"),
    _words("reason"),
    _words("prompt"),
    _words("alt_text"),
    _words("provider"),
    _words("model"),
    _words("image_hash"),
    Column("cost_usd", Double, nullable=False),
    Column("saved_usd", Double, nullable=False),
)

# The long texts come last: SQLite reads a row from its beginning, and sums need only what stands there.
attempts = Table(
    "attempts",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _words("run_id"),
    Column("slide_number", Integer),
    _words("kind"),
    _words("service"),
    _words("model"),
    _words("state"),
    Column("may_be_charged", Boolean, nullable=False),
    Column("continues", Boolean, nullable=False),
    Column("reserved_usd", Double),
    Column("cost_usd", Double),
    Column("counted_usd", Double, nullable=False),
    Column("counted_images", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("finished", Moment),
    Column("seconds", Double),
    _words("batch"),
    _words("request_key"),
    _words("error_kind"),
    _words("format"),
    Column("width_px", Integer),
    Column("height_px", Integer),
    Column("bytes", BigInteger),
    _words("hash"),
    Column("tokens_read", BigInteger),
    Column("tokens_written", BigInteger),
    _words("error"),
    Column("parameters", JSON, nullable=False),
    _words("prompt"),
    sqlite_autoincrement=True,  # an id is never given twice, not even after a prune
)

# All that sums need, so that they are read from an index alone.
_counted = (attempts.c.counted_usd, attempts.c.counted_images)
Index("ix_attempts_created", attempts.c.created, attempts.c.run_id, *_counted)
Index("ix_attempts_run_id", attempts.c.run_id, attempts.c.created, *_counted)
_batched = attempts.c.batch != ""
Index("ix_attempts_batch", attempts.c.batch, sqlite_where=_batched, postgresql_where=_batched)
_maybe = attempts.c.may_be_charged
Index("ix_attempts_maybe", attempts.c.request_key, sqlite_where=_maybe, postgresql_where=_maybe)
