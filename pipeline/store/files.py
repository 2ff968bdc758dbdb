"""Writing a file so that it is there whole or not at all, and changing one that other processes change too."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from pipeline.errors import FileAccessError
from pipeline.files import sync_folder

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

# The largest picture of a service, of 3840 x 2160 pixels, is seldom more than this.
_ROOM_BYTES = 16 << 20
_UMASK_DECIDES = 0o666
_BINARY = getattr(os, "O_BINARY", 0)  # Windows turns line ends otherwise
_TEMPORARY = ".tmp"
_REMEDIES = {
    errno.ENOSPC: "free space there",
    errno.EDQUOT: "free space there",
    errno.EACCES: "fix its rights",
    errno.EPERM: "fix its rights",
    errno.EROFS: "have it writable",
}


def write_whole(path: Path, data: bytes, *, owner: str = "", mode: int = _UMASK_DECIDES) -> None:
    """Put `data` at `path` by rename; file and name are on the disk when this returns. Raises OSError.

    `owner` is in the name of the temporary file, so that what a dead process left can be told (see `temporaries`).
    """
    temporary = _temporary(path, owner)
    try:
        with _created(temporary, data, mode) as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_together(files: Mapping[Path, bytes], *, owner: str, mode: int) -> None:
    """Put files into one folder, all or, where it is full, none; when this returns the disk has them. Raises OSError.

    For files whose readers can tell a torn one: here they get their names before their bytes are on the disk, which has
    one thing to do then in place of several. Where power or disk fails before this returns, half a file may stand
    there. What stood there before never comes to harm: it is replaced by `write_whole`.
    """
    if os.name == "nt" or any(path.exists() for path in files):  # Windows renames no open file
        for path, data in files.items():
            write_whole(path, data, owner=owner, mode=mode)
        return
    drafts = {path: _temporary(path, owner) for path in files}
    with ExitStack() as held:
        for draft in drafts.values():
            held.callback(draft.unlink, missing_ok=True)
        opened = [held.enter_context(_created(draft, files[path], mode)) for path, draft in drafts.items()]
        for path, draft in drafts.items():
            draft.replace(path)
        for file in opened:
            _begin_writing(file.fileno())
        for file in opened:
            os.fsync(file.fileno())
    sync_folder(next(iter(files)).parent)


def _temporary(path: Path, owner: str) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}.{owner}{_TEMPORARY}")


@contextmanager
def _created(path: Path, data: bytes, mode: int) -> Iterator[BinaryIO]:
    """A new file that holds `data`, open; the disk may not have it yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        yield file


def _begin_writing(descriptor: int) -> None:
    """Have the disk begin with a file, so that waiting for the first is waiting for all."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def temporaries(folder: Path, owner: str | None = None) -> Iterator[Path]:
    """The temporary files in `folder`, of one `owner` or of all; none where there is no folder. Raises OSError."""
    ending = _TEMPORARY if owner is None else f".{owner}{_TEMPORARY}"
    try:
        yield from (path for path in folder.iterdir() if path.name.startswith(".") and path.name.endswith(ending))
    except FileNotFoundError:
        return


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make `folder` and what is missing above it, all with `mode` and on the disk. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode=mode)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def require_room(folder: Path, setting: str, *, calls: int) -> None:
    """Raise FileAccessError where the disk of `folder`, made or not, has no room for what calls under way may bring.

    `setting` names another place.
    """
    with refusals_told(folder, "looked at", setting):
        there = folder
        while not there.exists():
            there = there.parent
        free = shutil.disk_usage(there).free
    if free < calls * _ROOM_BYTES:
        raise FileAccessError(
            f"{folder}: no room for what the next call brings ({free / 1e6:.0f} MB left on its disk); free space there,"
            f" or set {setting} to another"
        )


@contextmanager
def refusals_told(path: Path, deed: str, setting: str) -> Iterator[None]:
    """Turn an OSError of the block into a FileAccessError: `path` cannot be `deed`, `setting` names another place."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "look after the disk")
        reason = error.strerror or str(error)
        raise FileAccessError(f"{path}: cannot be {deed} ({reason}); {remedy}, or set {setting} to another") from error


@contextmanager
def changing(path: Path, lock_timeout_s: float) -> Iterator[None]:
    """Keep `path` to this process while the block reads and writes it anew; its folder is made if need be.

    Raises FileAccessError, also where another process has it for longer than `lock_timeout_s`.
    """
    try:
        make_folder(path.parent, mode=PRIVATE_FOLDER)  # keys may stand beside
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=lock_timeout_s):
            yield
    except Timeout as error:
        raise FileAccessError(f"{path}: another process holds it; try again") from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written ({error.strerror}); fix the folder's rights") from error
