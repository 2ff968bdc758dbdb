"""What many decks come to: how many ended how, their pictures, their cost. For all forms of their report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport, RunStatus
from pipeline.reporting.cells import counted

# As people are told of them, what needs them first.
STATUS_WORDS: Mapping[RunStatus, str] = {
    RunStatus.FAILED: "failed",
    RunStatus.PARTIAL: "partial",
    RunStatus.WAITING: "under way",
    RunStatus.SUCCESS: "done",
    RunStatus.NOTHING_TO_DO: "nothing to do",
}
NEED_SOMEONE = frozenset({RunStatus.FAILED, RunStatus.PARTIAL})
_DONE = (RunStatus.SUCCESS, RunStatus.NOTHING_TO_DO)
_STATUS_OF = {
    ExitCode.OK: RunStatus.SUCCESS,
    ExitCode.NOTHING_TO_DO: RunStatus.NOTHING_TO_DO,
    ExitCode.PARTIAL: RunStatus.PARTIAL,
    ExitCode.WAITING: RunStatus.WAITING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecksTotals:
    """Sums over all decks: `by_status` decks, every status in the order of `STATUS_WORDS`; else slides and USD."""

    by_status: Mapping[RunStatus, int]
    planned: int
    illustrated: int
    skipped: int
    failed: int
    cost_usd: float
    saved_usd: float
    maybe_usd: float

    @property
    def decks(self) -> int:
        """How many there were."""
        return sum(self.by_status.values())

    @property
    def done(self) -> int:
        """How many decks need nothing more."""
        return sum(self.by_status[status] for status in _DONE)


def totals_of(report: DecksReport) -> DecksTotals:
    """The sums over `report`."""
    ended = Counter(deck.status for deck in report.decks)
    return DecksTotals(
        by_status={status: ended[status] for status in STATUS_WORDS},
        planned=sum(deck.planned for deck in report.decks),
        illustrated=sum(deck.illustrated for deck in report.decks),
        skipped=sum(deck.skipped for deck in report.decks),
        failed=sum(deck.failed for deck in report.decks),
        cost_usd=sum(deck.cost_usd for deck in report.decks),
        saved_usd=sum(deck.saved_usd for deck in report.decks),
        maybe_usd=sum(deck.maybe_usd for deck in report.decks),
    )


def status_of(report: DecksReport) -> RunStatus:
    """How the whole ended, in a word: that of its exit code, so one deck that failed makes it `failed`."""
    return _STATUS_OF.get(report.exit_code, RunStatus.FAILED)


def decks_headline(totals: DecksTotals) -> str:
    """How the whole ended, in a sentence."""
    if not totals.decks:
        return "No deck was found."
    if totals.decks == 1:
        return "The deck is done." if totals.done else "The deck is not done."
    if totals.done < totals.decks:
        return f"{totals.done:,} of {counted(totals.decks, 'deck')} {'is' if totals.done == 1 else 'are'} done."
    return f"All {totals.decks:,} decks are done."
