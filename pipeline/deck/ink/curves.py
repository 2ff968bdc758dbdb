"""Curves as rows of points that are close enough together to stand for them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from pipeline.records import EMU_PER_INCH

Point = tuple[float, float]
"""Across and down, in EMU."""

_CHORD_EMU = EMU_PER_INCH // 2
_MOST_PIECES = 48
_ARC_PIECE_DEG = 7.5


def bezier(controls: Sequence[Point]) -> list[Point]:
    """The points of a Bezier curve of any degree, its start left out."""
    length = sum(math.dist(start, end) for start, end in pairwise(controls))
    pieces = min(max(2, math.ceil(length / _CHORD_EMU)), _MOST_PIECES)
    return [_at(controls, piece / pieces) for piece in range(1, pieces + 1)]


def arc(start: Point, radii: Point, start_deg: float, sweep_deg: float) -> list[Point]:
    """The points of an elliptical arc that begins at `start`, which is left out; angles grow clockwise.

    As `a:arcTo` draws it (ECMA-376 part 1, 20.1.9.1), each angle taken before the circle is stretched.
    """
    first = math.radians(start_deg)
    centre = start[0] - radii[0] * math.cos(first), start[1] - radii[1] * math.sin(first)
    pieces = max(1, math.ceil(min(abs(sweep_deg), 360.0) / _ARC_PIECE_DEG))
    angles = [first + math.radians(sweep_deg) * piece / pieces for piece in range(1, pieces + 1)]
    return [(centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)) for angle in angles]


def ellipse(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """The points of the ellipse in a rectangle, the first of them last again."""
    start = right, (top + bottom) / 2
    return [start, *arc(start, ((right - left) / 2, (bottom - top) / 2), 0.0, 360.0)]


def rounded(corners: Sequence[Point]) -> list[Point]:
    """The curve that curved connectors draw round the corners of a bent one, from its first point to its last.

    It passes through the middle of each inner side (`curvedConnector2` to `5` in presetShapeDefinitions.xml).
    """
    inner = [_middle(start, end) for start, end in pairwise(corners[1:-1])]
    marks = [corners[0], *inner, corners[-1]]
    points = [marks[0]]
    for (start, end), corner in zip(pairwise(marks), corners[1:-1], strict=True):
        points += bezier((start, _middle(start, corner), _middle(corner, end), end))
    return points


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _at(controls: Sequence[Point], share: float) -> Point:
    """De Casteljau's construction."""
    while len(controls) > 1:
        controls = [
            (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            for start, end in pairwise(controls)
        ]
    return controls[0]
