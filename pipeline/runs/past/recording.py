"""The history is told of a deck's run: that it begins, and how it ended."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from pipeline.config.settings import Settings
from pipeline.engine.clock import Clock
from pipeline.errors import FileAccessError
from pipeline.outcomes import RunReport
from pipeline.records.history import AttemptRecord, RunRecord
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.past.run_records import beginning, ended, slide_records
from pipeline.runs.past.taking_over import take_over
from pipeline.runs.spending.money import money_of
from pipeline.store.work_folder import Holder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A deck's run that the history knows of."""

    run: Run
    begun: RunRecord
    credits_per_image: float | None
    clock: Clock

    def ended(self, report: RunReport, output_hash: str) -> RunReport:
        """Write down how it ended, `output_hash` being the SHA-256 of what was delivered, "" where nothing was.

        Gives the report back with where its money went. A history that cannot be written now takes nothing back: the
        deck is delivered, what was paid for is kept.
        """
        history = self.run.keeping.history
        try:
            history.end_run(ended(self.begun, report, output_hash, self.clock), slide_records(report))
            attempts = self._calls(history.attempts(self.run.id))
        except FileAccessError as error:
            log.warning("the end of the run is not in the history: %s", error)
            return replace(report, message=report.message or f"the end of the run is not in the history: {error}")
        return replace(report, money=money_of(report, attempts, self.credits_per_image))

    def _calls(self, own: list[AttemptRecord]) -> list[AttemptRecord]:
        """The run's own calls, and those it collected from a batch that an earlier run handed in."""
        return [*(call for call in self.run.brought.calls if call.run_id != self.run.id), *own]


def begin_recording(run: Run, dead: Holder | None, settings: Settings, around: Surroundings) -> Recording:
    """Tell the history of the run, and what became of `dead`, the one that held its output before and died.

    Raises FileAccessError where it cannot be written: what cannot be recorded must not be paid for.
    """
    deck_hash, deck = run.account.deck or ("", "")
    begun = replace(
        beginning(run.id, around.clock, settings.project, len(run.board.open)),
        deck=deck,
        deck_hash=deck_hash,
        output=str(run.output.resolve()),
        work_key=run.work_key,
        lock=str(run.work_folder.lock_file.resolve()),
    )
    run.keeping.history.begin_run(begun)
    take_over(run, begun, dead, around)
    return Recording(run=run, begun=begun, credits_per_image=settings.budget.credits_per_image, clock=around.clock)
