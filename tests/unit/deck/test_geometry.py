"""Every shape's box is where the shape is seen: groups, rotations and inherited places included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx.util import Emu

from pipeline.deck.geometry import SLIDE, Frame, bounding_box
from tests.unit.deck.build import (
    PICTURE_WITH_CAPTION,
    TITLE_AND_CONTENT,
    add_xml,
    box,
    deck,
    group,
    only,
    read_only,
    shape_named,
    text_box,
)

LENGTHS = st.integers(min_value=0, max_value=12_000_000)


def placed(xml: str) -> object:
    presentation = deck()
    add_xml(only(presentation), xml)
    return shape_named(read_only(presentation), "it").box


def test_an_upright_shape_is_where_the_file_says() -> None:
    assert placed(text_box("it", 10, 20, 30, 40)) == box(10, 20, 30, 40)


def test_a_quarter_turn_swaps_width_and_height_about_the_centre() -> None:
    assert placed(text_box("it", 0, 100, 400, 200, xfrm='rot="5400000"')) == box(100, 0, 200, 400)


def test_a_tilted_shape_is_bounded() -> None:
    assert placed(text_box("it", 0, 0, 1000, 1000, xfrm='rot="2700000"')) == box(-207, -207, 1414, 1414)


def test_mirroring_a_shape_does_not_move_it() -> None:
    assert placed(text_box("it", 10, 20, 30, 40, xfrm='flipH="1" flipV="1"')) == box(10, 20, 30, 40)


def test_a_group_scales_and_shifts_its_members() -> None:
    inside = text_box("it", 1000, 1000, 100, 50)
    assert placed(group((5000, 6000), (400, 200), (1000, 1000, 200, 100), inside)) == box(5000, 6000, 200, 100)


def test_transforms_of_nested_groups_are_chained() -> None:
    inner = group((10, 10), (20, 20), (0, 0, 10, 10), text_box("it", 5, 5, 5, 5))
    assert placed(group((100, 100), (300, 300), (0, 0, 100, 100), inner)) == box(160, 160, 30, 30)


def test_a_turned_group_turns_its_members_about_its_own_centre() -> None:
    inside = text_box("it", 0, 0, 100, 100)
    assert placed(group((0, 0), (400, 200), (0, 0, 400, 200), inside, 'rot="10800000"')) == box(300, 100, 100, 100)


def test_a_mirrored_group_moves_its_members_to_the_other_side() -> None:
    inside = text_box("it", 0, 0, 100, 100)
    assert placed(group((0, 0), (400, 200), (0, 0, 400, 200), inside, 'flipH="1"')) == box(300, 0, 100, 100)


def test_a_group_of_one_straight_line_does_not_divide_by_zero() -> None:
    inside = text_box("it", 0, 7, 100, 0)
    assert placed(group((50, 60), (100, 0), (0, 7, 100, 0), inside)) == box(50, 60, 100, 0)


def test_a_negative_extent_counts_as_none() -> None:
    assert placed(text_box("it", 10, 20, -30, -40)) == box(10, 20, 0, 0)


def test_a_malformed_place_is_no_place() -> None:
    assert placed(text_box("it", 10, 20, 30, 40).replace('cx="30"', 'cx="wide"')) is None


def test_a_placeholder_lies_where_its_layout_puts_it() -> None:
    presentation = deck(PICTURE_WITH_CAPTION)
    on_layout = next(one for one in only(presentation).slide_layout.placeholders if one.placeholder_format.idx == 1)
    picture = next(one for one in read_only(presentation).shapes if one.placeholder == "pic")
    assert picture.box == box(on_layout.left, on_layout.top, on_layout.width, on_layout.height)


def test_a_placeholder_its_layout_does_not_place_lies_where_the_master_puts_it() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    layout = only(presentation).slide_layout
    for one in layout.placeholders:
        assert one._element.spPr.xfrm is None, "this layout leaves the place to its master"
    master = {one.placeholder_format.type: one for one in layout.slide_master.placeholders}
    body = next(one for kind, one in master.items() if "BODY" in str(kind))
    content = next(one for one in read_only(presentation).shapes if one.placeholder == "obj")
    assert content.box == box(body.left, body.top, body.width, body.height)


def test_a_placeholder_moved_on_the_slide_lies_where_it_was_moved() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    title = only(presentation).shapes.title
    title.left, title.top, title.width, title.height = Emu(1), Emu(2), Emu(3), Emu(4)
    assert read_only(presentation).shapes[0].box == box(1, 2, 3, 4)


def test_a_shape_without_geometry_anywhere_has_no_box() -> None:
    presentation = deck()
    add_xml(
        only(presentation),
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="it"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/></p:sp>',
    )
    assert shape_named(read_only(presentation), "it").box is None


@given(left=LENGTHS, top=LENGTHS, width=LENGTHS, height=LENGTHS, turn=st.floats(min_value=0, max_value=360))
def test_a_turned_frame_keeps_its_centre_and_fits_its_box(
    left: int, top: int, width: int, height: int, turn: float
) -> None:
    frame = Frame(
        left=left, top=top, width=width, height=height, rotation_deg=turn, is_mirrored_h=False, is_mirrored_v=True
    )
    bounds = bounding_box(frame, SLIDE)
    assert bounds.left_emu + bounds.width_emu / 2 == pytest.approx(left + width / 2, abs=1.5)
    assert bounds.top_emu + bounds.height_emu / 2 == pytest.approx(top + height / 2, abs=1.5)
    diagonal = (width**2 + height**2) ** 0.5
    assert max(bounds.width_emu, bounds.height_emu) <= diagonal + 2
    assert min(width, height) - 2 <= min(bounds.width_emu, bounds.height_emu)
