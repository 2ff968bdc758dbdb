"""Where a shape shows its fill, its outline and its effects."""

from __future__ import annotations

import math

import pytest
from pptx.oxml import parse_xml

from pipeline.deck.colours import Palette
from pipeline.deck.geometry import SLIDE
from pipeline.deck.ink.effects import grown
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
    ],
)
def test_a_shape_with_a_fill_is_ink_all_over(properties: str, of_style: str) -> None:
    assert drawn(SMALL, properties, style=of_style) == [SMALL]


@pytest.mark.parametrize(
    ("properties", "of_style", "width_pt"),
    [
        (f"{RECTANGLE}<a:noFill/><a:ln>{SOLID}</a:ln>", "", 0.75),
        (f'{RECTANGLE}<a:noFill/><a:ln w="635000">{SOLID}</a:ln>', "", 50),
        (f'{RECTANGLE}{SOLID}<a:ln w="635000"/>', style(0, 1), 50),
        (RECTANGLE, style(0, 3), 3),
    ],
)
def test_a_shape_with_an_outline_is_larger_by_half_of_it(properties: str, of_style: str, width_pt: float) -> None:
    assert drawn(SMALL, properties, style=of_style) == [grown(SMALL, math.ceil(width_pt * 12_700 / 2))]


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
    assert drawn(SMALL, RECTANGLE + effects) == [box(0.8, 0.8, 2.4, 4.4)]


ART = Paper(canvas=CANVAS, colour="FFFFFF", palette=PALETTE, is_art=True)
PAGE = box(0.5, 0.5, 9, 6.5)
CENTRE = box(4.9, 3.6, 0.2, 0.2)


def line(width: int = 12_700, more: str = "") -> str:
    return f'<a:noFill/><a:ln w="{width}">{SOLID}{more}</a:ln>'


def preset(name: str, **handles: int) -> str:
    guides = "".join(f'<a:gd name="{handle}" fmla="val {value}"/>' for handle, value in handles.items())
    return f'<a:prstGeom prst="{name}"><a:avLst>{guides}</a:avLst></a:prstGeom>'


def covers(ink: list[Box], *places: tuple[float, float]) -> bool:
    return all(any(one.meets(box(x - 0.01, y - 0.01, 0.02, 0.02)) for one in ink) for x, y in places)


@pytest.mark.parametrize("name", ["star5", "leftBrace", "moon", "rightArrow", "blockArc", "cloud", "heart"])
def test_a_large_outline_that_is_not_its_frame_takes_all_of_it(name: str) -> None:
    assert covers(drawn(PAGE, preset(name) + line()), (5, 3.7), (2, 2), (8, 6))
    assert covers(drawn(PAGE, preset(name) + SOLID, paper=ART), (5, 3.7), (2, 2), (8, 6))


@pytest.mark.parametrize(
    ("name", "on_it"),
    [
        ("rect", (0.5, 2.0)),
        ("roundRect", (0.5, 3.0)),
        ("ellipse", (5 + 4.5 * math.cos(1), 3.75 + 3.25 * math.sin(1))),
        ("diamond", (2.75, 2.125)),
        ("triangle", (2.75, 3.75)),
        ("rtTriangle", (2.75, 2.125)),
        ("frame", (0.5 + 6.5 / 8, 3.0)),
        ("donut", (0.5 + 6.5 / 4, 3.75)),
    ],
)
def test_a_large_outline_that_is_known_is_covered_where_it_runs(name: str, on_it: tuple[float, float]) -> None:
    for ink in (drawn(PAGE, preset(name) + line()), drawn(PAGE, preset(name) + SOLID, paper=ART)):
        assert covers(ink, on_it)
        assert not any(one.meets(box(4.8, 4.2, 0.2, 0.2)) for one in ink)


def test_a_thick_line_is_covered_to_its_full_width() -> None:
    ink = drawn(box(1, 3, 8, 0), preset("line") + line(1_270_000))
    assert covers(ink, (5, 3.68), (5, 2.32))
    framed = drawn(PAGE, RECTANGLE + line(1_270_000))
    assert covers(framed, (1.15, 3), (5, 6.35))
    assert not any(one.meets(CENTRE) for one in framed)


def test_arrow_heads_are_wider_than_their_line() -> None:
    tail = '<a:tailEnd type="triangle" w="lg" len="lg"/>'
    ink = drawn(box(1, 3, 8, 0), preset("straightConnector1") + line(254_000, tail))
    assert covers(ink, (8.5, 3.6), (8.9, 2.4))
    assert not covers(ink, (1.1, 3.5))


def test_a_pattern_or_a_picture_on_a_layout_is_no_ground() -> None:
    for fill in ('<a:pattFill prst="lgCheck"/>', "<a:blipFill/>"):
        assert covers(drawn(PAGE, RECTANGLE + fill, paper=ART), (5, 3.7), (2, 2), (8, 6))


def test_the_tail_of_a_speech_bubble_is_covered_to_its_tip() -> None:
    ink = drawn(box(1, 1, 2, 1), preset("wedgeRoundRectCallout", adj1=200_000, adj2=300_000) + SOLID)
    assert covers(ink, (1.5, 1.5), (4, 3), (5.98, 4.48))
    assert not covers(ink, (5, 1.5), (1.5, 4))
    assert covers(drawn(box(1, 1, 2, 1), preset("wedgeEllipseCallout") + SOLID), (2 - 0.41, 1.5 + 0.62))


def test_a_labels_line_is_covered_to_what_it_names() -> None:
    label = preset("borderCallout1", adj1=50_000, adj2=100_000, adj3=300_000, adj4=300_000)
    ink = drawn(box(1, 1, 2, 1), label + line())
    assert covers(ink, (2, 1.5), (5, 2.75), (7, 4))
    assert not covers(ink, (3.5, 3.5))


def test_a_scaled_or_slanted_shadow_reaches_as_far() -> None:
    for shadow in ('sx="200000" sy="200000"', 'kx="2700000" ky="2700000"'):
        assert covers(drawn(SMALL, f"{RECTANGLE}{SOLID}<a:effectLst><a:outerShdw {shadow}/></a:effectLst>"), (4.9, 4.9))


def test_a_reflection_hangs_as_far_below_as_it_states() -> None:
    effects = f'{SOLID}<a:effectLst><a:reflection endPos="50000" dist="{INCH}"/></a:effectLst>'
    assert drawn(SMALL, RECTANGLE + effects) == [box(1, 1, 2, 4)]
