"""The work folder of a run: its log, the lock that keeps its output to it, and a note of who holds that lock.

The note is left behind by a run that dies, and taken away by one that ends: whoever takes the lock and finds a note
knows that the run before it died, and which one it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from pipeline.errors import FileAccessError
from pipeline.files import file_digest
from pipeline.store.files import make_folder, refusals_told, temporaries, write_whole
from pipeline.store.single_flight import take

_SETTING = "output.work_folder"
# A run that has just begun has written its note by then, one that is just ending is gone.
_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a work folder. `delivered` are the SHA-256 digests of what it was about to put at `output`."""

    run_id: str
    pid: int
    host: str
    user: str
    started: AwareDatetime
    input: Path
    output: Path
    delivered: tuple[str, ...] = ()


_HOLDERS = TypeAdapter(Holder)


class WorkFolder:
    """Safe for the threads of one run while it is `held`. Nothing is on disk before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._holder: Holder | None = None

    @property
    def log_file(self) -> Path:
        return self.path / "run.log"

    @property
    def lock_file(self) -> Path:
        return self.path / "run.lock"

    @property
    def _note(self) -> Path:
        return self.path / "run.json"

    @contextmanager
    def held(self, holder: Holder) -> Iterator[Holder | None]:
        """Make the folder and keep it to this run; yields the run that held it before and died, if one did.

        A block that is left by an exception leaves the note: what it did not write down, the next run will. Raises
        FileAccessError where the folder cannot be used, also where another run has it.
        """
        with self._locked():
            dead = self._read()
            self._clean()
            self._write(holder)
            try:
                yield dead
            finally:
                self._holder = None
            with suppress(OSError):  # a note that stays has the next run look for what is not there
                self._note.unlink(missing_ok=True)

    def note_delivery(self, sha256: str) -> None:
        """Write down, before the rename, the digest of the file about to become the output. Raises FileAccessError."""
        if self._holder is None:
            raise RuntimeError("a delivery is noted by who holds the folder")
        self._write(replace(self._holder, delivered=(*self._holder.delivered, sha256)))

    def has_delivered(self, output: Path) -> bool:
        """True where the file at `output` is what a run put there that died before it could say so."""
        left = self._read()
        if left is None or not output.is_file():
            return False
        with refusals_told(output, "read", "the output"):
            return file_digest(output) in left.delivered

    def forget(self, run_id: str) -> None:
        """Remove the note of a run that is known to be over, if it left one and no other is at work."""
        left = self._read()
        if left is None or left.run_id != run_id:
            return
        lock = take(self.lock_file, _SETTING)
        if lock is not None:
            with suppress(OSError):  # a note that stays has the next run look for what is not there
                self._note.unlink(missing_ok=True)
                self.lock_file.unlink()
            lock.release()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with refusals_told(self.path, "made", _SETTING):
            make_folder(self.path)
        lock = take(self.lock_file, _SETTING, patience_s=_PATIENCE_S)
        if lock is None:
            raise FileAccessError(self._taken())
        try:
            yield
        finally:
            lock.release()

    def _taken(self) -> str:
        holder = self._read()
        if holder is None:
            return f"{self.path}: another run is at work on this output; wait for it to end"
        who = f"pid {holder.pid} on {holder.host}, by {holder.user}, since {_moment(holder.started)}"
        return f"{self.path}: run {holder.run_id} ({who}) is at work on this output; wait for it to end"

    def _read(self) -> Holder | None:
        try:
            with refusals_told(self._note, "read", _SETTING):
                return _read_holder(self._note)
        except ValidationError:
            return None

    def _write(self, holder: Holder) -> None:
        sayable = replace(holder, input=_sayable(holder.input), output=_sayable(holder.output))
        with refusals_told(self._note, "written", _SETTING):
            make_folder(self.path)  # somebody may have removed it in the middle of a run
            write_whole(self._note, _HOLDERS.dump_json(sayable, indent=1), owner=holder.run_id)
        self._holder = holder

    def _clean(self) -> None:
        """Remove what a dead run was writing: no other run writes here while this one holds the lock."""
        with refusals_told(self.path, "cleaned", _SETTING):
            for path in temporaries(self.path):
                path.unlink(missing_ok=True)


def _read_holder(note: Path) -> Holder | None:
    try:
        return _HOLDERS.validate_json(note.read_bytes())
    except FileNotFoundError:
        return None


def _sayable(path: Path) -> Path:
    """Names of files may hold bytes that are no text, JSON may not."""
    return Path(str(path).encode("utf-8", "backslashreplace").decode())


def _moment(started: datetime) -> str:
    """As people read it: the time alone would not say of which day."""
    return f"{started.astimezone():%Y-%m-%d %H:%M}"
