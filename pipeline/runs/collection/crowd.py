"""What many runs are given from outside, so that tests, and other rooms, can give them something else."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Protocol, TextIO

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, SystemClock
from pipeline.engine.threads import Mailbox
from pipeline.events import Event, EventSink
from pipeline.outcomes import DeckOutcome, RunReport
from pipeline.reporting.logs import LogFormat
from pipeline.runs.keeping import Keeping, open_keeping


class Progress(Protocol):
    """Who shows how far many decks are. Called from one thread; must not raise."""

    def listed(self, total: int) -> None:
        """Every deck is known now: there are so many."""

    def event(self, deck: str, event: Event) -> None:
        """Something happens in the run of a deck."""

    def ended(self, outcome: DeckOutcome) -> None:
        """A deck is done, for better or worse."""

    def told(self, text: str) -> None:
        """A line that a person should read, and that is about no deck."""


class Silence:
    """Progress nobody asked for."""

    def listed(self, total: int) -> None: ...

    def event(self, deck: str, event: Event) -> None: ...

    def ended(self, outcome: DeckOutcome) -> None: ...

    def told(self, text: str) -> None: ...


def _as_it_is(sink: EventSink) -> EventSink:
    """Nobody else listens."""
    return sink


def _unheard(_outcome: DeckOutcome, _report: RunReport | None) -> None:
    """Nobody needs to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The surroundings of many decks.

    `heard` is told of each deck that has ended, with the report of a run that began: in the thread of that deck, so
    that it holds up nobody else, and of several decks at once; it must not raise. `watching` is given what hears the
    events of a run, in that thread too, and gives what hears them in its place. `mailbox` is where signals arrive while
    `signals` is entered; whatever is Told there is shown. `log_echo`, `log_format` and `keeping` are each run's
    own, see `Surroundings`.
    """

    heard: Callable[[DeckOutcome, RunReport | None], None] = _unheard
    watching: Callable[[EventSink], EventSink] = _as_it_is
    progress: Progress = field(default_factory=Silence)
    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    mailbox: Mailbox = field(default_factory=SimpleQueue)
    signals: Callable[[], AbstractContextManager[None]] = nullcontext
    log_echo: TextIO | None = None
    log_format: LogFormat = "text"
    keeping: Callable[[Configuration, str, Clock, Callable[[str], None]], Keeping] = open_keeping
