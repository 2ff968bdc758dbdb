"""A deck's design: theme colours and fonts, the master's text styles, and layouts that keep the text to one side.

python-pptx has no API for any of this, so its default template's XML is edited. Element and attribute names are
those of ECMA-376 part 1, 19.3 (PresentationML) and 20.1 (DrawingML).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout, SlideMaster
from pptx.util import Emu, Inches

from samples.building.art import NAMESPACES, Art, Rect, drawn
from samples.building.looks import make_small_print, restyle

LAYOUTS = {
    "title": 0,
    "text": 1,
    "section": 2,
    "other_side": 3,
    "columns": 4,
    "title_only": 5,
    "sidebar": 7,
    "picture": 8,
}
"""Our name for a layout: its place in python-pptx's default template. A deck has those its design gives boxes for."""

LEVELS = ((0.28, 1.0), (0.56, 0.88))
"""Left margin in inches and size relative to the first, for the two levels of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Everything a deck's slides inherit.

    `colours` are the twelve of a theme, in its order from dk1 to folHlink, "RRGGBB". `boxes` gives for each layout the
    rectangle of each of its placeholders by their idx; the title's is 0. `names` are what a person sees in the
    layout menu. `footer` is the line at the foot of every slide that has a number.
    """

    name: str
    language: str
    size_in: tuple[float, float]
    colours: tuple[str, ...]
    heading_font: str
    body_font: str
    title_pt: int
    body_pt: int
    boxes: Mapping[str, Mapping[int, Rect]]
    names: Mapping[str, str]
    master_art: tuple[Art, ...] = ()
    cover_art: tuple[Art, ...] = ()
    sidebar_art: tuple[Art, ...] = ()
    footer: str = ""
    is_rtl: bool = False


def empty_deck(design: Design, title: str, author: str, made: datetime) -> Deck:
    """Make a presentation in this design that has no slides yet."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = (Inches(length) for length in design.size_in)
    _drop_leftovers(deck)
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.language, properties.revision = design.language, 1
    properties.created = properties.modified = made
    master = deck.slide_masters[0]
    _paint_theme(master, design)
    _shape_master(master, design)
    for name, layout in _kept_layouts(deck, design).items():
        _shape_layout(name, layout, design)
    return deck


def layouts_by_name(deck: Deck, design: Design) -> dict[str, SlideLayout]:
    """Our names to the layouts of a deck `empty_deck` made in this design."""
    return dict(zip(_names(design), deck.slide_layouts, strict=True))


def _drop_leftovers(deck: Deck) -> None:
    """Drop the template's thumbnail and printer settings, which are of somebody else's deck."""
    package_rels = deck.part.package._rels  # noqa: SLF001  there is no public door to them
    for rels in (package_rels, deck.part.rels):
        for rel_id, rel in list(rels.items()):
            if rel.reltype in (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.PRINTER_SETTINGS):
                rels.pop(rel_id)


def _paint_theme(master: SlideMaster, design: Design) -> None:
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = etree.fromstring(part.blob)
    theme.set("name", design.name)
    scheme = theme.find(f".//{qn('a:clrScheme')}")
    scheme.set("name", design.name)
    for slot, colour in zip(scheme, design.colours, strict=True):
        slot.clear()
        etree.SubElement(slot, qn("a:srgbClr"), val=colour)
    theme.find(f".//{qn('a:fontScheme')}").set("name", design.name)
    for tag, font in (("a:majorFont", design.heading_font), ("a:minorFont", design.body_font)):
        for script in ("a:latin", "a:cs"):
            theme.find(f".//{qn(tag)}/{qn(script)}").set("typeface", font)
    part.blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _shape_master(master: SlideMaster, design: Design) -> None:
    width, height = design.size_in
    side, foot = 0.055 * width, height - 0.55
    boxes = {
        "title": design.boxes["text"][0],
        "body": design.boxes["text"][1],
        "dt": (side, foot, 2.0, 0.35),
        "ftr": (width / 2 - 2.0, foot, 4.0, 0.35),
        "sldNum": (width - side - 1.2, foot, 1.2, 0.35),
    }
    placeholders: Any = master.placeholders  # python-pptx types its iteration wrongly
    for shape in placeholders:
        kind = shape.element.find(f".//{qn('p:ph')}").get("type")
        _place(shape.element, boxes[kind])
        if kind == "ftr" and design.footer:
            make_small_print(shape.element)
    _paint(master.element, design.master_art)
    styles = master.element.find(qn("p:txStyles"))
    styles.replace(styles[0], parse_xml(_title_style(design)))
    styles.replace(styles[1], parse_xml(_body_style(design)))


def _title_style(design: Design) -> str:
    return f"""<p:titleStyle {NAMESPACES}>
      <a:lvl1pPr {_direction(design)} defTabSz="914400" eaLnBrk="1" latinLnBrk="0" hangingPunct="1">
        <a:lnSpc><a:spcPct val="95000"/></a:lnSpc><a:spcBef><a:spcPct val="0"/></a:spcBef><a:buNone/>
        <a:defRPr sz="{design.title_pt * 100}" b="1" kern="1200">
          <a:solidFill><a:schemeClr val="tx2"/></a:solidFill>
          <a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/><a:cs typeface="+mj-cs"/>
        </a:defRPr></a:lvl1pPr></p:titleStyle>"""


def _body_style(design: Design) -> str:
    levels = "".join(
        f"""<a:lvl{number}pPr {_margins(design, margin)} {_direction(design)} defTabSz="914400">
          <a:spcBef><a:spcPts val="{1400 if number == 1 else 500}"/></a:spcBef>
          <a:buClr><a:schemeClr val="accent1"/></a:buClr>
          <a:buFont typeface="Arial"/><a:buChar char="{"•" if number == 1 else "–"}"/>
          <a:defRPr sz="{round(design.body_pt * size) * 100}" kern="1200">
            <a:solidFill><a:schemeClr val="tx1"/></a:solidFill>
            <a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/>
          </a:defRPr></a:lvl{number}pPr>"""
        for number, (margin, size) in enumerate(LEVELS, 1)
    )
    return f"<p:bodyStyle {NAMESPACES}>{levels}</p:bodyStyle>"


def _direction(design: Design) -> str:
    return 'algn="r" rtl="1"' if design.is_rtl else 'algn="l" rtl="0"'


def _margins(design: Design, margin_in: float) -> str:
    side = "marR" if design.is_rtl else "marL"
    return f'{side}="{Inches(margin_in)}" indent="{-Inches(LEVELS[0][0])}"'


def _names(design: Design) -> list[str]:
    return [name for name in LAYOUTS if name in design.boxes]


def _kept_layouts(deck: Deck, design: Design) -> dict[str, SlideLayout]:
    layouts = list(deck.slide_layouts)
    kept = {name: layouts[LAYOUTS[name]] for name in _names(design)}
    for layout in layouts:
        if layout not in kept.values():
            deck.slide_layouts.remove(layout)
    return kept


def _shape_layout(name: str, layout: SlideLayout, design: Design) -> None:
    layout.name = design.names[name]
    if name == "other_side":  # the template's "Two Content", without its second half
        del layout.element.attrib["type"]
        layout.element.set("userDrawn", "1")
    boxes = design.boxes[name]
    for shape in list(layout.placeholders):
        idx = shape.placeholder_format.idx
        if idx in boxes:
            _place(shape.element, boxes[idx])
            restyle(shape.element, name, idx)
        elif idx < 10:
            shape.element.getparent().remove(shape.element)
    if name in ("title", "section"):
        _paint_background(layout, "tx2" if name == "title" else "bg2")
        layout.element.set("showMasterSp", "0")
        _paint(layout.element, design.cover_art)
    if name == "sidebar":
        _paint(layout.element, design.sidebar_art)


def _paint(page: etree._Element, arts: Sequence[Art]) -> None:
    """Put the art behind every placeholder of a master or layout."""
    tree = page.find(f".//{qn('p:spTree')}")
    for number, art in enumerate(arts):
        tree.insert(2 + number, drawn(art, 100 + number))


def _paint_background(layout: SlideLayout, colour: str) -> None:
    content = layout.element.find(qn("p:cSld"))
    fill = f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>'
    content.insert(0, parse_xml(f"<p:bg {NAMESPACES}><p:bgPr>{fill}<a:effectLst/></p:bgPr></p:bg>"))


def _place(shape: etree._Element, rect: Rect) -> None:
    properties = shape.find(qn("p:spPr"))
    left, top, width, height = (Emu(Inches(length)) for length in rect)
    frame = f'<a:xfrm {NAMESPACES}><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    if (old := properties.find(qn("a:xfrm"))) is not None:
        properties.remove(old)
    properties.insert(0, parse_xml(frame))
