"""A picture's sides keep to the lines of the design, and what that is worth is the same in a mirror."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.planning.lines import lines_across, lines_down
from pipeline.records import Box
from tests.builders import INCH, box

WIDTH, MARGIN = 12_192_001, 274_320
TITLE, BODY = box(0.9, 0.4, 11.5, 1.2), box(0.9, 1.8, 11.5, 4.8)


def test_the_layouts_lines_are_worth_more_than_those_of_shapes_and_the_margins():
    lines = lines_across(WIDTH, MARGIN, [BODY], [box(2, 2, 3, 3)], [])
    at_layout, at_shape = lines.worth(BODY.left_emu, 2 * INCH)
    at_margin, nowhere = lines.worth(MARGIN, 7 * INCH)
    assert at_layout > at_shape > at_margin > nowhere == 0


def test_a_hair_beside_a_line_is_nearly_on_it_a_little_more_is_a_mistake():
    lines = lines_across(WIDTH, MARGIN, [BODY], [], [])
    on_line, hair = lines.worth(BODY.left_emu, BODY.right_emu - INCH // 40)
    miss, _ = lines.worth(BODY.left_emu + INCH // 10, BODY.right_emu)
    assert on_line > hair > 0 > miss


def test_the_margins_are_lines_of_the_design_only_where_it_has_no_other():
    alone, among = lines_across(WIDTH, MARGIN, [], [], []), lines_across(WIDTH, MARGIN, [BODY], [], [])
    assert alone.worth(MARGIN, 7 * INCH) > among.worth(MARGIN, 7 * INCH)


def test_where_the_body_begins_is_worth_more_than_where_the_title_ends():
    lines = lines_down(7 * INCH, MARGIN, [TITLE, BODY], [], [])
    under_title, under_body = lines.worth(TITLE.bottom_emu, BODY.bottom_emu)
    top_of_body, _ = lines.worth(BODY.top_emu, BODY.bottom_emu)
    assert under_body == top_of_body > under_title


def test_the_middle_is_a_line_where_the_text_is_centred():
    centred, ragged = [box(3.667, 2, 6, 0.4), box(4.667, 3, 4, 0.4)], [box(1, 2, 6, 0.4), box(1, 3, 4, 0.4)]
    low, high = 4 * INCH, WIDTH - 4 * INCH
    assert min(lines_across(WIDTH, MARGIN, [BODY], [], centred).worth(low, high)) > 0
    assert max(lines_across(WIDTH, MARGIN, [BODY], [], ragged).worth(low, high)) == 0


def test_spans_reach_from_end_to_end_and_to_lines_but_are_never_too_short():
    lines = lines_across(WIDTH, MARGIN, [BODY], [], [])
    spans = lines.spans(6 * INCH, WIDTH - MARGIN, 2 * INCH)
    assert (6 * INCH, BODY.right_emu) in spans
    assert lines.spans(6 * INCH, 7 * INCH, 2 * INCH) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 60)), max_size=6), st.integers(0, 90), st.integers(9, 99))
def test_a_mirror_changes_no_worth(spans, low, length):
    """In steps of 0.04 inches, so that there are lines on both sides of a place."""
    step = INCH // 25

    def mirrored(one):
        return Box(left_emu=WIDTH - one.right_emu, top_emu=0, width_emu=one.width_emu, height_emu=1)

    boxes = [Box(left_emu=left * step, top_emu=0, width_emu=width * step, height_emu=1) for left, width in spans]
    lines = lines_across(WIDTH, 0, boxes[:3], boxes[3:], boxes)
    images = lines_across(
        WIDTH, 0, list(map(mirrored, boxes[:3])), list(map(mirrored, boxes[3:])), map(mirrored, boxes)
    )
    low, high = low * step, (low + length) * step
    assert lines.worth(low, high) == images.worth(WIDTH - high, WIDTH - low)[::-1]
    reflected = {(WIDTH - end, WIDTH - start) for start, end in images.spans(WIDTH - high, WIDTH - low, step)}
    assert set(lines.spans(low, high, step)) == reflected
