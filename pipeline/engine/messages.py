"""What the threads tell the run's owner. The owner alone keeps the state of a run; everyone else sends it these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.engine.clock import StopCause
from pipeline.errors import FailedCall
from pipeline.records import Declined, FittedPicture, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOrder:
    """Write the prompt for a slide; `milder_than` is the prompt a service refused, "" at first."""

    slide_number: int
    milder_than: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A slide's picture, checked, and how it came about.

    `fit` cuts and encodes it for its slot. The owner does that, who has the time: a worker's next call need not wait.
    `saved_usd` is what it once cost where it was found in the store. `stands_in_for` says why there is no picture where
    this is only a card that marks its place, "" for a picture.
    """

    slide_number: int
    alt_text: str
    fit: Callable[[], FittedPicture]
    provider: str
    model: str
    attempts: int
    cost_usd: float
    image: Path | None
    saved_usd: float = 0.0
    failed_calls: tuple[FailedCall, ...] = ()
    stands_in_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The producer has written a prompt and is about to queue it."""

    prompt: Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailed:
    """No prompt could be had for a slide. `heard` is set when the owner has decided what follows from it."""

    slide_number: int
    error: Exception
    heard: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A worker is done with a picture, for better or worse. `heard` is set when the owner has decided what follows."""

    worker: str
    busy_s: float
    prompt: Prompt
    result: Drawn | Exception
    heard: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEnded:
    """A producer or worker has left its loop; `crash` is what broke it, None at an orderly end."""

    name: str
    crash: BaseException | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested:
    """A signal asks the run to end."""

    cause: StopCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something a person should read now: a service is left for the rest of the run."""

    text: str


Message = Declined | Written | WriteFailed | Finished | ThreadEnded | StopRequested | Told
