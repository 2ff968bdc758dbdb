"""Two bars on a terminal, plain lines elsewhere, and only what must not be missed when asked to be quiet."""

from __future__ import annotations

from io import StringIO

import pytest

from pipeline.events import Notice, RunEnded, RunStarted, Stage, StageDone
from pipeline.reporting.console import BarProgress, LineProgress, QuietProgress, progress_on


class Terminal(StringIO):
    def isatty(self):
        return True


EVENTS = [
    Notice(text="Offline: pictures are drawn on this machine."),
    RunStarted(planned=3),
    StageDone(stage=Stage.PROMPTS, slide_number=2),
    StageDone(stage=Stage.PROMPTS, slide_number=3, problem="not English"),
    StageDone(stage=Stage.IMAGES, slide_number=3, skipped=True),
    StageDone(stage=Stage.IMAGES, slide_number=2),
    StageDone(stage=Stage.PROMPTS, slide_number=4),
    StageDone(stage=Stage.IMAGES, slide_number=4, problem="refused"),
    RunEnded(),
]


def told(stream, **options):
    sink = progress_on(stream, **({"quiet": False, "plain": False} | options))
    for event in EVENTS:
        sink(event)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("stream", "options", "kind"),
    [
        (Terminal(), {"quiet": False, "plain": False}, BarProgress),
        (StringIO(), {"quiet": False, "plain": False}, LineProgress),
        (Terminal(), {"quiet": False, "plain": True}, LineProgress),
        (Terminal(), {"quiet": True, "plain": False}, QuietProgress),
    ],
)
def test_the_stream_decides_how_progress_looks(stream, options, kind):
    assert isinstance(progress_on(stream, **options), kind)


def test_lines_name_slide_stage_and_problem():
    assert told(StringIO()).splitlines() == [
        "Offline: pictures are drawn on this machine.",
        "3 slides to illustrate",
        "slide 2: prompt done",
        "slide 3: prompt failed: not English",
        "slide 2: image done",
        "slide 4: prompt done",
        "slide 4: image failed: refused",
    ]


def test_lines_hold_no_control_characters():
    assert told(StringIO()).replace("\n", "").isprintable()


def test_bars_count_each_stage_to_the_end_and_tell_problems_above():
    text = told(Terminal())
    assert "prompts" in text
    assert "images" in text
    assert text.count("3/3") >= 2
    assert "slide 3: not English" in text
    assert "slide 4: refused" in text
    assert EVENTS[0].text in text


def test_quiet_says_the_notice_alone():
    assert told(Terminal(), quiet=True) == f"{EVENTS[0].text}\n"


@pytest.mark.parametrize("stream", [StringIO(), Terminal()])
def test_a_run_with_nothing_to_do_shows_no_progress(stream):
    sink = progress_on(stream, quiet=False, plain=False)
    for event in (RunStarted(planned=0), RunEnded()):
        sink(event)
    assert stream.getvalue() == ""
