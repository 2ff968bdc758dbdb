"""One at a time over threads and processes: a lock file that is there only while somebody holds it.

The kernel lets go of the lock when its holder dies, whatever way. The file is removed while it is still held: whoever
had it open already finds that it has no name any more and looks again, so that two never hold two files of one name.
A file that a dead holder left is no lock, and is removed by the next who takes it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import lock_descriptor

from pipeline.errors import FileAccessError
from pipeline.store.files import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, refusals_told

# The first look is soon, since what is being waited for may be nearly done; a picture may take minutes.
_FIRST_S, _LONGEST_S = 0.01, 0.2
# Between looks of one that waits without being asked.
_POLL_S = 0.002


class HeldLock:
    """A lock that was taken. Let go of it with `release`, once; a process that dies lets go of it too."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def release(self) -> None:
        with suppress(OSError):  # Windows removes no open file; it is tidied up later
            self._path.unlink()
        os.close(self._descriptor)


def take(lock_file: Path, setting: str, *, patience_s: float = 0.0, mode: int = 0o666) -> HeldLock | None:
    """The lock, None where another has it for longer than `patience_s`; its folder must be there.

    Raises FileAccessError, also on a file system without locks: `setting` names another place.
    """
    give_up_at = time.monotonic() + patience_s
    while True:
        with refusals_told(lock_file, "locked", setting):
            lock = _tried(lock_file, mode)
        if lock is not None or time.monotonic() >= give_up_at:
            return lock
        time.sleep(_POLL_S)


def _tried(lock_file: Path, mode: int) -> HeldLock | None:
    descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, mode)
    try:
        # A file without a name was removed by whoever held it, after we had opened it: another may hold the next one.
        is_ours = lock_descriptor(descriptor, blocking=False) and os.fstat(descriptor).st_nlink > 0
    except OSError:
        os.close(descriptor)
        raise
    if is_ours:
        return HeldLock(lock_file, descriptor)
    os.close(descriptor)
    return None


class Locks:
    """The locks in one folder, by name. The folder is made when the first is taken."""

    def __init__(self, folder: Path, setting: str) -> None:
        self._folder = folder
        self._setting = setting

    @contextmanager
    def alone(self, name: str, wait: Callable[[float], None]) -> Iterator[None]:
        """Hold `name` for the block. `wait(seconds)` is called between looks; what it raises ends the waiting.

        Raises FileAccessError.
        """
        pause = _FIRST_S
        while (lock := self._take(name)) is None:
            wait(pause)
            pause = min(2 * pause, _LONGEST_S)
        with _holding(lock):
            yield

    @contextmanager
    def shortly(self, name: str, patience_s: float) -> Iterator[None]:
        """Hold `name`, which others hold for milliseconds. Raises FileAccessError, also after `patience_s` in vain."""
        lock = self._take(name, patience_s)
        if lock is None:
            raise FileAccessError(f"{self._path(name)}: another process holds it and does not go on; end that process")
        with _holding(lock):
            yield

    @contextmanager
    def if_free(self, name: str) -> Iterator[bool]:
        """Hold `name` where nobody does; yields whether that is so. Raises FileAccessError."""
        lock = self._take(name)
        if lock is None:
            yield False
            return
        with _holding(lock):
            yield True

    def tidy(self) -> None:
        """Remove the files that dead holders left. Raises FileAccessError."""
        with refusals_told(self._folder, "read", self._setting):
            try:
                names = [path.stem for path in self._folder.iterdir() if path.suffix == ".lock"]
            except FileNotFoundError:
                return
        for name in names:
            with self.if_free(name):
                pass

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _take(self, name: str, patience_s: float = 0.0) -> HeldLock | None:
        with refusals_told(self._folder, "made", self._setting):
            make_folder(self._folder, mode=PRIVATE_FOLDER)
        return take(self._path(name), self._setting, patience_s=patience_s, mode=PRIVATE_FILE)


@contextmanager
def _holding(lock: HeldLock) -> Iterator[None]:
    try:
        yield
    finally:
        lock.release()
