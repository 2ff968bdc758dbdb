"""What the store holds, for whoever looks through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.records.requests import CallKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """One thing in the store. `prompt` is a picture's prompt or the one that was answered, "" where none was.

    `bytes` are those of the picture or the answer, `cost_usd` what it cost when it was made, `path` a picture's file.
    """

    kind: CallKind
    key: str
    service: str
    model: str
    prompt: str
    bytes: int
    cost_usd: float | None
    created: datetime
    last_used: datetime
    path: Path | None
