"""The look of a deck's own pictures is read where they agree, and written so that it reads the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu

from pipeline.deck.colours import Palette
from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.pictures.finishes import Design, Edge, agreed_finish, frame_properties, is_content, read_edge
from pipeline.records import OurPicture, PictureFinish, Shadow, ShapeKind
from tests.builders import INCH, box, shape
from tests.unit.deck.build import deck, only, png, read

DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
PLAIN = Edge(corner_share=0.0, outline=("", 0), shadow=None)
SOFT = Shadow(blur_emu=50_800, distance_emu=38_100, direction_deg=45.0, colour="000000", opacity=0.4)
SHADOW_XML = (
    '<a:outerShdw blurRad="50800" dist="38100" dir="2700000"><a:prstClr val="black"><a:alpha val="40000"/></a:prstClr>'
    "</a:outerShdw>"
)
THEME = etree.fromstring(
    f"<a:theme {DECLARED}><a:themeElements><a:fmtScheme><a:lnStyleLst><a:ln w='6350'/><a:ln w='12700'/></a:lnStyleLst>"
    f"<a:effectStyleLst><a:effectStyle><a:effectLst/></a:effectStyle><a:effectStyle><a:effectLst>{SHADOW_XML}"
    "</a:effectLst></a:effectStyle></a:effectStyleLst></a:fmtScheme></a:themeElements></a:theme>"
)
DESIGN = Design(palette=Palette(scheme={"accent1": "1F4E79"}, colour_map={}), theme=THEME)


def picture(properties="", style="", tag="pic"):
    return etree.fromstring(f"<p:{tag} {DECLARED}><p:spPr><a:xfrm/>{properties}</p:spPr>{style}</p:{tag}>")


def edge(properties="", style="", inherited=()):
    return read_edge(picture(properties, style), inherited, DESIGN)


def style_of(line=0, effect=0):
    accent = '<a:schemeClr val="accent1"/>'
    return (
        f'<p:style><a:lnRef idx="{line}">{accent}</a:lnRef><a:effectRef idx="{effect}">{accent}</a:effectRef></p:style>'
    )


@pytest.mark.parametrize(
    ("geometry", "share"),
    [
        ("", 0.0),
        ('<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>', 0.0),
        ('<a:prstGeom prst="roundRect"/>', 0.167),
        ('<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val 8000"/></a:avLst></a:prstGeom>', 0.08),
        ('<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val 90000"/></a:avLst></a:prstGeom>', 0.5),
        ('<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="odd"/></a:avLst></a:prstGeom>', 0.167),
        ('<a:prstGeom prst="ellipse"/>', None),
        ("<a:custGeom/>", None),
    ],
)
def test_corners(geometry, share):
    assert edge(geometry).corner_share == share


@pytest.mark.parametrize(
    ("line", "style", "outline"),
    [
        ("", "", ("", 0)),
        ("<a:ln w='19050'><a:solidFill><a:schemeClr val='accent1'/></a:solidFill></a:ln>", "", ("1F4E79", 19_050)),
        ("<a:ln><a:solidFill><a:srgbClr val='ff0000'/></a:solidFill></a:ln>", "", ("FF0000", 9_525)),
        ("<a:ln w='19050'><a:noFill/></a:ln>", style_of(line=2), ("", 0)),
        ("<a:ln w='19050'/>", "", ("", 0)),
        ("<a:ln w='19050'/>", style_of(line=1), ("1F4E79", 19_050)),
        ("<a:ln><a:solidFill><a:srgbClr val='FF0000'><a:alpha val='0'/></a:srgbClr></a:solidFill></a:ln>", "", ("", 0)),
        ("", style_of(line=2), ("1F4E79", 12_700)),
        ("", style_of(line=9), ("", 0)),
    ],
)
def test_an_outline_is_the_picture_s_own_or_its_style_s(line, style, outline):
    assert edge(line, style).outline == outline


@pytest.mark.parametrize(
    ("effects", "style", "shadow"),
    [
        ("", "", None),
        (f"<a:effectLst>{SHADOW_XML}</a:effectLst>", "", SOFT),
        ("<a:effectLst/>", style_of(effect=2), None),
        ("", style_of(effect=2), SOFT),
        ("", style_of(effect=1), None),
        ("<a:effectLst><a:outerShdw kx='1200000'><a:srgbClr val='000000'/></a:outerShdw></a:effectLst>", "", None),
        ("<a:effectLst><a:outerShdw sy='23000'><a:srgbClr val='000000'/></a:outerShdw></a:effectLst>", "", None),
    ],
)
def test_a_shadow_is_the_picture_s_own_or_its_style_s_and_none_that_lies_aslant(effects, style, shadow):
    assert edge(effects, style).shadow == shadow


def test_a_picture_in_a_placeholder_looks_as_its_layout_says():
    rounded = picture('<a:prstGeom prst="roundRect"/>', tag="sp")
    assert edge(inherited=(rounded,)).corner_share == 0.167
    assert edge('<a:prstGeom prst="rect"/>', inherited=(rounded,)).corner_share == 0.0


def edges(*corners):
    return [Edge(corner_share=one, outline=("", 0), shadow=None) for one in corners]


@pytest.mark.parametrize("few", [[], edges(0.1)])
def test_one_picture_says_nothing_of_a_deck(few):
    assert agreed_finish(few) is None


def test_pictures_that_are_plain_make_ours_plain():
    assert agreed_finish([PLAIN, PLAIN]) == PictureFinish()


def test_three_of_five_are_enough_and_two_of_four_are_not():
    assert agreed_finish(edges(0.1, 0.1, 0.1, 0.2, 0.0)).corner_share == 0.1
    assert agreed_finish(edges(0.1, 0.1, 0.2, 0.0)).corner_share == 0.0


def test_corners_outline_and_shadow_are_agreed_each_by_itself():
    mixed = [
        Edge(corner_share=share, outline=("FF0000", 9_525), shadow=shadow)
        for share, shadow in ((0.1, SOFT), (0.2, SOFT), (0.3, None))
    ]
    assert agreed_finish(mixed) == PictureFinish(outline="FF0000", outline_emu=9_525, shadow=SOFT)


def test_pictures_that_agree_in_nothing_say_nothing():
    different = [
        Edge(corner_share=share, outline=(colour, 9_525), shadow=shadow)
        for share, colour, shadow in ((0.1, "FF0000", SOFT), (0.2, "00FF00", None))
    ]
    assert agreed_finish(different) is None


def test_pictures_of_other_shapes_leave_ours_a_rectangle():
    assert agreed_finish(edges(None, None)) == PictureFinish()


CANVAS = box(0, 0, 10, 7.5)
OURS = OurPicture(content="", last_slide_id=1, was_moved=False, was_replaced=False)


@pytest.mark.parametrize(
    ("where", "changes", "is_one"),
    [
        (box(1, 1, 4, 3), {}, True),
        (box(9, 0, 1, 1), {}, False),
        (box(0, 0, 10, 7.5), {}, False),
        (box(0, 0, 10, 3), {}, True),
        (box(1, 1, 4, 3), {"ours": OURS}, False),
        (box(1, 1, 4, 3), {"is_empty": True}, False),
        (box(1, 1, 4, 3), {"kind": ShapeKind.CHART}, False),
        (None, {}, False),
    ],
    ids=["photo", "logo", "backdrop", "banner", "ours", "empty placeholder", "chart", "nowhere"],
)
def test_logos_backdrops_and_our_own_pictures_do_not_count(where, changes, is_one):
    one = shape(where, **{"kind": ShapeKind.PICTURE, **changes})
    assert is_content(one, CANVAS) is is_one


SHADOWS = st.builds(
    Shadow,
    blur_emu=st.integers(0, 10**6),
    distance_emu=st.integers(0, 10**6),
    direction_deg=st.integers(0, 3599).map(lambda tenths: tenths / 10),
    colour=st.just("1F2937"),
    opacity=st.integers(0, 100).map(lambda percent: percent / 100),
)
FINISHES = st.builds(
    PictureFinish,
    corner_share=st.integers(0, 500).map(lambda share: share / 1000),
    outline=st.just("FF0000"),
    outline_emu=st.integers(1, 10**6),
    shadow=st.none() | SHADOWS,
) | st.just(PictureFinish())


@given(FINISHES)
def test_what_is_written_reads_the_same_again(finish):
    written = edge(frame_properties(finish))
    assert agreed_finish([written, written]) == finish


def test_the_parts_stand_in_the_schema_s_order():
    full = PictureFinish(corner_share=0.1, outline="FF0000", outline_emu=9_525, shadow=SOFT)
    order = [child.tag.rpartition("}")[2] for child in picture(frame_properties(full))[0]]
    assert order == ["xfrm", "prstGeom", "ln", "effectLst"]


def test_a_plain_finish_is_a_plain_rectangle():
    assert frame_properties(PictureFinish()) == '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'


def with_pictures(*shapes_and_inches):
    presentation = deck()
    for auto_shape, inches in shapes_and_inches:
        one = only(presentation).shapes.add_picture(png(), Emu(0), Emu(0), Emu(inches * INCH), Emu(inches * INCH))
        one.auto_shape_type = auto_shape
        one.line.color.rgb = RGBColor(0x1F, 0x29, 0x37)
        one.line.width = Emu(19_050)
    return read(presentation)


def test_a_deck_tells_the_finish_its_pictures_agree_in_whatever_its_logos_have():
    rounded, logo = (MSO_SHAPE.ROUNDED_RECTANGLE, 3), (MSO_SHAPE.OVAL, 1)
    agreed = PictureFinish(corner_share=0.167, outline="1F2937", outline_emu=19_050)
    assert with_pictures(rounded, rounded, logo, logo, logo).finish == agreed


def test_a_deck_of_one_picture_tells_none():
    assert with_pictures((MSO_SHAPE.ROUNDED_RECTANGLE, 3)).finish is None
