"""What a service says of its own models when it is asked what it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One model as its service lists it. `retires` and `usd`, one picture at its usual size, are None where unsaid."""

    id: str
    retires: date | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the service at `base_url` listed at `fetched`, which is aware."""

    base_url: str
    fetched: datetime
    models: tuple[ListedModel, ...]
