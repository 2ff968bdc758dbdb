"""What tests of the schedule share: a job, times that are close together, a report."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.config.settings import ScheduledJob
from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, DecksReport, RunStatus


def job(name: str = "nightly", **fields: object) -> ScheduledJob:
    return ScheduledJob.model_validate(
        {"name": name, "cron": "0 2 * * *", "source": "decks", "target": "out", **fields}
    )


class Every:
    """Times so many seconds apart."""

    def __init__(self, seconds: float) -> None:
        self._gap = timedelta(seconds=seconds)

    def after(self, moment: datetime) -> datetime:
        return moment + self._gap


class Never:
    """No time at all."""

    def after(self, _moment: datetime) -> None:
        return None


def report_of(code: ExitCode = ExitCode.OK, stopped: ExitCode | None = None) -> DecksReport:
    """One deck that ended so."""
    deck = DeckOutcome(input="a.pptx", output="out/a.pptx", status=RunStatus.SUCCESS, exit_code=code)
    return DecksReport(decks=(deck,), seconds=1.0, stopped=stopped)
