"""What others are told of a deck that has ended, or of many: its kind, and the JSON report."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config.settings import Ending
from pipeline.errors import PipelineError
from pipeline.outcomes import DeckOutcome, DecksReport, Money, RunReport, RunStatus
from pipeline.reporting.decks_json import decks_json
from pipeline.reporting.report import report_json

ALL_ENDED = "decks.ended"
_ENDINGS: dict[RunStatus, Ending] = {
    RunStatus.SUCCESS: "done",
    RunStatus.PARTIAL: "done",
    RunStatus.NOTHING_TO_DO: "done",
    RunStatus.FAILED: "failed",
}


class UntoldError(PipelineError):
    """Somebody could not be told. No reason for a run to fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, the same however often it is sent. `event` is "deck.done", "deck.failed" or "decks.ended"."""

    event: str
    id: str
    occurred: datetime
    report: dict[str, Any] = field(repr=False)

    @property
    def body(self) -> bytes:
        """As Standard Webhooks recommends it: type, timestamp (RFC 3339, UTC), data. ASCII, so read alike by all."""
        moment = self.occurred.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"type": self.event, "timestamp": moment, "data": self.report}).encode("ascii")


def ending_of(outcome: DeckOutcome) -> Ending | None:
    """How the deck ended; None where a batch of it is still under way."""
    return _ENDINGS.get(outcome.status)


def ending_of_all(report: DecksReport) -> Ending:
    """`failed` where a deck did, or not all were begun."""
    has_failed = any(ending_of(outcome) == "failed" for outcome in report.decks)
    return "failed" if has_failed or report.stopped is not None else "done"


def deck_report(outcome: DeckOutcome, report: RunReport | None) -> dict[str, Any]:
    """The JSON report of one deck, of the same fields also where it never began or was made by another machine.

    `input` and `output` are the outcome's: URLs where the decks are named so.
    """
    whole: dict[str, Any] = json.loads(report_json(report or _bare(outcome)))
    return {**whole, "input": outcome.input, "output": outcome.output}


def decks_report(report: DecksReport) -> dict[str, Any]:
    """The JSON report of many decks."""
    whole: dict[str, Any] = json.loads(decks_json(report))
    return whole


def message_id(rng: random.Random) -> str:
    """A UUID of version 4, by which a receiver knows a message that comes again."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _bare(outcome: DeckOutcome) -> RunReport:
    return RunReport(
        run_id=outcome.run_id,
        status=outcome.status,
        exit_code=outcome.exit_code,
        input=Path(outcome.input),
        message=outcome.message,
        planned=outcome.planned,
        cost_usd=outcome.cost_usd,
        money=Money(saved_usd=outcome.saved_usd, maybe_usd=outcome.maybe_usd),
        seconds=outcome.seconds,
    )
