"""Decks that have ended, and the time as a teller is given it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from pipeline.asking.timing import Timing
from pipeline.config.credentials import Credentials
from pipeline.config.settings import Settings
from pipeline.errors import ExitCode, FailedCall, FailureKind
from pipeline.events import RunEnded, RunStarted, Stage, StageDone, current_run
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.telling.teller import Teller

RUN = "20261120-120000-abcd"
REFUSED = FailedCall(service="fal", model="flux", kind=FailureKind.POLICY, message="hush: no", cost_usd=0.01)


class Waits:
    """Monotonic seconds that a test moves on; the time of day is the real one, which signatures are checked against."""

    def __init__(self):
        self.at_s = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at_s += seconds

    def timing(self):
        return Timing(now=lambda: datetime.now(UTC), monotonic=lambda: self.at_s, sleep=self.sleep)


def slide(number, status=SlideStatus.ILLUSTRATED, **more):
    told = {"title": "Hush title", "reason": "hush reason", "prompt": "a hush prompt"}
    return SlideOutcome(number=number, status=status, **told, **more)


def report(**changes):
    """A deck of three slides: one picture, one failure after a refusal, one skipped."""
    slides = (
        slide(1, provider="openai", model="gpt-image", attempts=1, cost_usd=0.05),
        slide(2, SlideStatus.FAILED, attempts=1, failed_calls=(REFUSED,), cost_usd=0.012),
        slide(3, SlideStatus.SKIPPED),
    )
    given = {
        "run_id": RUN,
        "status": RunStatus.PARTIAL,
        "exit_code": ExitCode.PARTIAL,
        "input": Path("hush-deck.pptx"),
        "output": Path("hush-out.pptx"),
        "planned": 2,
        "cost_usd": 0.07,
        "seconds": 12.5,
        "slides": slides,
    }
    return RunReport(**(given | changes))


def outcome(**changes):
    """The same as one of many."""
    given = {
        "input": "hush-deck.pptx",
        "output": "hush-out.pptx",
        "status": RunStatus.PARTIAL,
        "exit_code": ExitCode.PARTIAL,
        "run_id": RUN,
        "planned": 2,
        "illustrated": 1,
        "skipped": 1,
        "failed": 1,
        "cost_usd": 0.07,
        "saved_usd": 0.25,
        "seconds": 12.5,
    }
    return DeckOutcome(**(given | changes))


def refused_outcome():
    """A deck that never began."""
    return DeckOutcome(
        input="broken.pptx",
        output=None,
        status=RunStatus.FAILED,
        exit_code=ExitCode.BAD_DECK,
        message="broken.pptx: not a deck",
    )


def run_through(sink, waits, run_id=RUN):
    """The events of `report`: prompts after 1 s and 3 s, the picture of slide 1 after 5 s, the end after 8 s."""
    before = current_run.set(run_id)
    try:
        sink(RunStarted(planned=2))
        for wait_s, event in (
            (1, StageDone(stage=Stage.PROMPTS, slide_number=1)),
            (2, StageDone(stage=Stage.PROMPTS, slide_number=2)),
            (2, StageDone(stage=Stage.IMAGES, slide_number=1)),
            (1, StageDone(stage=Stage.IMAGES, slide_number=2, problem="refused")),
            (2, RunEnded()),
        ):
            waits.at_s += wait_s
            sink(event)
    finally:
        current_run.reset(before)


def teller_of(settings, waits, warnings, *, credentials=None, environ=None):
    return Teller.of(
        Settings.model_validate(settings) if isinstance(settings, dict) else settings,
        credentials=credentials or Credentials(accesses={}),
        environ=environ or {},
        warn=warnings.append,
        timing=waits.timing(),
        rng=random.Random(7),
    )
