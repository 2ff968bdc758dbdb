"""What the tables of models, services and single pictures show, a record a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from pipeline.config.credentials import Standing
from pipeline.errors import ExitCode, FailedCall
from pipeline.services.models import Shapes


class ModelState(StrEnum):
    """Whether a model can be used, and with whose key. `listed`: only its service's own list has it."""

    AVAILABLE_PERSONAL = "available_personal"
    AVAILABLE_SHARED = "available_shared"
    NO_ACCESS = "no_access"
    DISABLED = "disabled"
    SHUT_DOWN = "shut_down"
    LISTED = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model. `type` is image, text or both, "" where nobody says.

    `usd` is one picture of about 1024x1024 at the usual quality; `usd_read` and `usd_written` are a million tokens.
    None is what is not known. `retires` is the day it is or was shut down.
    """

    service: str
    id: str
    type: str
    state: ModelState
    title: str = ""
    is_default: bool = False
    usd: float | None = None
    usd_read: float | None = None
    usd_written: float | None = None
    shapes: Shapes | None = None
    qualities: tuple[str, ...] = ()
    retires: date | None = None

    @property
    def name(self) -> str:
        """As settings spell it."""
        return f"{self.service}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """Models by service and id.

    `others` are the services that take any model they have; `ages` tells how long ago each was heard of its own.
    """

    rows: tuple[ModelRow, ...]
    others: tuple[str, ...]
    ages: dict[str, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRow:
    """What became of asking one service for its models: how many it has, how many of them with a price or a date.

    `age` is how long ago that was heard, None where it was not; `was_asked` is false where that was fresh enough.
    `problem` is a line for people, "" where all is well; `is_refused` where it is that the key is no good.
    """

    service: str
    models: int = 0
    prices: int = 0
    shutdowns: int = 0
    age: timedelta | None = None
    was_asked: bool = False
    problem: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service, how things stand with it, and how many models it has listed."""

    standing: Standing
    image_models: int
    text_models: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """What trying a service's key found: `state` is works, refused, no_credit, unreachable or unknown."""

    service: str
    key: str
    state: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """One picture made without a deck; `path` is None where none was, for the reason `problem`."""

    number: int
    path: Path | None = None
    provider: str = ""
    model: str = ""
    cost_usd: float | None = None
    problem: str = ""
    failed_calls: tuple[FailedCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesReport:
    """What became of all that were asked for."""

    exit_code: ExitCode
    prompt: str
    rows: tuple[PictureRow, ...]

    @property
    def cost_usd(self) -> float | None:
        """What all of them cost, failed calls included; None where a price is not known."""
        costs = [row.cost_usd for row in self.rows]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None
