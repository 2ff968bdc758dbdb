"""What people see while many decks are made: a line for each, what must not be missed, one bar on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

from pipeline.errors import ExitCode
from pipeline.events import Notice, Stage, StageDone
from pipeline.outcomes import DeckOutcome, RunStatus
from pipeline.reporting.decks_console import DecksConsole

DONE = DeckOutcome(
    input="a.pptx",
    output="out/a.pptx",
    status=RunStatus.SUCCESS,
    exit_code=ExitCode.OK,
    message="It was made already.",
    planned=3,
    illustrated=3,
    cost_usd=0.25,
    seconds=61.0,
)
FAILED = DeckOutcome(
    input="b.pptx", output=None, status=RunStatus.FAILED, exit_code=ExitCode.BAD_DECK, message="b.pptx: no deck"
)
NOTHING = DeckOutcome(input="c.pptx", output=None, status=RunStatus.NOTHING_TO_DO, exit_code=ExitCode.NOTHING_TO_DO)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, *, quiet=False, plain=False):
    console = DecksConsole(stream, quiet=quiet, plain=plain)
    console.listed(3)
    console.event("a.pptx", Notice(text="mind this"))
    console.event("a.pptx", StageDone(stage=Stage.IMAGES, slide_number=2, problem="refused"))
    console.event("a.pptx", StageDone(stage=Stage.IMAGES, slide_number=3))
    for outcome in (DONE, FAILED, NOTHING):
        console.ended(outcome)
    console.told("nobody answers")
    console.close()
    return stream.getvalue()


def test_a_line_for_each_deck_and_for_what_goes_wrong_in_it():
    assert shown(io.StringIO()).splitlines() == [
        "a.pptx: mind this",
        "a.pptx: slide 2: refused",
        "a.pptx: done, 3 of 3 pictures, $0.25, 1 min 01 s",
        "b.pptx: failed: no deck",
        "c.pptx: nothing to do",
        "nobody answers",
    ]


def test_quietly_only_what_must_not_be_missed():
    assert shown(Terminal(), quiet=True).splitlines() == [
        "a.pptx: mind this",
        "b.pptx: failed: no deck",
        "nobody answers",
    ]


def test_a_terminal_has_a_bar_that_knows_how_many_there_are():
    text = shown(Terminal())
    assert "3/3" in text
    assert "b.pptx: failed: no deck\n" in text


def test_beside_a_log_there_is_no_bar():
    assert "3/3" not in shown(Terminal(), plain=True)


def test_a_name_that_would_steer_the_terminal_does_not():
    stream = io.StringIO()
    console = DecksConsole(stream, quiet=False, plain=True)
    name = "a\x1b]0;mine\x07\nb.pptx"
    console.event(name, Notice(text="two\nlines"))
    console.event(name, StageDone(stage=Stage.IMAGES, slide_number=2, problem="refused"))
    console.ended(replace(NOTHING, input=name))
    assert stream.getvalue().splitlines() == [
        "a ]0;mine b.pptx: two",
        "lines",
        "a ]0;mine b.pptx: slide 2: refused",
        "a ]0;mine b.pptx: nothing to do",
    ]
