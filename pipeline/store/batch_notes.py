"""What is remembered of a batch under way: its questions, who handed them in, the id the service gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from pipeline.errors import FileAccessError
from pipeline.records import CallKind, Request
from pipeline.store.files import refusals_told, write_whole

_SETTING = "output.work_folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQuestion:
    """One question of a batch. `price_usd` is what it will cost there, about; None where that is not known."""

    request: Request
    slide_number: int
    price_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNote:
    """One batch, handed in by the run `run_id`; `batch` is the service's id, None while it is not known.

    `questions` stand by the keys of their requests, which are their ids in the batch. There is at least one, and all
    are to one model.
    """

    run_id: str
    kind: CallKind
    created: AwareDatetime
    questions: Mapping[str, BatchQuestion]
    batch: str | None = None

    @property
    def name(self) -> str:
        """What the history knows its calls by."""
        return batch_name(self.run_id, self.kind)

    @property
    def model(self) -> tuple[str, str]:
        """The service and the model that are asked."""
        request = next(iter(self.questions.values())).request
        return request.service, request.model


_NOTES = TypeAdapter(BatchNote)


def batch_name(run_id: str, kind: CallKind) -> str:
    """Our name for the batch of that kind a run hands in; it hands in no two while one is under way."""
    return f"{run_id}-{kind.value}"


def read_note(folder: Path, kind: CallKind) -> BatchNote | None:
    """The batch of this kind that is under way for a work folder, None where none is. Raises FileAccessError."""
    path = _path(folder, kind)
    try:
        with refusals_told(path, "read", _SETTING):
            return _NOTES.validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError as error:
        raise FileAccessError(f"{path}: damaged; remove it to go on without the batch it tells of") from error


def is_batch_under_way(folder: Path) -> bool:
    """True where something was handed in for the work folder that is not collected."""
    return any(_path(folder, kind).exists() for kind in CallKind)


def write_note(folder: Path, note: BatchNote) -> None:
    """Remember `note`; it is on the disk when this returns. Raises FileAccessError."""
    path = _path(folder, note.kind)
    with refusals_told(path, "written", _SETTING):
        write_whole(path, _NOTES.dump_json(note))


def drop_note(folder: Path, kind: CallKind) -> None:
    """All of it is collected. Raises FileAccessError."""
    path = _path(folder, kind)
    with refusals_told(path, "removed", _SETTING):
        path.unlink(missing_ok=True)


def _path(folder: Path, kind: CallKind) -> Path:
    return folder / f"batch-{kind.value}.json"
