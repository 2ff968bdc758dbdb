"""Room is kept for a text as any program may set it: with wider letters, higher lines, shrunk or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.deck.ink.clusters import ASCENT_EM, DESCENT_EM, LINE_EM, Cluster
from pipeline.deck.ink.paragraphs import Paragraph
from pipeline.deck.ink.text_bodies import TextBody
from pipeline.deck.ink.text_styles import ParagraphStyle
from pipeline.deck.ink.variants import possible_stripes

SIZE_PT = 10.0
LINE_PT = LINE_EM * SIZE_PT
BODY = TextBody(
    insets_emu=(0, 0, 0, 0), anchor="t", is_centred=False, wraps=True, turn_deg=0.0, is_upright=False, columns=1,
    column_gap_emu=0, shrinks=False, font_share=1.0, spacing_cut=0.0, is_shaped=False, is_stacked=False,
)  # fmt: skip


def words(*widths, line_em=LINE_EM):
    ascent, descent = ASCENT_EM * SIZE_PT, DESCENT_EM * SIZE_PT
    pieces = [Cluster(width=width, space=4.0, ascent=ascent, descent=descent) for width in widths]
    return Paragraph(
        style=ParagraphStyle(), clusters=pieces, bullet=0.0, ascent=ascent, descent=descent, line_em=line_em,
        is_faithful=True,
    )  # fmt: skip


def bottom(stripes):
    return max(one.bottom for one in stripes)


def test_a_line_that_only_just_fits_may_be_two():
    assert bottom(possible_stripes([words(48, 48)], BODY, 101, 200)) == pytest.approx(2 * LINE_PT)
    assert bottom(possible_stripes([words(48, 48)], BODY, 110, 200)) == pytest.approx(LINE_PT)


def test_fonts_with_high_lines_may_reach_further_down():
    stripes = possible_stripes([words(90, 90, line_em=1.5)], BODY, 100, 200)
    assert bottom(stripes) == pytest.approx(2 * 1.5 * SIZE_PT)


def test_a_text_that_is_not_wrapped_may_grow_to_either_side_by_an_inch_at_most():
    unwrapped = replace(BODY, wraps=False)
    (some,) = possible_stripes([words(150)], unwrapped, 100, 200)
    (more,) = possible_stripes([words(500)], unwrapped, 100, 200)
    assert (some.left, some.right) == pytest.approx((-50, 200))
    assert (more.left, more.right) == pytest.approx((-72, 572))


def test_a_text_that_is_shrunk_to_fit_is_one_piece_a_paragraph_as_large_as_its_largest():
    stripes = possible_stripes([words(90, 90), words(90)], replace(BODY, shrinks=True), 100, 20)
    assert [one.paragraph for one in stripes] == [0, 1]
    assert bottom(stripes) == pytest.approx(3 * LINE_PT)
    assert stripes[0].top < stripes[1].top < 20, "the second paragraph may begin where the shrunk one does"
