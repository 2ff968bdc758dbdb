"""Many decks' report for programs, a promise as the report of one is: fields are added, never renamed."""

from __future__ import annotations

import json
from typing import Any

from pipeline.outcomes import DeckOutcome, DecksReport
from pipeline.reporting.decks_totals import DecksTotals, status_of, totals_of


def decks_json(report: DecksReport) -> str:
    """`report` as one JSON object. `status` is that of the exit code; times are seconds, money US dollars."""
    data = {
        "exit_code": int(report.exit_code),
        "status": status_of(report).value,
        "message": report.message,
        "seconds": round(report.seconds, 3),
        "totals": _totals(totals_of(report)),
        "decks": [outcome_json(deck) for deck in report.decks],
    }
    return json.dumps(data, indent=2)  # ASCII: whatever the other end of a pipe takes for the encoding


def outcome_json(outcome: DeckOutcome) -> dict[str, Any]:
    """One deck as what JSON knows, nothing but strings, numbers, lists and null."""
    return {
        "input": outcome.input,
        "output": outcome.output,
        "status": outcome.status.value,
        "exit_code": int(outcome.exit_code),
        "message": outcome.message,
        "run_id": outcome.run_id,
        "planned": outcome.planned,
        "illustrated": outcome.illustrated,
        "skipped": outcome.skipped,
        "failed": outcome.failed,
        "cost_usd": round(outcome.cost_usd, 6),
        "saved_usd": round(outcome.saved_usd, 6),
        "maybe_usd": round(outcome.maybe_usd, 6),
        "seconds": round(outcome.seconds, 3),
        "errors": list(outcome.errors),
    }


def _totals(totals: DecksTotals) -> dict[str, Any]:
    return {
        "decks": {status.value: count for status, count in totals.by_status.items()},
        "slides": {
            "planned": totals.planned,
            "illustrated": totals.illustrated,
            "skipped": totals.skipped,
            "failed": totals.failed,
        },
        "cost_usd": round(totals.cost_usd, 6),
        "saved_usd": round(totals.saved_usd, 6),
        "maybe_usd": round(totals.maybe_usd, 6),
    }
