"""What the tables of the history show beyond its own records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.records.history import AttemptRecord, RunRecord, SlideRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRun:
    """One run with all that belongs to it. `pictures` maps hashes to the files that are still kept."""

    run: RunRecord
    slides: Sequence[SlideRecord]
    attempts: Sequence[AttemptRecord]
    pictures: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatRow:
    """One local day of one model: how many images came, the share of attempts that succeeded of those that ended.

    `median_s` is of those that succeeded, `maybe_usd` what attempts were priced at whose end is not known.
    """

    day: date
    service: str
    model: str
    images: int
    success_rate: float | None
    median_s: float | None
    cost_usd: float
    maybe_usd: float
