"""Many decks, each once: several at the same time, under the same limits, whatever becomes of the others."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipeline.config.loader import Configuration
from pipeline.engine.clock import StopCause
from pipeline.engine.many import Ended, Listed, Many
from pipeline.engine.messages import Told
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, PipelineError
from pipeline.events import Event, Notice
from pipeline.outcomes import DeckOutcome, DecksReport, RunReport
from pipeline.runs.assembly import Surroundings
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.outcomes import Refused, outcome_of, outcome_of_refusal
from pipeline.runs.deck_run import illustrate
from pipeline.runs.preparing import Order
from pipeline.runs.services.limiting import RunLimits
from pipeline.store.files import make_folder, refusals_told

_CODES = {StopCause.INTERRUPTED: ExitCode.INTERRUPTED, StopCause.TERMINATED: ExitCode.TERMINATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    """An event of a deck's run, on its way to who shows it."""

    deck: str
    event: Event


def illustrate_all(asked: Iterable[Order | Refused], configuration: Configuration, around: Crowd) -> DecksReport:
    """Illustrate each deck that is asked for, `decks.jobs` at the same time; `asked` is gone through as they begin.

    All share the limits of each service. What goes wrong with a deck is told in its outcome and stops no other, but for
    a key that is missing or refused: no other deck is begun then, as it would be the same for each. The first signal
    has the decks under way end in order and begins no other.

    Raises what breaks in this thread, a second signal above all.
    """
    began = around.clock.monotonic()
    with closing(RunLimits(configuration.settings.limits, configuration.home, around.clock)) as limits:
        decks = _Decks(asked, configuration, around, limits)
        with around.signals():
            outcomes = decks.made()
    stopped = decks.why_stopped()
    return DecksReport(
        decks=tuple(outcomes[number] for number in sorted(outcomes)),
        seconds=around.clock.monotonic() - began,
        message="" if stopped is None else stopped[1],
        stopped=None if stopped is None else stopped[0],
    )


class _Decks:
    """The decks of one command. Keeps what became of each, and no more of it."""

    def __init__(
        self, asked: Iterable[Order | Refused], configuration: Configuration, around: Crowd, limits: RunLimits
    ) -> None:
        self._configuration = configuration
        self._around = around
        self._limits = limits
        self._mailbox: SimpleQueue[Any] = around.mailbox
        self._many: Many[Order | Refused, DeckOutcome] = Many(
            asked, self._made, at_once=configuration.settings.decks.jobs, mailbox=self._mailbox
        )
        self._total: int | None = None
        self._refused_key = ""

    def made(self) -> dict[int, DeckOutcome]:
        """What became of each deck, by its number; where all were stopped, of those that were begun."""
        progress, outcomes = self._around.progress, {}
        with closing(iter(self._many)) as happenings:
            for happening in happenings:
                match happening:
                    case Ended(number=number, result=outcome):
                        outcomes[number] = outcome
                        progress.ended(outcome)
                    case _Happened(deck=deck, event=event):
                        progress.event(deck, event)
                    case Told(text=text):
                        progress.told(text)
                    case Listed(total=total):
                        self._total = total
                        progress.listed(total)
        return outcomes

    def why_stopped(self) -> tuple[ExitCode, str] | None:
        """What broke the whole off and why not every deck was begun, "" where every one was; None: nothing did."""
        left = None if self._total is None else self._total - self._many.begun
        rest = "those that are left" if left is None else f"the {left:,} that {'is' if left == 1 else 'are'} left"
        if self._many.cause is not None:
            why = f"the run was {self._many.cause.value}; run the same command again for {rest}"
            return _CODES[self._many.cause], why if left != 0 else ""
        if self._refused_key and left != 0:
            return ExitCode.CREDENTIALS, f"it would be the same for {rest}: {self._refused_key}"
        return None

    def _made(self, asked: Order | Refused, own: Mailbox) -> DeckOutcome:
        """What becomes of one deck, in its own thread."""
        outcome, report = self._outcome(asked, own)
        if outcome.exit_code is ExitCode.CREDENTIALS:
            self._refused_key = self._refused_key or outcome.message
            self._many.begin_no_more()
        self._around.heard(outcome, report)
        return outcome

    def _outcome(self, asked: Order | Refused, own: Mailbox) -> tuple[DeckOutcome, RunReport | None]:
        if isinstance(asked, Refused):
            return outcome_of_refusal(asked), None
        began = self._around.clock.monotonic()
        try:
            report = self._run(asked, own)
        except PipelineError as error:
            refused = Refused(input=str(asked.input), error=error)
        except Exception as error:  # noqa: BLE001 - the bug one deck meets is told, the others go on
            self._tell(asked.input, Notice(text="".join(traceback.format_exception(error)).rstrip()))
            bug = PipelineError(f"a bug: unexpected {type(error).__name__}: {error}")
            refused = Refused(input=str(asked.input), error=bug)
        else:
            return outcome_of(report), report
        return outcome_of_refusal(refused, self._around.clock.monotonic() - began), None

    def _run(self, order: Order, own: Mailbox) -> RunReport:
        if order.output is not None:
            with refusals_told(order.output.parent, "made", "-o"):
                make_folder(order.output.parent)
        surroundings = Surroundings(
            sink=self._around.watching(lambda event: self._tell(order.input, event)),
            clock=self._around.clock,
            rng=self._around.rng,
            mailbox=own,
            log_echo=self._around.log_echo,
            log_format=self._around.log_format,
            keeping=self._around.keeping,
            limits=self._limits,
        )
        return illustrate(order, self._configuration, surroundings)

    def _tell(self, deck: Path, event: Event) -> None:
        self._mailbox.put(_Happened(deck=str(deck), event=event))
