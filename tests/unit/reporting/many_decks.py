"""What became of many decks, for the tests of its reports."""

from __future__ import annotations

from typing import Any

from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, DecksReport, RunStatus


def deck(name: str = "sales/review.pptx", **facts: Any) -> DeckOutcome:
    usual: dict[str, Any] = {
        "input": f"/in/{name}",
        "output": f"/out/{name}",
        "status": RunStatus.SUCCESS,
        "exit_code": ExitCode.OK,
        "run_id": "20261121-120000-ab12",
        "planned": 12,
        "illustrated": 12,
        "skipped": 2,
        "cost_usd": 0.564,
        "seconds": 80.0,
    }
    return DeckOutcome(**usual | facts)


DONE = deck()
PARTIAL = deck(
    "sales/half.pptx",
    status=RunStatus.PARTIAL,
    exit_code=ExitCode.PARTIAL,
    illustrated=10,
    failed=2,
    maybe_usd=0.04,
    saved_usd=0.2,
    errors=("slide 4: policy: refused", "slide 9: no answer"),
)
FAILED = deck(
    "locked.pptx",
    output=None,
    status=RunStatus.FAILED,
    exit_code=ExitCode.BAD_DECK,
    message="/in/locked.pptx: encrypted; take its password off",
    planned=0,
    illustrated=0,
    skipped=0,
    cost_usd=0.0,
    seconds=0.4,
)
NOTHING = deck(
    "plain.pptx",
    output=None,
    status=RunStatus.NOTHING_TO_DO,
    exit_code=ExitCode.NOTHING_TO_DO,
    planned=0,
    illustrated=0,
    cost_usd=0.0,
)
WAITING = deck(
    "batch.pptx", output=None, status=RunStatus.WAITING, exit_code=ExitCode.WAITING, illustrated=0, cost_usd=0.0
)
MIXED = DecksReport(decks=(DONE, PARTIAL, FAILED, NOTHING, WAITING), seconds=1000.0)
NONE = DecksReport(decks=(), seconds=0.1)
THOUSANDS = DecksReport(decks=(*[deck(f"{number}.pptx") for number in range(1998)], PARTIAL, FAILED), seconds=9000.0)
