"""Moving a file to a name that nobody has yet: never over another file, and once, also after a kill in the middle.

A hard link refuses a name that is taken, which a rename does not. Where the target is on another disk the file is
copied to a temporary one first, whose name follows from the target's: who goes on after a kill finds it again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

from pipeline.files import sync_folder
from pipeline.store.files import make_folder

# Disks without hard links, and systems that let nobody link what is not theirs.
_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class NameTakenError(Exception):
    """Another file has the name."""


def move_new(source: Path, target: Path, owner: str) -> None:
    """Move `source` to `target`, whose folder is made; nothing to do where `source` is gone, as it was moved before.

    `owner` tells the temporary file from others'. Raises NameTakenError where another file is there, OSError.
    """
    temporary = _temporary(target, owner)
    if source.exists():
        make_folder(target.parent)
        if not _are_one(temporary, target):  # which they are where only the rest is to be done
            _put_or_copy(source, temporary, target)
        sync_folder(target.parent)
        source.unlink(missing_ok=True)
    temporary.unlink(missing_ok=True)


def _put_or_copy(source: Path, temporary: Path, target: Path) -> None:
    try:
        _put(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copy2(source, temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        _put(temporary, target)


def _temporary(target: Path, owner: str) -> Path:
    """In the target's folder, and no longer than any name may be."""
    place = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    return target.with_name(f".{place}.{owner}.tmp")


def _put(source: Path, target: Path) -> None:
    """Have `target` be `source`; the old name may stay besides."""
    try:
        os.link(source, target)
    except FileExistsError as error:
        if not _are_one(source, target):
            raise NameTakenError(target) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename(source, target)


def _rename(source: Path, target: Path) -> None:
    """Without links: an empty file keeps the name, and the file takes its place. One of a killed move serves again."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError as error:
        if target.stat().st_size > 0:
            raise NameTakenError(target) from error
    source.replace(target)


def _are_one(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False
