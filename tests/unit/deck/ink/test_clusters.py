"""A paragraph is cut where lines may break, and each piece is as wide as programs set it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.deck.ink.clusters import Kind, clusters, measure
from pipeline.deck.ink.text_styles import RunStyle
from pipeline.deck.ink.theme_fonts import ThemeFonts
from tests.unit.deck.ink.typeset import xml

FONTS, PLAIN = ThemeFonts(), RunStyle(latin="Calibri", size_pt=20.0)


def pieces(text):
    return clusters(xml(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"), PLAIN, FONTS)


@pytest.mark.parametrize(
    ("text", "count"), [("one", 1), ("one two", 2), ("well-known fact", 3), ("日本語", 3), ("日本語。", 3), ("", 0)]
)
def test_lines_may_break_after_spaces_and_dashes_and_between_letters_of_scripts_without_spaces(text, count):
    assert len(pieces(text)) == count


def test_a_tab_and_a_line_break_are_pieces_of_no_width():
    assert [(one.kind, one.width > 0) for one in pieces("a\tb\nc")] == [
        (Kind.WORD, True), (Kind.TAB, False), (Kind.WORD, True), (Kind.BREAK, False), (Kind.WORD, True),
    ]  # fmt: skip


def test_east_asian_and_latin_letters_are_a_quarter_of_their_size_apart():
    first, second = pieces("日a")
    assert (first.space, second.space) == (0.25 * 20, 0)


@pytest.mark.parametrize(
    ("change", "text", "share"),
    [
        ({"baseline": 0.3}, "note", 0.66),
        ({"caps": "small"}, "note", 0.8),
        ({"size_pt": 40.0}, "note", 2.0),
    ],
)
def test_raised_and_small_letters_are_narrower_in_proportion(change, text, share):
    shown = text.upper() if "caps" in change else text
    assert measure(text, replace(PLAIN, **change), FONTS) == pytest.approx(share * measure(shown, PLAIN, FONTS))


def test_letters_that_are_set_apart_add_their_spacing():
    spaced = measure("note", replace(PLAIN, spacing_pt=1.5), FONTS)
    assert spaced == pytest.approx(measure("note", PLAIN, FONTS) + 4 * 1.5)
