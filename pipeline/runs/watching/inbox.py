"""Which files of the inbox may be taken: at rest for a while, locked by nobody, open in no program, whole."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.clock import Clock
from pipeline.runs.targets import DECK_SUFFIXES

SETTINGS_NAME = "illustrate.yaml"
# A file that is at rest and broken may be a copy that pauses: it is waited for so many times longer.
_PATIENCE = 10
_OTHER_SLIDES = (".ppt", ".pps", ".pot", ".odp", ".key")

Stamp = tuple[int, int]
"""A file's size and the nanosecond it was last written to."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of the inbox that may be taken, as it looks."""

    path: Path
    stamp: Stamp

    def is_as_it_was(self) -> bool:
        """Whether it still looks so and nobody has opened it since. Raises OSError."""
        return _stamp_if_there(self.path) == self.stamp and not _has_owner(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look into the inbox brought: what may be taken, what is waited for, and for how many seconds at least.

    `blocked` are those open in another program, of which nobody knows how long.
    """

    ready: tuple[Candidate, ...] = ()
    waiting: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    wait_s: float | None = None


@dataclass(slots=True)
class _Watched:
    stamp: Stamp
    since: float
    is_whole: bool | None = None


class Inbox:
    """Remembers since when each file is as it is. `say(subject, text)` has a person told, once for each text."""

    def __init__(self, folder: Path, clock: Clock, say: Callable[[str, str], None]) -> None:
        self._folder = folder
        self._clock = clock
        self._say = say
        self._watched: dict[str, _Watched] = {}

    def look(self, steady_s: float, interval_s: float) -> Look:
        """A file is at rest after `steady_s`; a broken one is waited for much longer. Raises OSError."""
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        decks = [name for name in names if self._is_deck(name)]
        stamps = {name: stamp for name in decks if (stamp := _stamp_if_there(self._folder / name)) is not None}
        self._watched = {name: self._seen(name, stamp) for name, stamp in stamps.items()}
        blocked = {name for name in stamps if self._is_blocked(name, names)}
        ready, waits = [], {}
        for name in stamps.keys() - blocked:
            left_s = self._wait_s(name, steady_s, max(_PATIENCE * steady_s, interval_s))
            if left_s > 0:
                waits[name] = left_s
            else:
                ready.append(Candidate(self._folder / name, stamps[name]))
        return Look(
            ready=tuple(sorted(ready, key=lambda one: one.stamp[1])),  # first come, first served
            waiting=frozenset(waits),
            blocked=frozenset(blocked),
            wait_s=min(waits.values(), default=None),
        )

    def _is_deck(self, name: str) -> bool:
        if name.startswith((".", "~$")):
            return False
        suffix = Path(name).suffix.lower()
        if suffix in _OTHER_SLIDES:
            self._say(name, f"{name}: stays where it is; save it as .pptx, other formats are not taken")
        return suffix in DECK_SUFFIXES

    def _seen(self, name: str, stamp: Stamp) -> _Watched:
        before = self._watched.get(name)
        if before is not None and before.stamp == stamp:
            return before
        return _Watched(stamp, self._clock.monotonic())

    def _is_blocked(self, name: str, names: Collection[str]) -> bool:
        owner = next((one for one in _owner_files(name) if one in names), None)
        if owner is None and not _is_locked(self._folder / name):
            return False
        why = f"{owner} is beside it" if owner else "the system has it locked"
        self._say(name, f"{name}: is open in another program ({why}); it is taken when that has closed it")
        return True

    def _wait_s(self, name: str, steady_s: float, patience_s: float) -> float:
        """Seconds until a file may be taken if it stays as it is, 0 where it may now."""
        watched = self._watched[name]
        rested_s = self._clock.monotonic() - watched.since
        if rested_s < steady_s:
            return steady_s - rested_s
        if watched.is_whole is None:
            watched.is_whole = _is_whole(self._folder / name)
        return 0.0 if watched.is_whole else max(0.0, patience_s - rested_s)


def stamp_of(path: Path) -> Stamp:
    """What a file looks like from outside. Raises OSError."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _stamp_if_there(path: Path) -> Stamp | None:
    try:
        return stamp_of(path)
    except FileNotFoundError:  # another watcher took it just now
        return None


def _owner_files(name: str) -> tuple[str, ...]:
    """What programs leave beside a file they have open: PowerPoint, Word for long names, LibreOffice."""
    return f"~${name}", f"~${name[2:]}", f".~lock.{name}#"


def _has_owner(path: Path) -> bool:
    """Whether a program has it open. Raises OSError."""
    return any(_is_there(path.with_name(owner)) for owner in _owner_files(path.name))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # then no program can have put it there
            return False
        raise


def _is_locked(path: Path) -> bool:
    """Windows opens no file that is being written; elsewhere no lock keeps anybody out."""
    if os.name != "nt":
        return False
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True


def _is_whole(path: Path) -> bool:
    """Whether there is an end of a zip's directory, which is what a copy writes last, and a directory by it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
