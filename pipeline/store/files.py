"""Writing a file so that it is there whole or not at all, and changing one that other processes change too."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import FileAccessError


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` by rename, after it has reached the disk. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def changing(path: Path, lock_timeout_s: float) -> Iterator[None]:
    """Keep `path` to this process while the block reads and writes it anew; its folder is made if need be.

    Raises FileAccessError, also where another process has it for longer than `lock_timeout_s`.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # keys may stand beside
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=lock_timeout_s):
            yield
    except Timeout as error:
        raise FileAccessError(f"{path}: another process holds it; try again") from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written ({error.strerror}); fix the folder's rights") from error
