"""What stands on a slide: each visible shape with its kind, its box in slide coordinates and its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.deck import charts, smartart, tree
from pipeline.deck.backdrops import backdrop_ink, everywhere, mirrored
from pipeline.deck.geometry import Frame, bounding_box, upright_box
from pipeline.deck.ink.outlines import is_straight
from pipeline.deck.ink.surfaces import Paper, edge_ink, picture_ink, surface_ink
from pipeline.deck.ink.tables import table_ink
from pipeline.deck.ink.text_settings import TextSettings
from pipeline.deck.ink.typesetting import text_ink
from pipeline.deck.ooxml import NAMESPACES, Element, integer, qualified, related, root_of
from pipeline.deck.package.parts import Part
from pipeline.deck.package.picture_shapes import keeps_what_it_replaced
from pipeline.deck.pictures.looks import are_alike, look_of
from pipeline.deck.pictures.marks import read_mark
from pipeline.deck.placeholders import RESERVED, ancestors, frame_of, placeholder_type, text_style
from pipeline.deck.text import lines_of
from pipeline.deck.text_colours import text_colours
from pipeline.records import Box, OurPicture, ShapeKind, SlideShape

_GRAPHIC = qualified("a:graphic/a:graphicData")
_FILL_PICTURE = qualified("p:spPr/a:blipFill")
_FILLS = (_FILL_PICTURE, qualified("p:blipFill"))
_BLIP, _EMBED = qualified("p:blipFill/a:blip"), qualified("r:embed")
_MEDIA = tuple(map(qualified, ("a:videoFile", "a:audioFile", "a:wavAudioFile", "a:audioCd", "a:quickTimeFile")))

_GRAPHIC_KINDS = {
    charts.CHART_URI: ShapeKind.CHART,
    charts.EXTENDED_CHART_URI: ShapeKind.CHART,
    smartart.DIAGRAM_URI: ShapeKind.SMARTART,
    f"{NAMESPACES['a'].removesuffix('/main')}/table": ShapeKind.TABLE,
    "http://schemas.openxmlformats.org/presentationml/2006/ole": ShapeKind.OLE,
    "http://schemas.microsoft.com/office/drawing/2017/model3d": ShapeKind.PICTURE,
}

_PLAIN_KINDS = {
    tree.CONNECTOR: ShapeKind.CONNECTOR,
    tree.CONTENT_PART: ShapeKind.INK,
    tree.CONTROL: ShapeKind.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedShape:
    """A shape as the later stages see it, and the element it was read from."""

    element: Element
    shape: SlideShape


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A slide's part and what its shapes take over: from layout and master, from the paper, from text settings."""

    slide: Part
    layout: Element
    master: Element
    paper: Paper
    settings: TextSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looks:
    """What is to be seen of a shape: see `SlideShape`."""

    ink: tuple[Box, ...] = ()
    text_colours: tuple[str, ...] = ()
    is_drawn: bool = False


def read_shapes(
    slide: Part, layout: Element, master: Element, paper: Paper, settings: TextSettings
) -> Iterator[PlacedShape]:
    """Every visible shape of a slide, back to front; `settings` are those of its layout.

    Raises DeckError, without the deck's path, where a chart's or diagram's part is malformed.
    """
    sheet = _Sheet(slide=slide, layout=layout, master=master, paper=paper, settings=settings)
    for leaf in tree.leaves(root_of(slide)):
        yield PlacedShape(element=leaf.element, shape=_read_shape(leaf, sheet))


def read_art(part: Part, paper: Paper) -> Iterator[tuple[Box, Sequence[Box]]]:
    """What a layout or master draws on its slides, its shapes without its placeholders: box and ink of each.

    A large picture is a ground by another name: the ink in it is listed instead, and its edges.
    """
    for leaf in tree.leaves(root_of(part)):
        frame = tree.own_frame(leaf.element)
        if frame is None or tree.placeholder(leaf.element) is not None:
            continue
        box = bounding_box(frame, leaf.parent)
        fill = next((found for path in _FILLS if (found := leaf.element.find(path)) is not None), None)
        if fill is not None and paper.is_large(box):
            surface = list(_picture_ground(leaf, frame, box, backdrop_ink(part, fill, box), paper))
        else:
            surface = list(_surface(leaf, frame, box, (), paper))
        yield box, [*surface, *([box] if any(lines_of(leaf.element, part)) else [])]


def _picture_ground(leaf: tree.Leaf, frame: Frame, box: Box, drawn: Sequence[Box], paper: Paper) -> Iterator[Box]:
    """Where a large picture is in the way: its edges, and `drawn` in it as the picture is mirrored."""
    placed = leaf.parent.after(frame.turn)
    if not placed.is_level:
        yield from everywhere(picture_ink(leaf.element, box))
        return
    if not box.is_backdrop_of(paper.canvas):
        yield from edge_ink(leaf.element, frame, leaf.parent)
    yield from (mirrored(one, box, across=placed.xx < 0, down=placed.yy < 0) for one in drawn)


def _read_shape(leaf: tree.Leaf, sheet: _Sheet) -> SlideShape:
    element = leaf.element
    properties = tree.non_visual(element)
    name = "" if properties is None else properties.get("name", "")
    placeholder = placeholder_type(element)
    text = "\n".join(lines_of(element, sheet.slide))
    is_empty = bool(placeholder) and element.tag == tree.SHAPE and not text and element.find(_FILL_PICTURE) is None
    frame = frame_of(element, sheet.layout, sheet.master)
    box = None if frame is None else bounding_box(frame, leaf.parent)
    looks = _Looks() if frame is None or box is None else _looks(leaf, frame, box, sheet, has_text=bool(text))
    return SlideShape(
        shape_id=integer(properties, "id") or 0,
        name=name,
        kind=_empty_kind(placeholder) if is_empty else _kind(element, has_text=bool(text)),
        box=box,
        ink=(box,) if box is not None and is_empty and placeholder in RESERVED else looks.ink,
        placeholder=placeholder,
        text=text,
        text_colours=looks.text_colours,
        alt_text="" if properties is None else properties.get("descr", ""),
        is_drawn=looks.is_drawn,
        is_empty=is_empty,
        ours=_ours(leaf, sheet.slide, name, frame),
    )


def _looks(leaf: tree.Leaf, frame: Frame, box: Box, sheet: _Sheet, *, has_text: bool) -> _Looks:
    """Letters on a fill or an outline have no colours here: they are read on that, not on what is under the shape."""
    element = leaf.element
    inherited = ancestors(element, sheet.layout, sheet.master)
    context = sheet.settings.context(element)
    table = table_ink(element, frame, leaf.parent, context)
    surface = table or tuple(_surface(leaf, frame, box, inherited, sheet.paper))
    style = text_style(element, sheet.master)
    is_text = has_text and element.tag == tree.SHAPE
    return _Looks(
        ink=(*surface, *(text_ink(element, frame, leaf.parent, context) if is_text else ())),
        text_colours=() if surface else text_colours(element, inherited, style, sheet.paper.palette),
        is_drawn=bool(surface) and _can_be_drawn(element),
    )


def _can_be_drawn(element: Element) -> bool:
    """True for boxes, arrows and freeforms: placeholders and lines are no drawings by themselves."""
    return element.tag == tree.SHAPE and not placeholder_type(element) and not is_straight(element)


def _surface(leaf: tree.Leaf, frame: Frame, box: Box, inherited: Sequence[Element], paper: Paper) -> Iterator[Box]:
    """Where a shape shows anything but text: drawings by their fill and outline, all others over their whole box."""
    if leaf.element.tag in (tree.SHAPE, tree.CONNECTOR):
        yield from surface_ink(leaf.element, frame, leaf.parent, inherited, paper)
    else:
        yield picture_ink(leaf.element, box)


def _ours(leaf: tree.Leaf, slide: Part, name: str, frame: Frame | None) -> OurPicture | None:
    """What a picture of ours tells of itself by the mark in its name."""
    element = leaf.element
    mark = read_mark(name) if element.tag == tree.PICTURE else None
    if mark is None:
        return None
    blip = element.find(_BLIP)
    image = None if blip is None else related(slide, blip.get(_EMBED))
    return OurPicture(
        content=mark.content,
        last_slide_id=mark.last_slide_id,
        was_moved=frame is None or not mark.is_at(bounding_box(frame, leaf.parent)),
        was_replaced=image is None or not are_alike(mark.look, look_of(image.blob)),
        frame=None if frame is None else upright_box(frame, leaf.parent),
        is_in_place_of_another=tree.placeholder(element) is not None or keeps_what_it_replaced(element),
    )


def _empty_kind(placeholder: str) -> ShapeKind:
    return ShapeKind.PICTURE if placeholder == "pic" else ShapeKind.TEXT


def _kind(element: Element, *, has_text: bool) -> ShapeKind:
    if element.tag in _PLAIN_KINDS:
        return _PLAIN_KINDS[element.tag]
    if element.tag == tree.GRAPHIC_FRAME:
        graphic = element.find(_GRAPHIC)
        return _GRAPHIC_KINDS.get("" if graphic is None else graphic.get("uri"), ShapeKind.OTHER)
    properties = tree.application(element)
    if properties is not None and any(child.tag in _MEDIA for child in properties):
        return ShapeKind.MEDIA
    if element.tag == tree.PICTURE or element.find(_FILL_PICTURE) is not None:
        return ShapeKind.PICTURE
    return ShapeKind.TEXT if has_text else ShapeKind.DRAWING
