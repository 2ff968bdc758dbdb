"""A run as the history has it, for the tests of its tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.records.history import LOST, AttemptRecord, AttemptState, Response, RunRecord, RunState, SlideRecord
from pipeline.records.requests import CallKind

BEGAN = datetime(2026, 11, 8, 2, 14, 3, tzinfo=UTC)
RUN_ID = "20261108-021403-ab12"
KITE, GONE = "ab" * 32, "cd" * 32

RUN = RunRecord(
    id=RUN_ID,
    state=RunState.PARTIAL,
    deck="/decks/review.pptx",
    deck_hash="ef" * 32,
    output="/decks/review.illustrated.pptx",
    user="ann",
    project="acme",
    host="h7",
    pid=12,
    created=BEGAN,
    finished=BEGAN + timedelta(seconds=192),
    exit_code=20,
    planned=24,
    illustrated=22,
    failed=2,
    cost_usd=1.1,
    maybe_usd=0.05,
)
UNENDED = RunRecord(id="20261108-011403-ab12", state=RunState.PENDING, created=BEGAN - timedelta(hours=1))


def slide(number: int, **facts: Any) -> SlideRecord:
    return SlideRecord(**{"run_id": RUN_ID, "number": number, "title": f"Slide {number}", "status": "failed"} | facts)


def attempt(number: int, **facts: Any) -> AttemptRecord:
    usual = {
        "id": number,
        "run_id": RUN_ID,
        "slide_number": number,
        "kind": CallKind.IMAGE,
        "service": "openai",
        "model": "gpt-image-2",
        "request_key": "0" * 64,
        "prompt": "A red kite",
        "created": BEGAN,
    }
    return AttemptRecord(**usual | facts)


DRAWN = attempt(
    1,
    state=AttemptState.SUCCESS,
    cost_usd=0.047,
    seconds=8.2,
    response=Response(format="png", width_px=1536, height_px=1024, bytes=1_234_567, hash=KITE),
)
WRITTEN = attempt(
    2,
    kind=CallKind.PROMPT,
    state=AttemptState.SUCCESS,
    cost_usd=0.0005,
    response=Response(format="json", tokens_read=1812, tokens_written=96),
)
REFUSED = attempt(3, state=AttemptState.ERROR, error_kind="bad_parameter", error="openai 400:\nno such size")
MISSED = attempt(
    4, state=AttemptState.ERROR, error_kind=LOST, error="the run ended", reserved_usd=0.05, may_be_charged=True
)
UNDER_WAY = attempt(5, reserved_usd=0.06)
ALL = (DRAWN, WRITTEN, REFUSED, MISSED, UNDER_WAY)
