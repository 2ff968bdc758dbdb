"""Whether a shape shows anything but its text: a fill, an outline, an effect; and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.deck.colours import COLOUR_TAGS, NO_FILL, SOLID_FILL, Palette, fill_of
from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.outlines import along, bounds, is_straight, outline
from pipeline.deck.ooxml import Element, flag, integer, qualified
from pipeline.records import Box

_PROPERTIES, _STYLE = qualified("p:spPr"), qualified("p:style")
_LINE = qualified("a:ln")
_FILL_STYLE, _LINE_STYLE = qualified("a:fillRef"), qualified("a:lnRef")
_ALPHA = qualified("a:alpha")
_EFFECTS = qualified("a:effectLst")
_SHADOW, _GLOW, _REFLECTION = map(qualified, ("a:outerShdw", "a:glow", "a:reflection"))

_LARGE_SHARE = 0.2
"""A frame without fill that is larger than this share of the slide is a border, not a box for what stands in it; a
filled panel of a layout is a ground to stand on. Both are in the way along their edges only."""

_HALF_LINE_EMU = 12_700
"""Lines are an inch's 72nd wide and more; arrow heads are wider, and the gap kept to ink takes care of them."""


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


def surface_ink(
    element: Element, frame: Frame, parent: Transform, inherited: Sequence[Element], paper: Paper
) -> Iterator[Box]:
    """Where a `p:sp` or `p:cxnSp` shows its fill, its outline and its effects; nothing where it has none.

    `inherited` are the placeholders of layout and master it takes after, nearest first.
    """
    stated = [found for one in (element, *inherited) if (found := one.find(_PROPERTIES)) is not None]
    lines = outline(element, frame, parent)
    whole = bounds(lines)
    is_filled = _shows_fill(element, stated, paper, whole)
    if not is_filled and not _shows_line(element, stated):
        return
    is_large = whole.area_emu2 > _LARGE_SHARE * paper.canvas.area_emu2
    if is_straight(element) or (is_large and (paper.is_art or not is_filled)):
        yield from along(lines, _HALF_LINE_EMU)
    else:
        yield with_effects(whole, stated)


def with_effects(box: Box, stated: Sequence[Element]) -> Box:
    """`box`, grown by the shadow, glow and reflection its properties state."""
    effects = next((found for one in stated if (found := one.find(_EFFECTS)) is not None), None)
    if effects is None:
        return box
    shadow, glow = effects.find(_SHADOW), effects.find(_GLOW)
    reach = max((integer(shadow, "dist") or 0) + (integer(shadow, "blurRad") or 0) // 2, integer(glow, "rad") or 0)
    below = 0 if effects.find(_REFLECTION) is None else box.height_emu // 2
    return Box(
        left_emu=box.left_emu - reach,
        top_emu=box.top_emu - reach,
        width_emu=box.width_emu + 2 * reach,
        height_emu=box.height_emu + 2 * reach + below,
    )


def _shows_fill(element: Element, stated: Sequence[Element], paper: Paper, box: Box) -> bool:
    """A fill in the background's own colour shows where it lies on the layout's art, and nowhere else."""
    if flag(element, "useBgFill", default=False):
        return False
    fill = next((found for one in stated if (found := fill_of(one)) is not None), None)
    if fill is None:
        return _style_index(element, _FILL_STYLE) > 0
    if fill.tag != SOLID_FILL:
        return bool(fill.tag != NO_FILL)
    is_like_ground = paper.palette.first(fill) == paper.colour and not any(box.meets(art) for art in paper.art)
    return not is_like_ground and not _is_clear(fill)


def _shows_line(element: Element, stated: Sequence[Element]) -> bool:
    """A line that states its width but no fill takes its colour from the shape's style, and is none without one."""
    fills = (fill_of(line) for one in stated if (line := one.find(_LINE)) is not None)
    fill = next((found for found in fills if found is not None), None)
    if fill is None:
        return _style_index(element, _LINE_STYLE) > 0
    return bool(fill.tag != NO_FILL) and not _is_clear(fill)


def _style_index(element: Element, reference: str) -> int:
    style = element.find(_STYLE)
    return 0 if style is None else integer(style.find(reference), "idx") or 0


def _is_clear(fill: Element) -> bool:
    """True where the colour is transparent altogether."""
    return any(integer(colour.find(_ALPHA), "val") == 0 for colour in fill.iterchildren(*COLOUR_TAGS))
