"""The line a shape is drawn with: whether it shows, how wide it is, how far its arrow heads reach. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.deck.colours import COLOUR_TAGS, NO_FILL, fill_of
from pipeline.deck.ink.curves import Point
from pipeline.deck.ink.outlines import along, around
from pipeline.deck.ooxml import Element, integer, qualified
from pipeline.records import EMU_PER_POINT, Box

_STYLE, _LINE_STYLE = qualified("p:style"), qualified("a:lnRef")
_LINE, _ALPHA = qualified("a:ln"), qualified("a:alpha")
_HEAD, _TAIL = qualified("a:headEnd"), qualified("a:tailEnd")

_DEFAULT_WIDTH_EMU = 9_525
"""`a:ln/@w` where it is not stated (ECMA-376 part 1, 20.1.2.2.24)."""

_STYLED_WIDTH_EMU = EMU_PER_POINT
"""The theme's line styles, thin to thick, are 0.75, 2 and 3 points wide in Office's themes: its first is taken as one
point, its second as two, its third as three."""

_LEAST_HEAD_EMU = 2 * EMU_PER_POINT
_HEAD_SIZES = {"sm": 2, "med": 3, "lg": 5}
"""Arrow heads are as many line widths long and wide; lines thinner than two points have those of two points."""

EDGE_EMU = EMU_PER_POINT
"""What an edge takes to each side at least: one that is painted in a single colour has no width of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line that shows: half its width, and the reach of the arrow heads at its start and end, 0 for none."""

    half_width_emu: int
    head_emu: int
    tail_emu: int

    @property
    def reach_emu(self) -> int:
        """How far it may leave the path it follows."""
        return max(self.half_width_emu, self.head_emu, self.tail_emu)

    def ink(self, paths: Sequence[Sequence[Point]]) -> Iterator[Box]:
        """Boxes that cover the line along `paths`, heads included."""
        yield from along(paths, max(self.half_width_emu, EDGE_EMU))
        for path in paths:
            yield from (around(path[0], self.head_emu),) if self.head_emu else ()
            yield from (around(path[-1], self.tail_emu),) if self.tail_emu else ()


EDGE = Stroke(half_width_emu=0, head_emu=0, tail_emu=0)
"""Of what shows by its fill alone."""


def stroke_of(element: Element, stated: Sequence[Element]) -> Stroke | None:
    """The line of a shape whose properties are `stated`, nearest first; None where it shows none.

    A line that states its width but no fill takes its colour from the shape's style, and is none without one.
    """
    lines = [line for one in stated if (line := one.find(_LINE)) is not None]
    style = style_index(element, _LINE_STYLE)
    fill = next((found for line in lines if (found := fill_of(line)) is not None), None)
    if style <= 0 if fill is None else fill.tag == NO_FILL or is_clear(fill):
        return None
    widths = (width for line in lines if (width := integer(line, "w")) is not None)
    width = next(widths, max(style * _STYLED_WIDTH_EMU, _DEFAULT_WIDTH_EMU))
    return Stroke(
        half_width_emu=-(-width // 2),
        head_emu=_head_reach(lines, _HEAD, width),
        tail_emu=_head_reach(lines, _TAIL, width),
    )


def style_index(element: Element, reference: str) -> int:
    """Which of the theme's styles a shape refers to by `reference` (`a:lnRef`, `a:fillRef`); 0 for none."""
    style = element.find(_STYLE)
    return 0 if style is None else integer(style.find(reference), "idx") or 0


def is_clear(fill: Element) -> bool:
    """True where the colour is transparent altogether."""
    return any(integer(colour.find(_ALPHA), "val") == 0 for colour in fill.iterchildren(*COLOUR_TAGS))


def _head_reach(lines: Sequence[Element], end: str, width_emu: int) -> int:
    head = next((found for line in lines if (found := line.find(end)) is not None), None)
    if head is None or head.get("type", "none") == "none":
        return 0
    size = max(_HEAD_SIZES.get(head.get(side, "med"), _HEAD_SIZES["med"]) for side in ("w", "len"))
    return size * max(width_emu, _LEAST_HEAD_EMU)
