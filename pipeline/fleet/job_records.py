"""What is known of a job handed in to the fleet, and of each of its decks. Frozen; JSON on the way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pipeline.errors import ExitCode


class DeckState(StrEnum):
    """Where a deck of a job stands. The last four are for good."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_over(self) -> bool:
        return self not in {DeckState.PENDING, DeckState.PROCESSING}


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Job(_Record):
    """Decks handed in together.

    `values` are settings by dotted key that decide what comes out and go before those of the workers; none is a secret.
    `force` lets existing targets be overwritten. `is_cancelled` where nothing more is to be begun for it.
    """

    id: str
    created: AwareDatetime
    count: int
    label: str = ""
    values: dict[str, Any] = Field(default_factory=dict)
    force: bool = False
    is_cancelled: bool = False


class DeckRow(_Record):
    """One deck of a job. `source`, `target` and `report` are URLs or paths, `report` "" before there is one.

    `planned` slides want a picture; `to_draw` pictures were handed out, `drawn` of them came back, made or not.
    `cost_usd` is what all tasks of the deck paid. `exit_code` is that of the deck's run, None before its end.
    """

    number: int
    source: str
    target: str
    state: DeckState = DeckState.PENDING
    planned: int = 0
    to_draw: int = 0
    drawn: int = 0
    illustrated: int = 0
    failed: int = 0
    cost_usd: float = 0.0
    exit_code: ExitCode | None = None
    message: str = ""
    report: str = ""
    heard: AwareDatetime | None = None


class DeadLetter(_Record):
    """A task that nobody will try again, and why."""

    task: str
    job: str
    deck: int
    reason: str
    at: datetime
