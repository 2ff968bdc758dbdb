"""What the tables of the history show beyond its own records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.records.history import AttemptRecord, RunRecord, SlideRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRun:
    """One run with all that belongs to it. `pictures` maps hashes to the files that are still kept."""

    run: RunRecord
    slides: Sequence[SlideRecord]
    attempts: Sequence[AttemptRecord]
    pictures: Mapping[str, Path]
