"""The lines a freeform draws: `a:custGeom`, its curves as rows of points. Reads XML, changes nothing."""

from __future__ import annotations

from pipeline.deck.geometry import Frame
from pipeline.deck.ink.curves import Point, arc, bezier
from pipeline.deck.ooxml import Element, integer, qualified

_PATHS, _POINTS = qualified("a:pathLst/a:path"), qualified("a:pt")
_MOVE, _LINE, _ARC, _CLOSE = map(qualified, ("a:moveTo", "a:lnTo", "a:arcTo", "a:close"))
_CURVES = frozenset(map(qualified, ("a:cubicBezTo", "a:quadBezTo")))

_UNITS_PER_DEGREE = 60_000


def freeform(geometry: Element, frame: Frame) -> list[list[Point]] | None:
    """The paths of an `a:custGeom`, scaled to the frame (ECMA-376 part 1, 20.1.9.15), in its parent's coordinates.

    None where nothing is drawn, or where points have to be calculated.
    """
    drawn: list[list[Point]] = []
    for path in geometry.iterfind(_PATHS):
        rows = _rows(path, frame)
        if rows is None:
            return None
        drawn += rows
    return drawn or None


def _rows(path: Element, frame: Frame) -> list[list[Point]] | None:
    """What one `a:path` draws, a row each time the pen is put down."""
    scale = (
        frame.width / (integer(path, "w") or frame.width or 1),
        frame.height / (integer(path, "h") or frame.height or 1),
    )
    rows: list[list[Point]] = []
    for command in path.iterchildren("{*}*"):
        points = _points(command, frame, scale)
        if points is None or (not rows and command.tag != _MOVE):
            return None
        if command.tag == _MOVE:
            rows.append(points)
        elif command.tag == _LINE:
            rows[-1] += points
        elif command.tag in _CURVES:
            rows[-1] += bezier((rows[-1][-1], *points))
        elif command.tag == _CLOSE:
            rows[-1].append(rows[-1][0])
        elif command.tag == _ARC:
            turned = _arc(command, rows[-1][-1], scale)
            if turned is None:
                return None
            rows[-1] += turned
    return [row for row in rows if len(row) > 1]


def _points(command: Element, frame: Frame, scale: Point) -> list[Point] | None:
    points: list[Point] = []
    for place in command.iterchildren(_POINTS):
        x, y = integer(place, "x"), integer(place, "y")
        if x is None or y is None:
            return None
        points.append((frame.left + x * scale[0], frame.top + y * scale[1]))
    needs_points = command.tag in (_MOVE, _LINE) or command.tag in _CURVES
    return None if needs_points and not points else points


def _arc(command: Element, start: Point, scale: Point) -> list[Point] | None:
    across, down = integer(command, "wR"), integer(command, "hR")
    first, sweep = integer(command, "stAng"), integer(command, "swAng")
    if across is None or down is None or first is None or sweep is None:
        return None
    radii = across * scale[0], down * scale[1]
    return arc(start, radii, first / _UNITS_PER_DEGREE, sweep / _UNITS_PER_DEGREE)
