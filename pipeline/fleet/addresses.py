"""How sources and targets are named so that every machine means the same by them."""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import UsageError
from pipeline.store.shared.depot import Depot

_FILE = "file://"


def is_url(text: str) -> bool:
    """True for what is no path on this machine."""
    return "://" in text and not text.startswith(_FILE)


def placed(text: str) -> str:
    """As other machines are told it: a URL as it is, a path from the root on.

    Raises UsageError for a URL with a password, which jobs and reports would show.
    """
    if is_url(text) and urlsplit(text).password is not None:
        host = urlsplit(text).hostname
        raise UsageError(f"{host}: an address with a password is not taken: reports show it; give workers a key file")
    return text if is_url(text) else str(Path(text.removeprefix(_FILE)).expanduser().absolute())


def beside(target: str, ending: str) -> str:
    """`target` with another ending in place of its suffix."""
    folder, slash, name = target.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}{ending}"


def below(folder: str, relative: str) -> str:
    return f"{folder.rstrip('/')}/{relative}"


def name_of(url: str) -> str:
    return posixpath.basename(url.rstrip("/"))


def put_bytes(data: bytes, url: str) -> None:
    """Have `url` be `data`, whole or not at all. Raises FileAccessError, UsageError."""
    folder, _, name = url.rpartition("/")
    Depot(folder or "/").put(name, data)


def digest_at(url: str) -> str:
    """The SHA-256 of what stands there, "" where nothing does. Raises FileAccessError, UsageError."""
    folder, _, name = url.rpartition("/")
    data = Depot(folder or "/").get(name)
    return "" if data is None else hashlib.sha256(data).hexdigest()
