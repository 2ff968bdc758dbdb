"""What this run wants and another one has handed in: it is waited for, and collected for both, never asked twice."""

from __future__ import annotations

import socket
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.records.history import LOST, AttemptRecord
from pipeline.runs.batches.rounds import Course
from pipeline.store.batch_notes import BatchNote, read_note
from pipeline.store.history import History
from pipeline.store.single_flight import take

_SETTING = "output.work_folder"

Follow = Callable[[Path, BatchNote], Course]
"""Looks once how the batch of a work folder stands, which nobody else has meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The batches of other work folders of this machine. `own` is ours, whose batches are no other's."""

    own: Path
    history: History
    follow: Follow
    under_way: set[str] = field(default_factory=set)

    def look(self, wanted: Container[str]) -> str:
        """Collect the batches that have what is `wanted`, by its keys; what is not done yet, in a line, else "".

        `under_way` holds what is to be waited for, from then on. Raises as `follow` does, and FileAccessError.
        """
        self.under_way.clear()
        told: dict[str, None] = {}
        for calls in self._batches():
            folder, kind = self._folder(calls[0]), calls[0].kind
            if folder == self.own.resolve():
                if not _has_note(self.own, calls[0]):
                    self._lose(calls)
                continue
            is_wanted = any(call.request_key in wanted for call in calls)
            if folder is not None and is_wanted and self._is_under_way(folder, calls):
                self.under_way.update(call.request_key for call in calls)
                told[f"{kind}s of this deck are under way in a batch of {folder}"] = None
        return "; ".join(told)

    def _batches(self) -> list[list[AttemptRecord]]:
        """The calls under way, batch by batch."""
        found: dict[str, list[AttemptRecord]] = {}
        for call in self.history.batch_calls_under_way():
            found.setdefault(call.batch, []).append(call)
        return list(found.values())

    def _folder(self, call: AttemptRecord) -> Path | None:
        """Where its run kept the note; None for one of another machine, which has a store of its own."""
        run = self.history.run(_handed_in_by(call))
        if run is None or not run.lock or run.host != socket.gethostname():
            return None
        return Path(run.lock).parent

    def _is_under_way(self, folder: Path, calls: list[AttemptRecord]) -> bool:
        with _kept_to_us(folder) as is_free:
            if not is_free:  # its run is at work
                return True
            note = read_note(folder, calls[0].kind)
            if note is not None and _has_note(folder, calls[0]):
                return self.follow(folder, note) is Course.UNDER_WAY
        self._lose(calls)
        return False

    def _lose(self, calls: list[AttemptRecord]) -> None:
        for call in calls:
            message = "the note of its batch is gone, so nobody can collect it"
            self.history.end_attempt(call.id, error_kind=LOST, error=message, may_be_charged=True)


def _has_note(folder: Path, call: AttemptRecord) -> bool:
    note = read_note(folder, call.kind)
    return note is not None and note.name == call.batch


def _handed_in_by(call: AttemptRecord) -> str:
    """The run whose batch the call is part of: it alone has the note of that name."""
    return call.batch.removesuffix(f"-{call.kind.value}")


@contextmanager
def _kept_to_us(folder: Path) -> Iterator[bool]:
    """Hold the work folder as its runs do, if none of them has it; it may be gone."""
    if not folder.is_dir():
        yield True
        return
    lock = take(folder / "run.lock", _SETTING)
    if lock is None:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
