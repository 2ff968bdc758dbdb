from __future__ import annotations

import pytest
from pptx.oxml import parse_xml

from pipeline.deck.colours import Palette
from pipeline.deck.geometry import SLIDE
from pipeline.deck.ink.surfaces import Paper, surface_ink
from pipeline.deck.tree import own_frame
from pipeline.records import Box
from tests.builders import INCH, box

CANVAS = box(0, 0, 10, 7.5)
PALETTE = Palette(scheme={"lt1": "FFFFFF", "accent1": "336699"}, colour_map={"bg1": "lt1"})
PAPER = Paper(canvas=CANVAS, colour="FFFFFF", palette=PALETTE)
SOLID = '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
WHITE = '<a:solidFill><a:schemeClr val="bg1"/></a:solidFill>'
RECTANGLE = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'


def drawn(where: Box, properties: str, *, style: str = "", rotation: int = 0, paper: Paper = PAPER, **of_shape: str):
    attributes = " ".join(f'{name}="{value}"' for name, value in of_shape.items())
    element = parse_xml(
        '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" {attributes}>'
        '<p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f'<p:spPr><a:xfrm rot="{rotation}"><a:off x="{where.left_emu}" y="{where.top_emu}"/>'
        f'<a:ext cx="{where.width_emu}" cy="{where.height_emu}"/></a:xfrm>{properties}</p:spPr>{style}</p:sp>'
    )
    frame = own_frame(element)
    assert frame is not None
    return list(surface_ink(element, frame, SLIDE, (), paper))


def style(fill: int, line: int) -> str:
    return f'<p:style><a:lnRef idx="{line}"/><a:fillRef idx="{fill}"/><a:effectRef idx="0"/></p:style>'


SMALL = box(1, 1, 2, 2)


@pytest.mark.parametrize(
    ("properties", "of_style"),
    [
        (RECTANGLE + SOLID, ""),
        (RECTANGLE + "<a:gradFill/>", ""),
        (RECTANGLE, style(1, 0)),
        (RECTANGLE, style(0, 2)),
        (f"{RECTANGLE}<a:noFill/><a:ln>{SOLID}</a:ln>", ""),
    ],
)
def test_a_shape_with_fill_or_outline_is_ink_all_over(properties: str, of_style: str) -> None:
    assert drawn(SMALL, properties, style=of_style) == [SMALL]


@pytest.mark.parametrize(
    ("properties", "of_style"),
    [
        (RECTANGLE, ""),
        (RECTANGLE + "<a:noFill/>", style(1, 0)),
        (f"{RECTANGLE}<a:noFill/><a:ln><a:noFill/></a:ln>", style(1, 2)),
        (RECTANGLE + '<a:ln w="12700"/>', ""),
        (RECTANGLE + WHITE, ""),
        (RECTANGLE + '<a:solidFill><a:srgbClr val="336699"><a:alpha val="0"/></a:srgbClr></a:solidFill>', ""),
    ],
)
def test_a_shape_without_either_is_none(properties: str, of_style: str) -> None:
    assert drawn(SMALL, properties, style=of_style) == []


def test_the_slides_own_ground_is_no_fill() -> None:
    assert drawn(SMALL, RECTANGLE, style=style(1, 0), useBgFill="1") == []


def test_white_on_white_shows_where_the_layout_painted_something() -> None:
    painted = Paper(canvas=CANVAS, colour="FFFFFF", palette=PALETTE, art=(box(0, 0, 3, 7.5),))
    assert drawn(SMALL, RECTANGLE + WHITE, paper=painted) == [SMALL]


def test_a_large_frame_is_in_the_way_along_its_sides_only() -> None:
    page = box(0.5, 0.5, 9, 6.5)
    ink = drawn(page, f"{RECTANGLE}<a:noFill/><a:ln>{SOLID}</a:ln>")
    assert len(ink) == 4
    assert not any(one.meets(box(1, 1, 8, 5.5)) for one in ink)
    assert any(one.meets(box(0.4, 3, 0.2, 0.2)) for one in ink)


def test_a_layouts_panel_is_ground_within_its_edges() -> None:
    paper = Paper(canvas=CANVAS, colour="FFFFFF", palette=PALETTE, is_art=True)
    panel = box(0, 0, 4, 7.5)
    ink = drawn(panel, RECTANGLE + SOLID, paper=paper)
    assert not any(one.meets(box(0.5, 0.5, 3, 6)) for one in ink)
    assert any(one.meets(box(3.9, 3, 0.2, 0.2)) for one in ink)
    assert drawn(SMALL, RECTANGLE + SOLID, paper=paper) == [SMALL]


def test_a_slanting_line_leaves_the_corners_of_its_box_free() -> None:
    ink = drawn(box(1, 1, 4, 4), f'<a:prstGeom prst="line"/><a:ln>{SOLID}</a:ln>')
    assert not any(one.meets(box(1, 3.5, 1.5, 1.5)) for one in ink)
    assert any(one.meets(box(2.9, 2.9, 0.2, 0.2)) for one in ink)


def test_a_freeform_is_as_large_as_its_path() -> None:
    path = (
        '<a:custGeom><a:pathLst><a:path w="100" h="100"><a:moveTo><a:pt x="0" y="0"/></a:moveTo>'
        '<a:lnTo><a:pt x="50" y="0"/></a:lnTo><a:lnTo><a:pt x="0" y="50"/></a:lnTo><a:close/></a:path></a:pathLst>'
        "</a:custGeom>"
    )
    assert drawn(box(1, 1, 2, 2), path + SOLID) == [box(1, 1, 1, 1)]


def test_a_turned_shape_is_as_large_as_it_stands() -> None:
    assert drawn(box(1, 2, 4, 2), RECTANGLE + SOLID, rotation=90 * 60_000) == [box(2, 1, 2, 4)]


def test_shadows_and_reflections_reach_out() -> None:
    effects = (
        f'{SOLID}<a:effectLst><a:outerShdw blurRad="{INCH // 5}" dist="{INCH // 10}"/><a:reflection/></a:effectLst>'
    )
    assert drawn(SMALL, RECTANGLE + effects) == [box(0.8, 0.8, 2.4, 3.4)]
