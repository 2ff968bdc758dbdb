"""Where the history is: a file, or a server by its URL. No message of this module holds a password."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.errors import UsageError

FILE_NAME = "history.sqlite"
_SERVERS = ("postgresql", "postgresql+psycopg", "postgres")
_USUAL_SUFFIXES = (".sqlite", ".sqlite3", ".db")
_REMEDY = "write the path of a file, or postgresql://user:password@host/name"


def address_of(url: str | None, data: Path) -> Path | URL:
    """The file, or the server's URL with its driver, that the setting `history.url` means; None: a file in `data`.

    Raises UsageError for what can be neither, and for a server whose driver is not installed.
    """
    if url is None:
        return data / FILE_NAME
    if "://" not in url:
        return Path(url).expanduser()
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(f"history.url: not the address of a database; {_REMEDY}") from None
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return Path(str(parsed.database)).expanduser()
    if parsed.drivername in _SERVERS:
        _require_driver()
        return parsed.set(drivername="postgresql+psycopg")
    raise UsageError(f"history.url: {parsed.drivername} is no database the history can be in; {_REMEDY}")


def looks_like_a_database(path: Path) -> bool:
    """Whether a file of such a name was meant to be one, so that a damaged one may be put aside."""
    return path.suffix.lower() in _USUAL_SUFFIXES


def _require_driver() -> None:
    try:
        importlib.import_module("psycopg")  # an extra: the program runs without it
    except ImportError as error:
        raise UsageError(
            "history.url: PostgreSQL needs its driver: pip install 'deck-illustrator[postgres]', or name a file"
        ) from error
