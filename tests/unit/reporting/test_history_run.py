"""One run told in full: its slides, every attempt, what may have been charged, where the pictures are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.records.history import RunState
from pipeline.reporting.history_rows import ToldRun
from pipeline.reporting.history_run import describe_run
from tests.unit.reporting.past import ALL, DRAWN, GONE, KITE, REFUSED, RUN, UNENDED, WRITTEN, slide

PATH = Path("/store/pictures") / f"{KITE}.png"
SLIDES = (
    slide(1, status="skipped", reason="a title slide"),
    slide(2, status="illustrated", prompt="A red kite " * 40, image_hash=KITE, cost_usd=0.0475, saved_usd=0.05),
    slide(3, title="", image_hash=GONE),
)
TOLD = ToldRun(run=RUN, slides=SLIDES, attempts=ALL, pictures={KITE: PATH})


def lines_of(told):
    return [line.strip() for line in describe_run(told).splitlines()]


def test_the_run_itself():
    lines = lines_of(TOLD)
    assert lines[0] == f"Run {RUN.id}: partial, code 20"
    assert "Deck      /decks/review.pptx  (SHA-256 efefefefefef…)" in lines
    assert "By        ann on h7, process 12" in lines
    assert "Pictures  22 of 24 planned, 2 failed" in lines
    assert "Paid      $1.10; $0.05 more may have been charged" in lines
    assert any(line.startswith("Started") and line.endswith("took 3 min 12 s") for line in lines)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.PENDING, "under way, or ended without a word"),
        (RunState.WAITING, "a batch of it is under way"),
        (RunState.BROKEN_OFF, "it ended without a word"),
    ],
)
def test_a_run_that_has_not_ended_says_so(state, said):
    run = replace(UNENDED, state=state)
    lines = lines_of(ToldRun(run=run, slides=(), attempts=(), pictures={}))
    assert lines[0] == f"Run {run.id}: {state.value}, {said}"
    assert "Deck      none: pictures without a deck" in lines
    assert lines[-1] == "No service was called."


def test_each_slide_with_its_reason_its_prompt_and_where_its_picture_is():
    lines = lines_of(TOLD)
    start = lines.index("1  skipped        $0.00         Slide 1")
    assert lines[start + 1] == "a title slide"
    assert lines[start + 2] == "2  illustrated  $0.0475  $0.05  Slide 2"
    assert lines[start + 3].startswith("prompt: A red kite A red")
    assert lines[start + 3].endswith("…")
    assert lines[start + 4] == f"picture: {PATH}"
    assert lines[start + 5].endswith("(no title)")
    assert lines[start + 6] == f"picture: no longer kept (SHA-256 {GONE})"


def test_every_attempt_with_its_price_and_what_was_lost():
    lines = lines_of(TOLD)
    (refused,) = (number for number, line in enumerate(lines) if line.endswith("error: bad parameter"))
    assert lines[refused + 1] == "openai 400: no such size"
    assert sum("openai/gpt-image-2" in line for line in lines) == len(ALL)
    assert lines[-1] == "1 attempt whose answer was lost may have been charged: $0.05."


def test_where_a_picture_is_that_no_slide_has():
    told = replace(TOLD, slides=(), attempts=(WRITTEN, DRAWN, REFUSED))
    lines = lines_of(told)
    assert lines.count(f"picture: {PATH}") == 1
    assert lines.count("prompt: A red kite") == 1, "three attempts had it"
    assert "charged" not in lines[-1]
    gone = lines_of(replace(told, pictures={}))
    assert gone.count(f"picture: no longer kept (SHA-256 {KITE})") == 1


def test_a_prompt_that_was_made_milder_is_told_with_its_attempt():
    slides = (slide(2, status="illustrated", prompt="A kite"),)
    milder = replace(DRAWN, prompt="A kite")
    lines = lines_of(ToldRun(run=RUN, slides=slides, attempts=(REFUSED, milder), pictures={}))
    assert lines[lines.index("openai 400: no such size") + 1] == "prompt: A red kite"
    assert lines.count("prompt: A kite") == 1
