"""Progress of many decks for people: one bar over all on a terminal, and a line for each deck that has ended."""

from __future__ import annotations

from typing import Never, TextIO

from tqdm import tqdm

from pipeline.events import Event, Notice, StageDone
from pipeline.outcomes import DeckOutcome
from pipeline.reporting.cells import money, on_one_line, took
from pipeline.reporting.decks_totals import NEED_SOMEONE, STATUS_WORDS


class DecksConsole:
    """Writes to `stream`. `quiet` says only what must not be missed; `plain` draws no bar, for logs and pipes.

    `told` may be called in any thread.
    """

    def __init__(self, stream: TextIO, *, quiet: bool, plain: bool) -> None:
        self._stream = stream
        self._is_quiet = quiet
        self._bar: tqdm[Never] | None = None
        if not quiet and not plain and stream.isatty():
            self._bar = tqdm(desc="decks", unit="deck", file=stream)

    def listed(self, total: int) -> None:
        if self._bar is not None:
            self._bar.total = total
            self._bar.refresh()

    def event(self, deck: str, event: Event) -> None:
        if isinstance(event, Notice):
            self._say(f"{on_one_line(deck)}: {event.text}")
        elif isinstance(event, StageDone) and event.problem and not self._is_quiet:
            self._say(on_one_line(f"{deck}: slide {event.slide_number}: {event.problem}"))

    def ended(self, outcome: DeckOutcome) -> None:
        if not self._is_quiet or outcome.status in NEED_SOMEONE:
            self._say(on_one_line(_line(outcome)))
        if self._bar is not None:
            self._bar.update()

    def told(self, text: str) -> None:
        self._say(text)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def _say(self, line: str) -> None:
        if self._bar is None:
            print(line, file=self._stream, flush=True)
        else:
            tqdm.write(line, file=self._stream)


def _line(outcome: DeckOutcome) -> str:
    """How a deck ended: the reason where it needs somebody, else what was made of it."""
    how = f"{outcome.input}: {STATUS_WORDS[outcome.status]}"
    if outcome.message and outcome.status in NEED_SOMEONE:
        return f"{how}: {outcome.message.removeprefix(f'{outcome.input}: ')}"
    if not outcome.planned:
        return how
    pictures = f"{outcome.illustrated:,} of {outcome.planned:,} pictures"
    return f"{how}, {pictures}, {money(outcome.cost_usd)}, {took(outcome.seconds)}"
