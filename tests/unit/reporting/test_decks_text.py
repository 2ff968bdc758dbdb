"""Many decks at a terminal: a line each, why they failed, what all come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport
from pipeline.reporting.decks_text import describe_decks
from tests.unit.reporting.many_decks import DONE, FAILED, MIXED, NONE, NOTHING, PARTIAL, THOUSANDS, deck


def lines_of(*decks, **facts):
    return describe_decks(DecksReport(decks=decks, seconds=100.0, **facts)).splitlines()


def test_a_deck_is_a_line_and_its_first_error_stands_below():
    head, done, partial, why, failed, why_failed, *_ = lines_of(DONE, PARTIAL, FAILED)
    assert head.split() == ["status", "pictures", "cost", "time", "deck"]
    assert done.split() == ["done", "12/12", "$0.564", "1", "min", "20", "s", "/in/sales/review.pptx"]
    assert partial.split()[:4] == ["partial", "10/12", "$0.564", "(+$0.04?)"]
    assert why == "       slide 4: policy: refused (and 1 more)"
    assert failed.split() == ["failed", "$0.00", "0.4", "s", "/in/locked.pptx"]
    assert why_failed.strip() == "/in/locked.pptx: encrypted; take its password off"


def test_the_totals_of_all():
    told = describe_decks(MIXED).splitlines()
    assert told[-5:] == [
        "2 of 5 decks are done.",
        "1 failed, 1 partial, 1 under way, 1 done, 1 nothing to do",
        "22 of 36 pictures, $1.13, 16 min 40 s",
        "saved by the store: $0.20",
        "perhaps charged besides (+…?): $0.04",
    ]


@pytest.mark.parametrize(
    ("decks", "told"),
    [
        ((DONE,), "The deck is done."),
        ((DONE, NOTHING), "All 2 decks are done."),
        ((DONE, FAILED), "1 of 2 decks is done."),
        ((FAILED,), "The deck is not done."),
    ],
)
def test_how_all_ended_in_a_sentence(decks, told):
    assert told in lines_of(*decks)


def test_where_all_is_well_nothing_is_said_of_failures():
    assert lines_of(DONE, DONE)[-2:] == ["All 2 decks are done.", "24 of 24 pictures, $1.13, 1 min 40 s"]


def test_why_not_all_were_begun():
    told = lines_of(DONE, message="the budget is\nused up", stopped=ExitCode.BUDGET)
    assert told[-1] == "Not every deck was begun: the budget is used up"


def test_of_thousands_only_those_are_shown_that_need_somebody():
    told = describe_decks(THOUSANDS).splitlines()
    assert [line.split()[-1] for line in told[1:5:2]] == ["/in/sales/half.pptx", "/in/locked.pptx"]
    assert "Not shown: 1,998 done or under way (--report FILE has all)." in told
    assert "1,998 of 2,000 decks are done." in told
    assert len(told) < 15


def test_of_thousands_that_are_well_only_the_totals_are_shown():
    told = describe_decks(replace(THOUSANDS, decks=THOUSANDS.decks[:1998])).splitlines()
    assert told[:2] == ["Not shown: 1,998 done or under way (--report FILE has all).", "All 1,998 decks are done."]


def test_the_table_fits_a_wide_terminal_and_keeps_the_end_of_a_path():
    long = deck(f"{'folder/' * 40}review.pptx", message="because " * 99, errors=("slide 1: x",) * 3)
    told = lines_of(long, PARTIAL)
    assert max(map(len, told)) <= 120
    assert told[1].endswith("folder/review.pptx")
    assert told[2].endswith("… (and 3 more)")


def test_a_name_cannot_move_the_cursor_nor_break_the_output():
    name = lines_of(deck("\x1b[2Jcaf\udce9\u202e\n.pptx"))[1]
    assert name.isprintable()
    assert name.encode("utf-8")


def test_no_deck():
    assert describe_decks(NONE) == "No deck was found."
    assert describe_decks(replace(NONE, message="in/: is empty")) == "No deck was found. in/: is empty"
