"""The line round a shape, and where a line shows: many small boxes along it instead of one large box round it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ooxml import Element, integer, qualified
from pipeline.records import EMU_PER_INCH, Box

_CUSTOM, _PRESET = qualified("p:spPr/a:custGeom/a:pathLst"), qualified("p:spPr/a:prstGeom")
_PATHS, _POINTS = qualified("a:path"), qualified("a:pt")
_ARC = qualified("a:arcTo")
_CLOSE = qualified("a:close")
_STRAIGHT = frozenset({"line", "straightConnector1", "lineInv"})

_STEP_EMU = EMU_PER_INCH // 4
"""A slanting line is covered by boxes of about this size: finer than any gap kept to it, coarse enough to be few."""

Point = tuple[float, float]


def outline(element: Element, frame: Frame, parent: Transform) -> Sequence[Sequence[Point]]:
    """The lines that bound a shape, each a row of points in slide EMU.

    A freeform's own path, its curves by their control points, which bound them; a straight line's two ends; the four
    sides of everything else, turned as the shape is.
    """
    to_slide = parent.after(frame.turn)
    paths = list(_freeform(element, frame)) or [_plain(element, frame)]
    return [[to_slide.apply(x, y) for x, y in path] for path in paths]


def is_straight(element: Element) -> bool:
    """True for a shape that is nothing but one straight line."""
    preset = element.find(_PRESET)
    return preset is not None and preset.get("prst") in _STRAIGHT


def bounds(paths: Sequence[Sequence[Point]]) -> Box:
    """The upright rectangle round all points."""
    across = [x for path in paths for x, _ in path]
    down = [y for path in paths for _, y in path]
    left, top = round(min(across)), round(min(down))
    return Box(left_emu=left, top_emu=top, width_emu=round(max(across)) - left, height_emu=round(max(down)) - top)


def along(paths: Sequence[Sequence[Point]], half_width_emu: int) -> Iterator[Box]:
    """Boxes that cover the lines through `paths`, `half_width_emu` to each side of them."""
    for path in paths:
        for start, end in pairwise(path):
            yield from _along_segment(start, end, half_width_emu)


def _along_segment(start: Point, end: Point, half_width_emu: int) -> Iterator[Box]:
    across, down = end[0] - start[0], end[1] - start[1]
    # Upright and level lines are one thin box however long they are.
    pieces = max(1, math.ceil(min(abs(across), abs(down)) / _STEP_EMU))
    marks = [(start[0] + across * step / pieces, start[1] + down * step / pieces) for step in range(pieces + 1)]
    for one, other in pairwise(marks):
        left, right = sorted((one[0], other[0]))
        top, bottom = sorted((one[1], other[1]))
        yield Box(
            left_emu=math.floor(left) - half_width_emu,
            top_emu=math.floor(top) - half_width_emu,
            width_emu=math.ceil(right) - math.floor(left) + 2 * half_width_emu,
            height_emu=math.ceil(bottom) - math.floor(top) + 2 * half_width_emu,
        )


def _plain(element: Element, frame: Frame) -> list[Point]:
    left, top, right, bottom = frame.left, frame.top, frame.left + frame.width, frame.top + frame.height
    if is_straight(element):
        return [(left, top), (right, bottom)]
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _freeform(element: Element, frame: Frame) -> Iterator[list[Point]]:
    """The paths of an `a:custGeom`, scaled to the frame (ECMA-376 part 1, 20.1.9.15).

    None where they hold arcs or points that have to be calculated.
    """
    listed = element.find(_CUSTOM)
    if listed is None or next(listed.iter(_ARC), None) is not None:
        return
    drawn: list[list[Point]] = []
    for path in listed.iterfind(_PATHS):
        across = frame.width / (integer(path, "w") or frame.width or 1)
        down = frame.height / (integer(path, "h") or frame.height or 1)
        points: list[Point] = []
        for place in path.iter(_POINTS):
            x, y = integer(place, "x"), integer(place, "y")
            if x is None or y is None:
                return
            points.append((frame.left + x * across, frame.top + y * down))
        if path.find(_CLOSE) is not None and points:
            points.append(points[0])
        drawn.append(points)
    yield from (points for points in drawn if len(points) > 1)
