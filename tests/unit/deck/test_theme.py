"""Colours, fonts and backgrounds are those a person sees, whichever way the file spells them."""

from __future__ import annotations

import pytest
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.presentation import Presentation

from pipeline.deck.ooxml import NAMESPACES
from pipeline.records import Slide
from tests.unit.deck.build import TITLE_AND_CONTENT, deck, only, read, read_only

A, P = NAMESPACES["a"], NAMESPACES["p"]
OVERRIDE = f'<p:clrMapOvr xmlns:p="{P}" xmlns:a="{A}"><a:overrideClrMapping bg1="dk1" tx1="lt1"/></p:clrMapOvr>'


def with_background(inside: str, *, on: str = "slide") -> Slide:
    presentation = deck(TITLE_AND_CONTENT)
    slide = only(presentation)
    bearer = {"slide": slide, "layout": slide.slide_layout, "master": slide.slide_layout.slide_master}[on]
    common = bearer._element.cSld
    for old in common.findall(f"{{{P}}}bg"):
        common.remove(old)
    common.insert(0, etree.fromstring(f'<p:bg xmlns:p="{P}" xmlns:a="{A}">{inside}</p:bg>'))
    return read_only(presentation)


def override_map(bearer: object) -> None:
    root = bearer._element
    for old in root.findall(f"{{{P}}}clrMapOvr"):
        root.remove(old)
    root.append(etree.fromstring(OVERRIDE))


def dark_map() -> Presentation:
    presentation = deck(TITLE_AND_CONTENT)
    colour_map = only(presentation).slide_layout.slide_master._element.find(f"{{{P}}}clrMap")
    colour_map.set("bg1", "dk1")
    colour_map.set("tx1", "lt1")
    return presentation


def test_the_theme_is_read_with_its_colours() -> None:
    theme = read_only(deck()).theme
    assert (theme.background, theme.text) == ("FFFFFF", "000000")
    assert theme.accents == ("4F81BD", "C0504D", "9BBB59", "8064A2", "4BACC6", "F79646")


def test_a_dark_master_turns_background_and_text_round() -> None:
    slide = read_only(dark_map())
    assert (slide.theme.background, slide.theme.text, slide.background) == ("000000", "FFFFFF", "000000")


def test_a_layout_may_turn_them_for_its_slides() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    override_map(only(presentation).slide_layout)
    assert read_only(presentation).theme.background == "000000"


def test_a_slide_may_turn_them_for_itself_alone() -> None:
    presentation = deck(TITLE_AND_CONTENT, TITLE_AND_CONTENT)
    override_map(only(presentation))
    assert [one.theme.background for one in read(presentation).slides] == ["000000", "FFFFFF"]


def test_a_slide_may_bring_its_own_theme_colours() -> None:
    presentation = deck()
    accent = '<a:accent1><a:srgbClr val="abcdef"/></a:accent1>'
    scheme = f"<a:clrScheme><!-- ours -->{accent}</a:clrScheme>"
    override = f'<a:themeOverride xmlns:a="{A}">{scheme}</a:themeOverride>'
    part = Part(PackURI("/ppt/theme/o1.xml"), "application/xml", presentation.part.package, override.encode())
    only(presentation).part.relate_to(part, RT.THEME.replace("/theme", "/themeOverride"))
    assert read_only(presentation).theme.accents[:2] == ("ABCDEF", "C0504D")


def test_a_master_without_a_theme_has_office_colours() -> None:
    presentation = deck()
    master = only(presentation).slide_layout.slide_master.part
    master.rels.pop(next(name for name, one in master.rels.items() if one.reltype == RT.THEME))
    theme = read_only(presentation).theme
    assert (theme.background, theme.accents[0]) == ("FFFFFF", "4472C4")


@pytest.mark.parametrize(
    ("colour", "seen"),
    [
        ('<a:srgbClr val="12ab9F"/>', "12AB9F"),
        ('<a:sysClr val="windowText" lastClr="101010"/>', "101010"),
        ('<a:sysClr val="window"/>', "FFFFFF"),
        ('<a:prstClr val="dkBlue"/>', "00008B"),
        ('<a:scrgbClr r="100000" g="0" b="100000"/>', "FF00FF"),
        ('<a:schemeClr val="accent2"/>', "C0504D"),
        ('<a:schemeClr val="bg1"><a:lumMod val="50000"/></a:schemeClr>', "808080"),
        ('<a:schemeClr val="tx1"><a:lumMod val="75000"/><a:lumOff val="25000"/></a:schemeClr>', "404040"),
        ('<a:schemeClr val="bg1"><a:shade val="50000"/></a:schemeClr>', "BCBCBC"),
        ('<a:schemeClr val="tx1"><a:tint val="75000"/></a:schemeClr>', "898989"),
        ('<a:srgbClr val="oops"/>', "000000"),
    ],
)
def test_a_solid_background_is_the_colour_it_is_seen_in(colour: str, seen: str) -> None:
    slide = with_background(f"<p:bgPr><a:solidFill>{colour}</a:solidFill></p:bgPr>")
    assert (slide.background, slide.has_picture_background) == (seen, False)


@pytest.mark.parametrize("bearer", ["slide", "layout", "master"])
def test_a_picture_behind_the_slide_is_noticed_wherever_it_is_set(bearer: str) -> None:
    assert with_background("<p:bgPr><a:blipFill/></p:bgPr>", on=bearer).has_picture_background


def test_a_gradient_is_its_mean() -> None:
    stops = '<a:gs pos="0"><a:srgbClr val="000000"/></a:gs><a:gs pos="100000"><a:srgbClr val="204060"/></a:gs>'
    assert (
        with_background(f"<p:bgPr><a:gradFill><a:gsLst>{stops}</a:gsLst></a:gradFill></p:bgPr>").background == "102030"
    )


@pytest.mark.parametrize(
    ("paint", "is_plain"),
    [
        ('<a:solidFill><a:srgbClr val="102030"/></a:solidFill>', True),
        ("<a:noFill/>", True),
        ("<a:blipFill/>", False),
        ('<a:gradFill><a:gsLst><a:gs pos="0"><a:srgbClr val="000000"/></a:gs></a:gsLst></a:gradFill>', False),
        ('<a:pattFill><a:bgClr><a:srgbClr val="000000"/></a:bgClr></a:pattFill>', False),
    ],
)
def test_only_one_colour_is_a_plain_background(paint: str, is_plain: bool) -> None:
    assert with_background(f"<p:bgPr>{paint}</p:bgPr>").has_plain_background is is_plain


def test_a_background_by_reference_takes_the_references_colour() -> None:
    slide = with_background('<p:bgRef idx="1001"><a:schemeClr val="accent1"/></p:bgRef>', on="master")
    assert slide.background == "4F81BD"


@pytest.mark.parametrize("inside", ['<p:bgRef idx="1099"/>', "<p:bgPr/>", "<p:bgPr><a:noFill/></p:bgPr>", "<p:other/>"])
def test_a_background_that_says_nothing_is_the_themes(inside: str) -> None:
    assert with_background(inside).background == "FFFFFF"


def test_a_background_set_with_python_pptx_is_read() -> None:
    presentation = deck()
    fill = only(presentation).background.fill
    fill.solid()
    fill.fore_color.rgb = RGBColor(1, 2, 3)
    assert read_only(presentation).background == "010203"
    fill.fore_color.theme_color = MSO_THEME_COLOR.ACCENT_6
    assert read_only(presentation).background == "F79646"
