"""What happens during a run, told to whoever listens. Frozen records and the protocol of a listener."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

# The slide this thread works on, for the log; None between slides.
current_slide: ContextVar[int | None] = ContextVar("current_slide", default=None)
# The run this thread works for, by its id; several may be under way in one process.
current_run: ContextVar[str] = ContextVar("current_run", default="")


class Stage(StrEnum):
    """The two stages that cost time and money."""

    PROMPTS = "prompts"
    IMAGES = "images"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The plan is made; `planned` slides want a picture."""

    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line a person should read, whatever else is shown."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDone:
    """One slide has left one stage. `problem` is "" where it succeeded; `skipped`: it wants no picture after all."""

    stage: Stage
    slide_number: int
    problem: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """No more progress will come."""


Event = RunStarted | Notice | StageDone | RunEnded


class EventSink(Protocol):
    """A listener. Called from one thread, in order; must not raise."""

    def __call__(self, event: Event) -> None: ...
