"""What every room that writes files needs: a file's digest, and names that are on the disk. Imports nothing of ours."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

# Folders of network shares and some FUSE file systems cannot be synced, those we may not list cannot be opened for it.
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM})


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` on the disk, where the system knows of such a thing. Raises OSError."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
