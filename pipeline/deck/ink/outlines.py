"""The line round a shape, and where a line shows: many small boxes along it instead of one large box round it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.curves import Point
from pipeline.deck.ink.freeforms import freeform
from pipeline.deck.ink.presets import STRAIGHT, is_connector, preset_paths, rectangle
from pipeline.deck.ooxml import Element, qualified
from pipeline.records import EMU_PER_INCH, Box

_CUSTOM, _PRESET = qualified("a:custGeom"), qualified("a:prstGeom")
_OWN_PRESET = qualified("p:spPr/a:prstGeom")

_STEP_EMU = EMU_PER_INCH // 4
"""A slanting line is covered by boxes of about this size: finer than any gap kept to it, coarse enough to be few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The lines a shape draws, each a row of points in slide EMU.

    `is_traced` where the lines really run there, else they are the frame's sides and the shape is somewhere inside.
    `is_connector` for a line between shapes, which is never filled.
    """

    paths: Sequence[Sequence[Point]]
    is_traced: bool = True
    is_connector: bool = False


def outline(stated: Sequence[Element], frame: Frame, parent: Transform) -> Outline:
    """The outline of a shape whose geometry is in the first of `stated` (`p:spPr`) that has one, turned as it is.

    A shape that states none is a rectangle.
    """
    geometry = geometry_of(stated)
    to_slide = parent.after(frame.turn)
    paths = _paths(geometry, frame)
    sides = [rectangle(frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)]
    return Outline(
        paths=[[to_slide.apply(x, y) for x, y in path] for path in paths or sides],
        is_traced=paths is not None or geometry is None,
        is_connector=geometry is not None and is_connector(geometry),
    )


def geometry_of(stated: Sequence[Element]) -> Element | None:
    """The `a:custGeom` or `a:prstGeom` of the first `p:spPr` in `stated` that has one."""
    found = (geometry for one in stated for geometry in one.iterchildren(_CUSTOM, _PRESET))
    return next(found, None)


def is_straight(element: Element) -> bool:
    """True for a shape that is nothing but one straight line."""
    preset = element.find(_OWN_PRESET)
    return preset is not None and preset.get("prst") in STRAIGHT


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


def around(point: Point, reach_emu: int) -> Box:
    """The square that reaches so far from a point."""
    return next(_along_segment(point, point, reach_emu))


def _paths(geometry: Element | None, frame: Frame) -> Sequence[Sequence[Point]] | None:
    if geometry is None:
        return None
    if geometry.tag == _CUSTOM:
        return freeform(geometry, frame)
    paths = preset_paths(geometry, frame.width, frame.height)
    return None if paths is None else [[(frame.left + x, frame.top + y) for x, y in path] for path in paths]


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
