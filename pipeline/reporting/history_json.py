"""The history for programs. Its fields are those of `records.history`: they are added to, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.records.history import AttemptRecord, RunRecord, StatRow
from pipeline.reporting.history_rows import ToldRun

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def runs_json(runs: Iterable[RunRecord]) -> str:
    """Runs, the newest first."""
    return _dumped({"runs": [plain(run) for run in runs]})


def attempts_json(attempts: Iterable[AttemptRecord]) -> str:
    """Calls to services, the newest first."""
    return _dumped({"attempts": [plain(attempt) for attempt in attempts]})


def run_json(told: ToldRun) -> str:
    """One run with its slides and attempts; `picture` is the file a picture stands in, null where there is none."""
    slides = [plain(slide) | {"picture": _file(told, slide.image_hash)} for slide in told.slides]
    attempts = [plain(attempt) | {"picture": _file(told, attempt.response.hash)} for attempt in told.attempts]
    return _dumped({"run": plain(told.run), "slides": slides, "attempts": attempts})


def stats_json(rows: Iterable[StatRow]) -> str:
    """A row for each day, service and model."""
    return _dumped({"stats": [plain(row) for row in rows]})


def forgotten_json(runs: int, age: str) -> str:
    """What was forgotten."""
    return _dumped({"forgotten_runs": runs, "older_than": age})


def plain(record: DataclassInstance) -> dict[str, Any]:
    """A record's fields as JSON's values: moments in ISO 8601, money to a millionth."""
    return {field.name: _value(field.name, getattr(record, field.name)) for field in fields(record)}


def _value(name: str, value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value)
    if isinstance(value, float):
        return round(value, 6 if name.endswith("_usd") else 3)
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def _file(told: ToldRun, image_hash: str) -> str | None:
    path = told.pictures.get(image_hash)
    return None if path is None else str(path)


def _dumped(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, default=str)
