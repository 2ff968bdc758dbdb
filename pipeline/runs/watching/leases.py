"""Which watcher is alive: what a dead one held is free for the others, what a living one holds is not.

On one machine a lock tells it, which the kernel lets go of when its holder dies, whatever way. Over a network share
locks may not reach other machines: there a watcher is alive as long as its note in `processing/` changes, which it
does several times in each `lease_s`. Each watcher measures that by its own clock, so that no two clocks need agree.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.engine.clock import Clock
from pipeline.errors import FileAccessError
from pipeline.store.files import refusals_told, temporaries, write_whole
from pipeline.store.single_flight import HeldLock, take

BEATS_IN_A_LEASE = 4
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SETTING = "the inbox"
_NOTE, _LOCK = ".watcher", ".lock"


class Lease:
    """A watcher's own sign of life in `processing`, from `with` to its end, and how it knows that of others.

    `machine` is where a lock is seen: by default the kernel that runs now, else the host by its name.
    """

    def __init__(self, processing: Path, clock: Clock, lease_s: float, machine: str | None = None) -> None:
        self.owner = secrets.token_hex(4)
        self.lease_s = lease_s
        self._folder = processing
        self._clock = clock
        self._machine = machine or _this_machine()
        self._lock: HeldLock | None = None
        self._heard: dict[str, tuple[int, float]] = {}

    def __enter__(self) -> Self:
        """Raises FileAccessError where nothing can be written there."""
        with refusals_told(self._folder, "made", _SETTING):
            self._folder.mkdir(exist_ok=True)
        with suppress(FileAccessError):  # a file system without locks: then the note alone tells it
            self._lock = take(self._path(self.owner, _LOCK), _SETTING)
        with refusals_told(self._folder, "written to", _SETTING):
            self._write()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with suppress(OSError):  # whoever finds the note of a dead watcher removes it
            if any(self._folder.glob(f"{self.owner}.*/")):  # what is left is free at once, wherever the others are
                self._write(is_over=True)
            else:
                self._path(self.owner, _NOTE).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()

    def beat(self) -> None:
        """Be heard of again. A share that is away for a while is no reason to end."""
        with suppress(OSError):
            self._write()

    def is_living(self, owner: str) -> bool:
        """False where the watcher `owner` is known to be dead. Raises OSError."""
        if owner == self.owner:
            return True
        note = self._path(owner, _NOTE)
        try:
            said, changed = _read(note.read_bytes()), note.stat().st_mtime_ns
        except FileNotFoundError:  # or not seen yet: a share may be late
            said, changed = {}, 0
        if said.get("is_over"):
            return False
        is_held = self._is_held(owner) if said.get("machine") == self._machine else None
        return self._was_heard(owner, changed) if is_held is None else is_held

    def others(self) -> list[str]:
        """The watchers besides this one that have a note. Raises OSError."""
        names = [path.stem for path in self._folder.iterdir() if path.suffix == _NOTE]
        return [name for name in names if name != self.owner]

    def forget(self, owner: str) -> None:
        """Remove what a dead watcher left of itself. Raises OSError."""
        for left in (*temporaries(self._folder, owner), *(self._path(owner, suffix) for suffix in (_NOTE, _LOCK))):
            left.unlink(missing_ok=True)
        self._heard.pop(owner, None)

    def _is_held(self, owner: str) -> bool | None:
        """Whether the lock of a watcher on this machine is held; None where there are no locks."""
        try:
            lock = take(self._path(owner, _LOCK), _SETTING)
        except FileAccessError:
            return None
        if lock is None:
            return True
        lock.release()
        return False

    def _was_heard(self, owner: str, changed: int) -> bool:
        """Whether a note has changed in the last `lease_s` seconds that it was looked at."""
        now = self._clock.monotonic()
        before, since = self._heard.get(owner, (None, now))
        if before != changed:
            since = now
        self._heard[owner] = (changed, since)
        return now - since < self.lease_s

    def _write(self, *, is_over: bool = False) -> None:
        note = {"machine": self._machine, "host": socket.gethostname(), "pid": os.getpid(), "is_over": is_over}
        self._folder.mkdir(exist_ok=True)  # somebody may have removed it; not the inbox, whose share may be away
        write_whole(self._path(self.owner, _NOTE), json.dumps(note, indent=1).encode(), owner=self.owner)

    def _path(self, owner: str, suffix: str) -> Path:
        return self._folder / f"{owner}{suffix}"


def _read(text: bytes) -> dict[str, Any]:
    try:
        note: Any = json.loads(text)
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _this_machine() -> str:
    """Containers on one kernel see each other's locks, whatever they are called; two machines may have one name."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return socket.gethostname()
