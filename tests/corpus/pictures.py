"""One new picture in the file: where it stands, how far it is stretched, what it is said to show. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from lxml.etree import _Element
from PIL import Image

from tests.corpus.ink import Ink, Rectangle
from tests.corpus.package import DeckPackage, SlideItem, local

_TITLES = {"title", "ctrTitle"}
_ATTRIBUTE_BASE = 100_000
"""Shares are written in thousandths of a per cent (ECMA-376 part 1, 22.9.2.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFigures:
    """How a picture was placed; shares are of its own area, `slide_share` of the slide's."""

    slide: int
    slide_share: float
    ink_shapes: float
    ink_decor: float
    off_slide: float
    aspect_error: float
    alt: str


def measure_picture(item: SlideItem, slide: str, number: int, deck: DeckPackage, ink: Ink) -> PictureFigures:
    """The figures of the picture `item` on the part `slide`. `ink` is the ink of the slide before it came."""
    box = frame_of(item.element, slide, deck)
    area = max(1, (box[2] - box[0]) * (box[3] - box[1]))
    width, height = deck.size_emu
    visible = max(0, min(box[2], width) - max(box[0], 0)) * max(0, min(box[3], height) - max(box[1], 0))
    return PictureFigures(
        slide=number,
        slide_share=round(visible / (width * height), 4),
        ink_shapes=_share(ink.shapes, pixels(box, deck, ink)),
        ink_decor=_share(ink.decor, pixels(box, deck, ink)),
        off_slide=round(1 - visible / area, 4),
        aspect_error=_aspect_error(item.element, slide, deck, (box[2] - box[0]) / max(1, box[3] - box[1])),
        alt=_alt(item.element),
    )


def pixels(box: tuple[int, int, int, int], deck: DeckPackage, ink: Ink) -> Rectangle:
    """The part of `box` that is on the slide, in pixels of its page."""
    height_px, width_px = ink.shapes.shape
    width, height = deck.size_emu
    across, down = width_px / width, height_px / height
    return (
        round(max(0, box[0]) * across),
        round(max(0, box[1]) * down),
        round(min(width, box[2]) * across),
        round(min(height, box[3]) * down),
    )


def frame_of(element: _Element, slide: str, deck: DeckPackage) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in EMU: the shape's own, or that of the placeholder of layout or master it takes after.

    Nothing, in the slide's corner, where the file gives none.
    """
    own = _own_frame(element)
    if own is not None:
        return own
    asked = element.find(".//{*}nvPr/{*}ph")
    layout = next((target for kind, target in deck.related(slide) if kind == "slideLayout"), "")
    master = next((target for kind, target in deck.related(layout) if kind == "slideMaster"), "")
    for part in (layout, master):
        found = None if asked is None or not part else _placeholder(deck.xml(part), asked, by_index=part == layout)
        inherited = None if found is None else _own_frame(found)
        if inherited is not None:
            return inherited
    return 0, 0, 0, 0


def _placeholder(root: _Element, asked: _Element, *, by_index: bool) -> _Element | None:
    for shape in root.iterfind("{*}cSld/{*}spTree//{*}sp"):
        there = shape.find(".//{*}nvPr/{*}ph")
        if there is None:
            continue
        key = "idx" if by_index and asked.get("idx") else "type"
        if there.get(key) == asked.get(key) or {there.get("type"), asked.get("type")} <= _TITLES:
            return shape
    return None


def _own_frame(element: _Element) -> tuple[int, int, int, int] | None:
    transform = next((child.find("{*}xfrm") for child in element if local(child) == "spPr"), None)
    offset = None if transform is None else transform.find("{*}off")
    extent = None if transform is None else transform.find("{*}ext")
    if offset is None or extent is None:
        return None
    left, top = int(offset.get("x", 0)), int(offset.get("y", 0))
    return left, top, left + int(extent.get("cx", 0)), top + int(extent.get("cy", 0))


def _share(mask: object, rectangle: Rectangle) -> float:
    left, top, right, bottom = rectangle
    if right <= left or bottom <= top:
        return 1.0  # a picture that is nowhere is in the way
    return round(float(mask[top:bottom, left:right].mean()), 4)  # type: ignore[index]


def _aspect_error(element: _Element, slide: str, deck: DeckPackage, shown: float) -> float:
    fill = next(child for child in element if local(child) == "blipFill")
    blip, crop = fill.find("{*}blip"), fill.find("{*}srcRect")
    embed = "" if blip is None else next((value for key, value in blip.items() if key.endswith("}embed")), "")
    with Image.open(BytesIO(deck.members[deck.targets(slide)[embed]])) as image:
        width, height = image.size
    cut = {edge: int(crop.get(edge, "0") if crop is not None else "0") / _ATTRIBUTE_BASE for edge in "ltrb"}
    return round(abs(shown / (width * (1 - cut["l"] - cut["r"]) / (height * (1 - cut["t"] - cut["b"]))) - 1), 4)


def _alt(element: _Element) -> str:
    properties = next(iter(element.iter("{*}cNvPr")))
    if any(one.get("val") in ("1", "true") for one in properties.iter("{*}decorative")):
        return "(decorative)"
    return properties.get("descr") or properties.get("title") or ""
