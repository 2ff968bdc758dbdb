"""A place by URL that all machines reach, and files that are there whole or not at all."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fsspec.utils import glob_translate

from pipeline.errors import FileAccessError
from pipeline.store.files import make_folder, write_whole
from pipeline.store.shared.drivers import Sleep, at, driver_of, scheme_of, shown


class Depot:
    """Bytes by name below `url`: a path, file://, s3://, gs://, az://, sftp://. Safe for threads, processes and forks.

    Raises UsageError where nothing of the kind can be reached, here and later; FileAccessError where it refuses, or
    does not answer after several tries. `sleep(seconds)` is called between tries.
    """

    def __init__(self, url: str, *, sleep: Sleep = time.sleep) -> None:
        driver_of(url)
        self.url = str(Path(url).expanduser().absolute()) if "://" not in url else url.rstrip("/")
        self._sleep = sleep

    def get(self, name: str) -> bytes | None:
        """What stands there, None where nothing does."""
        url = self._of(name)
        try:
            return at(url, "read", lambda system, path: bytes(system.cat_file(path)), sleep=self._sleep)
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes) -> None:
        """When this returns, `data` is what others get, and none of it where it raises."""
        _put(self._of(name), data, self._sleep)

    def delete(self, name: str) -> None:
        """Have it gone; it may be gone already."""
        with suppress(FileNotFoundError):
            at(self._of(name), "removed", lambda system, path: system.rm_file(path), sleep=self._sleep)

    def _of(self, name: str) -> str:
        return f"{self.url}/{name}"


def download(url: str, path: Path, *, sleep: Sleep = time.sleep) -> None:
    """Have the file at `url` at `path`, whole. Raises FileAccessError, UsageError."""
    with _beside(path) as draft:
        try:
            at(url, "read", lambda system, remote: system.get_file(remote, str(draft)), sleep=sleep)
        except FileNotFoundError as error:
            raise FileAccessError(f"{shown(url)}: there is no such file; check its name") from error
        draft.replace(path)


def upload(path: Path, url: str, *, sleep: Sleep = time.sleep) -> None:
    """Have the file at `path` at `url`, whole, in place of what is there. Raises FileAccessError, UsageError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror}); look after the disk") from error
    _put(url, data, sleep)


def listing(url: str, pattern: str, *, sleep: Sleep = time.sleep) -> list[str]:
    """The addresses of the files below `url` whose names from there match `pattern`, in order.

    `*` stands for any part of one name, `**` for any folders. None where there is no such place: buckets know no
    folders. Raises FileAccessError, UsageError.
    """
    base = url.rstrip("/")
    wanted = re.compile(glob_translate(pattern))
    depth = None if "**" in pattern else pattern.count("/") + 1

    def find(system: Any, root: str) -> list[str]:
        root = root.rstrip("/")
        names = (found.removeprefix(root).removeprefix("/") for found in system.find(root, maxdepth=depth))
        return sorted(f"{base}/{name}" for name in names if wanted.fullmatch(name))

    try:
        return at(url, "listed", find, sleep=sleep)
    except FileNotFoundError:
        return []


def _put(url: str, data: bytes, sleep: Sleep) -> None:
    def put(system: Any, path: str) -> None:
        if scheme_of(url) == "file":
            make_folder(Path(path).parent)
            write_whole(Path(path), data)
        elif driver_of(url).puts_whole:
            system.pipe_file(path, data)
        else:
            _put_by_rename(system, path, data)

    try:
        at(url, "written", put, sleep=sleep)
    except FileNotFoundError as error:  # object stores have no folders to make: it is the bucket
        raise FileAccessError(f"{shown(url)}: cannot be written: there is no such place; make it first") from error


def _put_by_rename(system: Any, path: str, data: bytes) -> None:
    folder, _, name = path.rpartition("/")
    draft = f"{folder}/.{secrets.token_hex(8)}.{name}.tmp"
    system.makedirs(folder, exist_ok=True)
    try:
        system.pipe_file(draft, data)
        system.mv(draft, path)
    except Exception:
        with suppress(OSError):
            system.rm_file(draft)
        raise


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name beside `path` for what is not whole yet; nothing stands there after the block. Raises FileAccessError."""
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        make_folder(path.parent)
        yield draft
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written ({error.strerror}); look after the disk") from error
    finally:
        with suppress(OSError):
            draft.unlink()
