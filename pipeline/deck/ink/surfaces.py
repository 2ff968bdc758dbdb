"""Whether a shape shows anything but its text: a fill, an outline, an effect; and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.deck.backdrops import everywhere
from pipeline.deck.colours import NO_FILL, SOLID_FILL, Palette, fill_of
from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.callouts import tails
from pipeline.deck.ink.effects import grown, with_effects
from pipeline.deck.ink.outlines import Outline, bounds, geometry_of, is_straight, outline
from pipeline.deck.ink.strokes import EDGE, is_clear, stroke_of, style_index
from pipeline.deck.ooxml import Element, flag, qualified
from pipeline.records import Box

_PROPERTIES, _FILL_STYLE = qualified("p:spPr"), qualified("a:fillRef")
_DRAWINGS = frozenset(map(qualified, ("a:pattFill", "a:blipFill")))

_LARGE_SHARE = 0.2
"""A frame without fill that is larger than this share of the slide is a border, not a box for what stands in it; a
filled panel of a layout is a ground to stand on. Both are in the way along their edges only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a shape is drawn on.

    `canvas` is the slide's size, `colour` its background's, `art` the boxes of what layout and master draw on it.
    `is_art` where layout or master themselves are read.
    """

    canvas: Box
    colour: str
    palette: Palette
    art: Sequence[Box] = ()
    is_art: bool = False

    def is_large(self, box: Box) -> bool:
        """True for what may be a border or a ground on this paper, by its size."""
        return box.area_emu2 > _LARGE_SHARE * self.canvas.area_emu2


def surface_ink(
    element: Element, frame: Frame, parent: Transform, inherited: Sequence[Element], paper: Paper
) -> Iterator[Box]:
    """Where a `p:sp` or `p:cxnSp` shows its fill, its outline and its effects; nothing where it has none.

    `inherited` are the placeholders of layout and master it takes after, nearest first.
    """
    stated = [found for one in (element, *inherited) if (found := one.find(_PROPERTIES)) is not None]
    shown = outline(stated, frame, parent)
    whole = bounds(shown.paths)
    fill = next((found for one in stated if (found := fill_of(one)) is not None), None)
    is_filled = not shown.is_connector and _shows_fill(element, fill, paper, whole)
    line = stroke_of(element, stated)
    if not is_filled and line is None:
        return
    stroke = line or EDGE
    is_ground = paper.is_art and (fill is None or fill.tag not in _DRAWINGS)
    if is_straight(element) or (_is_border(shown, whole, paper) and (is_ground or not is_filled)):
        yield from stroke.ink(shown.paths)
    else:
        around = with_effects(grown(whole, stroke.reach_emu), stated)
        yield from everywhere(around) if paper.is_art and paper.is_large(whole) else (around,)
    yield from tails(geometry_of(stated), frame, parent, stroke.reach_emu)


def picture_ink(element: Element, box: Box) -> Box:
    """All that shows of a `p:pic` or graphic over `box`: its border and its effects too."""
    properties = element.find(_PROPERTIES)
    stated = [] if properties is None else [properties]
    border = stroke_of(element, stated) or EDGE
    return with_effects(grown(box, border.reach_emu), stated)


def edge_ink(element: Element, frame: Frame, parent: Transform) -> Iterator[Box]:
    """Where the edges of a shape or picture show that is a ground to stand on; all of it where these are not known."""
    properties = element.find(_PROPERTIES)
    stated = [] if properties is None else [properties]
    shown, stroke = outline(stated, frame, parent), stroke_of(element, stated) or EDGE
    if shown.is_traced:
        yield from stroke.ink(shown.paths)
    else:
        yield grown(bounds(shown.paths), stroke.reach_emu)


def _is_border(shown: Outline, whole: Box, paper: Paper) -> bool:
    """True where something else may stand inside the lines of a shape, and it is known where these run."""
    return shown.is_traced and paper.is_large(whole)


def _shows_fill(element: Element, fill: Element | None, paper: Paper, box: Box) -> bool:
    """A fill in the background's own colour shows where it lies on the layout's art, and nowhere else."""
    if flag(element, "useBgFill", default=False):
        return False
    if fill is None:
        return style_index(element, _FILL_STYLE) > 0
    if fill.tag != SOLID_FILL:
        return bool(fill.tag != NO_FILL)
    is_like_ground = paper.palette.first(fill) == paper.colour and not any(box.meets(art) for art in paper.art)
    return not is_like_ground and not is_clear(fill)
