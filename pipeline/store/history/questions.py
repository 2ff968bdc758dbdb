"""What the history can be asked, and what it answers. Knows nothing of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which calls are added up: those for which all holds that is given.

    `deck` is (SHA-256 of its bytes, absolute path): a call of any run counts whose deck has that content or that path.
    `since` is an aware time; a call stamped later than now, by a clock that went backwards, is since then too.
    """

    run_id: str | None = None
    deck: tuple[str, str] | None = None
    since: datetime | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What may be spent within `scope` at most, in US dollars and in pictures; None is no bound.

    `name` is the setting that says so. `also_usd` and `also_images` are what this process has set aside besides, for
    pictures whose prompts are being written.
    """

    name: str
    scope: Scope
    max_usd: float | None = None
    max_images: int | None = None
    also_usd: float = 0.0
    also_images: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What counts against a bound. `maybe_usd` is the part of `usd` whose end is not known: under way, or lost.

    `images` are the pictures that came, are on their way or may have been charged.
    """

    usd: float
    maybe_usd: float
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs or calls are wanted: those for which all holds that is given.

    `deck` is a path, the end of one ("talks/q3.pptx", "q3.pptx") or four digits or more a deck's SHA-256 begins with.
    `status` is a RunState or an AttemptState: asked for runs, a call's state means a run with such a call; asked for
    calls, a run's state means calls of such runs. `since` is an aware time, `limit` how many at most, the latest ones.
    """

    deck: str | None = None
    since: datetime | None = None
    status: str | None = None
    project: str | None = None
    service: str | None = None
    limit: int | None = None
