"""The lines a freeform draws: `a:custGeom`, its curves as rows of points. Reads XML, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.deck.geometry import Frame
from pipeline.deck.ink.curves import Point, arc, bezier
from pipeline.deck.ooxml import Element, integer, qualified

_PATHS, _POINTS = qualified("a:pathLst/a:path"), qualified("a:pt")
_MOVE, _ARC, _CLOSE = map(qualified, ("a:moveTo", "a:arcTo", "a:close"))
_LINE, _CUBIC, _QUADRATIC = map(qualified, ("a:lnTo", "a:cubicBezTo", "a:quadBezTo"))

_UNITS_PER_DEGREE = 60_000


def freeform(geometry: Element, frame: Frame) -> list[list[Point]] | None:
    """The paths of an `a:custGeom`, scaled to the frame (ECMA-376 part 1, 20.1.9.15), in the frame's coordinates.

    None where a point or an arc has to be calculated, or nothing is drawn.
    """
    drawn: list[list[Point]] = []
    for path in geometry.iterfind(_PATHS):
        across = frame.width / (integer(path, "w") or frame.width or 1)
        down = frame.height / (integer(path, "h") or frame.height or 1)
        rows = _rows(path, Frame.scale(frame, across, down))
        if rows is None:
            return None
        drawn += rows
    return drawn or None
