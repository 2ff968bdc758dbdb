"""Where the text of a shape shows: sizes in points come from ECMA-376 and from LibreOffice's own setting of it."""

from __future__ import annotations

import pytest

from pipeline.deck.geometry import SLIDE, Transform
from pipeline.deck.ink.fonts import find_font
from pipeline.deck.ink.typesetting import needed_height_emu, text_ink
from tests.unit.deck.ink.typeset import INCH, PLAIN, frame, inherited, ink, paragraph, shape, whole, xml

POINT = 12_700
SHORT = "A few words"
LONG = "Many more words than such a small box can ever hold at this size, and then some more of them " * 2
SHRINK = "<a:normAutofit/>"

needs_fonts = pytest.mark.skipif(
    find_font("Calibri", is_bold=False, is_italic=False, sample="") is None, reason="this machine has no fonts"
)


def at_size(text: str, size_pt: int = 18, properties: str = "") -> str:
    return paragraph(text, properties, run=f'sz="{size_pt * 100}"')


def test_a_short_text_ends_where_its_letters_end():
    box = whole(ink(shape(at_size(SHORT))))
    assert box.left_emu == pytest.approx(2 * INCH + 91_440, abs=0.03 * INCH)
    assert box.top_emu == pytest.approx(2 * INCH + 45_720, abs=0.02 * INCH)
    assert box.height_emu == pytest.approx(1.2 * 18 * POINT, rel=0.01)
    assert 0.8 * INCH < box.width_emu < 1.6 * INCH


def test_a_shape_without_letters_has_no_ink():
    assert ink(shape("<a:p/>")) == ()
    assert ink(xml("<p:sp><p:spPr/></p:sp>")) == ()


def test_an_empty_paragraph_takes_its_height_and_shows_nothing():
    empty = '<a:p><a:endParaRPr sz="4000"/></a:p>'
    below = whole(ink(shape(empty + at_size(SHORT))))
    assert below.top_emu == pytest.approx(2 * INCH + 45_720 + 48 * POINT, abs=POINT)


def test_letters_twice_as_large_are_twice_as_wide():
    small, large = (whole(ink(shape(at_size(SHORT, size)))) for size in (12, 24))
    assert large.width_emu == pytest.approx(2 * small.width_emu, rel=0.01)


@needs_fonts
def test_bold_letters_and_spaced_letters_are_wider():
    plain, bold, spaced = (whole(ink(shape(paragraph(SHORT, run=run)))).width_emu for run in ("", 'b="1"', 'spc="300"'))
    assert bold > plain
    assert spaced == pytest.approx(plain + len(SHORT) * 3 * POINT, rel=0.05)


def test_capitals_are_wider():
    assert (
        whole(ink(shape(paragraph(SHORT, run='cap="all"')))).width_emu > whole(ink(shape(paragraph(SHORT)))).width_emu
    )


def test_long_text_wraps_and_stays_in_its_columns_width():
    box = whole(ink(shape(at_size(LONG))))
    assert box.right_emu <= 6 * INCH
    assert box.height_emu > 4 * 1.2 * 18 * POINT


def test_text_that_does_not_fit_runs_out_where_its_anchor_lets_it():
    low = whole(ink(shape(at_size(LONG, 32)), frame(height=1)))
    high = whole(ink(shape(at_size(LONG, 32), 'anchor="b"'), frame(height=1)))
    middle = whole(ink(shape(at_size(LONG, 32), 'anchor="ctr"'), frame(height=1)))
    assert low.top_emu >= 2 * INCH
    assert low.bottom_emu > 4 * INCH
    assert high.bottom_emu <= 3 * INCH
    assert high.top_emu < INCH
    assert middle.top_emu < 2 * INCH
    assert middle.bottom_emu > 3 * INCH


def test_text_that_is_not_wrapped_runs_out_sideways():
    left, centre, right = (
        whole(ink(shape(at_size(LONG, properties=f'algn="{side}"'), 'wrap="none"'))) for side in ("l", "ctr", "r")
    )
    assert left.left_emu > 0.5 * INCH
    assert left.right_emu > 6 * INCH
    assert centre.left_emu < 2 * INCH
    assert centre.right_emu > 6 * INCH
    assert right.left_emu < 2 * INCH
    assert right.right_emu < 7.5 * INCH


def test_text_stands_at_the_side_it_is_aligned_to():
    centre, right = (whole(ink(shape(at_size(SHORT, properties=f'algn="{side}"')))) for side in ("ctr", "r"))
    assert (centre.left_emu + centre.right_emu) / 2 == pytest.approx(4 * INCH, abs=POINT)
    assert right.right_emu == pytest.approx(6 * INCH - 91_440, abs=0.03 * INCH)


def test_right_to_left_text_is_the_mirror_of_left_to_right():
    indented = 'marL="914400"'
    one = whole(ink(shape(at_size(SHORT, properties=indented))))
    other = whole(ink(shape(at_size(SHORT, properties=f'{indented} rtl="1" algn="r"'))))
    assert other.right_emu - 4 * INCH == pytest.approx(4 * INCH - one.left_emu, abs=POINT)


def test_a_justified_line_reaches_both_sides_and_the_last_does_not():
    boxes = ink(shape(at_size("word " * 15, properties='algn="just"')))
    assert max(box.right_emu for box in boxes) == pytest.approx(6 * INCH - 91_440, abs=0.08 * INCH)
    assert boxes[-1].right_emu < 5.9 * INCH


@needs_fonts
def test_a_bullet_belongs_to_its_line():
    bulleted = 'marL="457200" indent="-457200"|<a:buChar char="•"/>'
    bare = 'marL="457200" indent="0"|<a:buNone/>'
    one, other = (whole(ink(shape(paragraph(SHORT, properties)))) for properties in (bulleted, bare))
    assert one.left_emu == pytest.approx(2 * INCH + 91_440, abs=0.03 * INCH)
    assert one.right_emu == pytest.approx(other.right_emu, abs=0.03 * INCH)
    assert other.left_emu > one.left_emu + 0.4 * INCH


def test_line_spacing_and_space_before_move_lines_down():
    def foot(spacing: str) -> int:
        return whole(ink(shape(paragraph(SHORT, f"|{spacing}") * 3))).bottom_emu

    single = foot("")
    assert foot('<a:lnSpc><a:spcPct val="200000"/></a:lnSpc>') == pytest.approx(single + 3 * 21.6 * POINT, abs=POINT)
    assert foot('<a:lnSpc><a:spcPts val="3000"/></a:lnSpc>') == pytest.approx(single + 3 * 8.4 * POINT, abs=POINT)
    assert foot('<a:spcBef><a:spcPts val="1000"/></a:spcBef>') == pytest.approx(single + 20 * POINT, abs=POINT)
    assert foot('<a:spcBef><a:spcPct val="50000"/></a:spcBef>') == pytest.approx(single + 18 * POINT, abs=POINT)


def test_text_that_shrinks_covers_what_both_the_file_and_a_new_shrink_make_of_it():
    fixed, shrunk = (
        whole(ink(shape(at_size(LONG, 40), inside=fit))) for fit in ("", '<a:normAutofit fontScale="40000"/>')
    )
    assert shrunk.bottom_emu <= 4.1 * INCH < fixed.bottom_emu


@needs_fonts
def test_a_tab_goes_to_the_next_stop():
    stops = '|<a:tabLst><a:tab pos="1828800" algn="l"/></a:tabLst>'
    one, other = (whole(ink(shape(paragraph(f"a{gap}b", stops)))) for gap in ("\t", " "))
    assert one.right_emu == pytest.approx(4 * INCH + 91_440, abs=0.2 * INCH)
    assert other.right_emu < 3 * INCH


def test_a_line_break_begins_a_new_line():
    broken = "<a:p><a:r><a:t>one</a:t></a:r><a:br/><a:r><a:t>two</a:t></a:r></a:p>"
    assert whole(ink(shape(broken))).height_emu == pytest.approx(2 * 21.6 * POINT, rel=0.01)


def test_a_formula_has_ink():
    formula = "<a:p><m:oMath><m:r><m:t>E = mc</m:t></m:r></m:oMath></a:p>"
    assert whole(ink(shape(formula))).width_emu > 0.4 * INCH


def test_columns_share_the_lines():
    one = whole(ink(shape(at_size(LONG, 20)), frame(height=1)))
    two = whole(ink(shape(at_size(LONG, 20), 'numCol="2"'), frame(height=1)))
    assert two.right_emu > 4.5 * INCH
    assert one.height_emu > 0


def test_an_ellipse_sets_its_text_further_in():
    inset = round(4 * INCH * 0.1464)
    one = whole(ink(shape(at_size(SHORT))))
    other = whole(ink(shape(at_size(SHORT), geometry="ellipse")))
    assert other.left_emu - one.left_emu == pytest.approx(inset, rel=0.05)


def test_text_turns_with_its_shape():
    upright = whole(ink(shape(at_size(SHORT))))
    turned = whole(ink(shape(at_size(SHORT)), frame(rotation_deg=90.0)))
    assert (turned.width_emu, turned.height_emu) == pytest.approx((upright.height_emu, upright.width_emu), abs=4)
    # The shape turns about its centre, 4 inches across and 3 down.
    assert turned.top_emu - 3 * INCH == pytest.approx(upright.left_emu - 4 * INCH, abs=4)


def test_a_shape_upside_down_turns_its_text_and_a_mirrored_one_does_not():
    upright = whole(ink(shape(at_size(SHORT))))
    assert whole(ink(shape(at_size(SHORT)), frame(is_mirrored_h=True))) == upright
    over = whole(ink(shape(at_size(SHORT)), frame(is_mirrored_v=True)))
    assert over.right_emu - 4 * INCH == pytest.approx(4 * INCH - upright.left_emu, abs=4)


def test_vertical_text_runs_down_its_shape():
    box = whole(ink(shape(at_size(SHORT), 'vert="vert"')))
    assert box.width_emu == pytest.approx(21.6 * POINT, rel=0.01)
    assert box.height_emu > INCH


def test_word_art_fills_its_box():
    warped = shape(at_size(SHORT), inside='<a:prstTxWarp prst="textArchUp"/>')
    box = whole(ink(warped))
    assert (box.width_emu, box.height_emu) == pytest.approx((4 * INCH, 2 * INCH), abs=4)


def test_a_group_scales_a_shape_and_not_its_letters():
    half = Transform(xx=0.5, yy=0.5)
    box = whole(text_ink(shape(at_size(SHORT)), frame(), half, PLAIN))
    assert box.height_emu == pytest.approx(21.6 * POINT, rel=0.01)
    assert box.top_emu == pytest.approx(INCH + 45_720, abs=4)


def test_lines_that_end_alike_are_one_box_and_others_are_not():
    assert len(ink(shape(at_size("same words") * 4))) == 1
    assert len(ink(shape(at_size("a longer line of words") + at_size("short")))) == 2


def test_nearest_style_wins():
    def size_of(context) -> float:
        return whole(ink(shape(paragraph(SHORT)), context=context)).height_emu / 1.2 / POINT

    level = '<a:lvl1pPr><a:defRPr sz="3000"/></a:lvl1pPr>'
    layout = f"<p:sp><p:txBody><a:bodyPr/><a:lstStyle>{level}</a:lstStyle></p:txBody></p:sp>"
    style = '<p:bodyStyle><a:lvl1pPr><a:defRPr sz="2000"/></a:lvl1pPr></p:bodyStyle>'
    defaults = '<p:defaultTextStyle><a:lvl1pPr><a:defRPr sz="1000"/></a:lvl1pPr></p:defaultTextStyle>'
    assert size_of(inherited("", "", defaults)) == pytest.approx(10, rel=0.01)
    assert size_of(inherited("", style, defaults)) == pytest.approx(20, rel=0.01)
    assert size_of(inherited(layout, style, defaults)) == pytest.approx(30, rel=0.01)


def test_insets_and_anchor_are_inherited():
    layout = '<p:sp><p:txBody><a:bodyPr lIns="914400" anchor="b"/></p:txBody></p:sp>'
    box = whole(ink(shape(at_size(SHORT)), context=inherited(layout)))
    assert box.left_emu == pytest.approx(3 * INCH, abs=0.03 * INCH)
    assert box.bottom_emu == pytest.approx(4 * INCH - 45_720, abs=POINT)


def test_a_narrower_frame_needs_to_be_higher():
    element = shape(at_size(LONG))
    wide, narrow = (needed_height_emu(element, frame(), PLAIN, width_emu=width * INCH) for width in (8, 4))
    assert wide < narrow
    assert narrow == pytest.approx(whole(ink(element)).height_emu + 2 * 45_720, rel=0.2)


@pytest.mark.parametrize("body", ['vert="vert"', 'wrap="none"', 'numCol="2"'])
def test_text_that_is_not_simply_set_anew_has_no_needed_height(body):
    assert needed_height_emu(shape(at_size(LONG), body), frame(), PLAIN, width_emu=2 * INCH) is None


def test_a_word_too_wide_for_the_frame_is_not_cut():
    assert needed_height_emu(shape(at_size("incomprehensibilities")), frame(), PLAIN, width_emu=INCH) is None


def test_nonsense_in_the_file_is_passed_over():
    element = shape(
        paragraph(SHORT, 'marL="wide"|<a:lnSpc><a:spcPct val="x"/></a:lnSpc>', run='sz="big" spc="x" baseline="y"'),
        'lIns="x" numCol="-3"',
        '<a:normAutofit fontScale="90%"/>',
    )
    assert text_ink(element, frame(width=0, height=0), SLIDE, PLAIN)


def test_a_word_wider_than_its_column_is_cut_letter_by_letter():
    """One bold capital a line, as PowerPoint and LibreOffice set a narrow box."""
    element = shape(paragraph("SUPPORT", run='b="1" sz="1800"'))
    box = whole(ink(element, frame(width=0.42)))
    assert box.height_emu >= 6.5 * 21.6 * POINT


@pytest.mark.parametrize(("spare", "lines"), [(1.01, 2), (1.08, 1)])
def test_text_on_the_verge_of_wrapping_is_covered_either_way(spare, lines):
    """Another machine's font may be a little wider: a text that only just fits one line keeps room for a second."""
    element = at_size("word " * 4 + "end")
    natural = whole(ink(shape(element, 'wrap="none"'), frame(width=9))).width_emu / 1.03 / INCH
    box = whole(ink(shape(element), frame(width=natural * spare + 0.2)))
    assert box.height_emu == pytest.approx(lines * 21.6 * POINT, rel=0.01)


def test_links_keep_the_line_height_of_their_font():
    linked = '<a:p><a:r><a:rPr sz="2000"><a:hlinkClick/></a:rPr><a:t>link</a:t></a:r></a:p>'
    assert whole(ink(shape(linked))).height_emu >= 1.2 * 20 * POINT - 2


def test_stacked_letters_run_out_of_a_box_that_is_too_low():
    stacked = whole(ink(shape(at_size("stacked letters"), 'vert="wordArtVert"'), frame(width=0.5, height=1)))
    assert stacked.height_emu > 3 * INCH
