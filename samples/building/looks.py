"""How the placeholders of single layouts look where that is not as the master's text styles say."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from samples.building.art import NAMESPACES


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a placeholder of a layout differs from the master's text styles. `colour` is a theme colour's name."""

    colour: str
    size_pt: int
    anchor: str = "t"
    has_bullets: bool = False
    is_bold: bool = False


LOOKS = {
    ("title", 0): Look(colour="bg1", size_pt=40, anchor="b"),
    ("title", 1): Look(colour="accent3", size_pt=20),
    ("section", 0): Look(colour="tx2", size_pt=40, anchor="b"),
    ("section", 1): Look(colour="tx1", size_pt=20),
    ("columns", 1): Look(colour="accent2", size_pt=20, anchor="b", is_bold=True),
    ("columns", 3): Look(colour="accent2", size_pt=20, anchor="b", is_bold=True),
    ("sidebar", 0): Look(colour="bg1", size_pt=32, anchor="b"),
    ("sidebar", 2): Look(colour="bg1", size_pt=20, has_bullets=True),
}
"""By our name for the layout and the placeholder's idx."""


def restyle(shape: etree._Element, layout: str, idx: int) -> None:
    """Drop the template's own sizes and colours, so that text inherits from the master; LOOKS have their own."""
    styles = shape.find(f".//{qn('a:lstStyle')}")
    for level in list(styles):
        styles.remove(level)
    frame = shape.find(f".//{qn('a:bodyPr')}")
    frame.attrib.clear()
    if look := LOOKS.get((layout, idx)):
        frame.set("anchor", look.anchor)
        is_plain = idx > 0 and not look.has_bullets
        style = ' marL="0" marR="0" indent="0"' if is_plain else ""
        bullet = "<a:buNone/>" if is_plain else ""
        if look.has_bullets:
            bullet = '<a:buClr><a:schemeClr val="accent3"/></a:buClr>'
        weight = ' b="1"' if look.is_bold else ""
        fill = f'<a:solidFill><a:schemeClr val="{look.colour}"/></a:solidFill>'
        run = f'<a:defRPr sz="{look.size_pt * 100}"{weight}>{fill}</a:defRPr>'
        styles.append(parse_xml(f"<a:lvl1pPr {NAMESPACES}{style}>{bullet}{run}</a:lvl1pPr>"))


def make_small_print(footer: etree._Element) -> None:
    """Let a footer's text be small and begin at the left."""
    styles = footer.find(f".//{qn('a:lstStyle')}")
    for level in list(styles):
        styles.remove(level)
    fill = '<a:solidFill><a:schemeClr val="accent6"/></a:solidFill>'
    styles.append(parse_xml(f'<a:lvl1pPr {NAMESPACES} algn="l"><a:defRPr sz="1100">{fill}</a:defRPr></a:lvl1pPr>'))
