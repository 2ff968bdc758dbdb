"""What is kept so that it is never paid for twice, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.records.kept import KeptEntry
from pipeline.reporting.cells import counted, cut, moment, money, size
from pipeline.reporting.tables import aligned

_HEAD = ("last used", "what", "model", "paid", "size", "prompt")
_PROMPT = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many kept pictures and answers, and the bytes they take."""

    entries: int
    bytes: int


def describe_entries(rows: Sequence[KeptEntry], folder: Path, *, has_more: bool) -> str:
    """One line an entry, the last used first."""
    if not rows:
        return f"Nothing is kept in {folder}."
    older = ", and others unused for longer (--limit N shows more)" if has_more else ""
    lines = aligned([_HEAD, *map(_cells, rows)], right=(3, 4))
    return "\n".join([*lines, "", f"{counted(len(rows), 'entry')}{older}, in {folder}."])


def entries_json(rows: Sequence[KeptEntry], folder: Path) -> str:
    """The same as one JSON object, prompts whole."""
    entries = [
        {
            "kind": row.kind.value,
            "key": row.key,
            "service": row.service,
            "model": row.model,
            "prompt": row.prompt,
            "bytes": row.bytes,
            "cost_usd": None if row.cost_usd is None else round(row.cost_usd, 6),
            "created": row.created.isoformat(),
            "last_used": row.last_used.isoformat(),
            "path": None if row.path is None else str(row.path),
        }
        for row in rows
    ]
    return json.dumps({"folder": str(folder), "entries": entries}, indent=2)


def describe_size(pictures: int, answers: int, count: int, folder: Path) -> str:
    """How much is kept, and where. `count` is in bytes."""
    return f"{counted(pictures, 'picture')} and {counted(answers, 'prompt')}, {size(count)}, in {folder}."


def size_json(pictures: int, answers: int, count: int, folder: Path) -> str:
    """The same as one JSON object."""
    return json.dumps({"folder": str(folder), "pictures": pictures, "answers": answers, "bytes": count}, indent=2)


def describe_removed(went: Amount, left: Amount, folder: Path) -> str:
    """What a clean-up removed, and what it left."""
    return f"Removed {_told(went)}, from {folder}. Left: {_told(left)}."


def removed_json(went: Amount, left: Amount, folder: Path) -> str:
    """The same as one JSON object."""
    return json.dumps(
        {
            "folder": str(folder),
            "removed_entries": went.entries,
            "removed_bytes": went.bytes,
            "left_entries": left.entries,
            "left_bytes": left.bytes,
        },
        indent=2,
    )


def _told(amount: Amount) -> str:
    return f"{counted(amount.entries, 'entry')}, {size(amount.bytes)}"


def _cells(row: KeptEntry) -> tuple[str, ...]:
    return (
        moment(row.last_used),
        row.kind.value,
        cut(f"{row.service}/{row.model}" if row.model else row.service, 28),
        money(row.cost_usd),
        size(row.bytes),
        cut(row.prompt, _PROMPT) or row.key[:12],
    )
