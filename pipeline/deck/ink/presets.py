"""The lines preset shapes draw, as rows of points, after presetShapeDefinitions.xml of ECMA-376. Pure.

Only shapes that may well be large and empty, or whose lines leave the frame: of all others the frame has to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipeline.deck.ink.curves import Point, arc, ellipse, rounded
from pipeline.deck.ooxml import Element, qualified

_GUIDES = qualified("a:avLst/a:gd")

STRAIGHT = frozenset({"line", "straightConnector1", "lineInv"})
"""Nothing but one straight line."""

Adjustments = Mapping[str, float]
Paths = Sequence[Sequence[Point]]


def adjustments(preset: Element) -> dict[str, float]:
    """What an `a:prstGeom` states for its handles, as shares of 100000; guides that are calculated are left out."""
    found = {}
    for guide in preset.iterfind(_GUIDES):
        kind, _, value = guide.get("fmla", "").partition(" ")
        if kind == "val" and value.strip().lstrip("-").isdigit():
            found[guide.get("name", "")] = int(value) / 100_000
    return found


def preset_paths(preset: Element, width: float, height: float) -> Paths | None:
    """The lines a preset shape of a size draws, from its top left corner; None for a shape that is not listed."""
    rule = _RULES.get(preset.get("prst", ""))
    return None if rule is None else rule(width, height, adjustments(preset))


def is_connector(preset: Element) -> bool:
    """True for the lines between shapes, which are never filled."""
    name = preset.get("prst", "")
    return name in STRAIGHT or name.startswith(("bentConnector", "curvedConnector"))


def rectangle(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """The four sides, from the top left corner back to it."""
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _pinned(found: Adjustments, name: str, default: float, most: float) -> float:
    return min(max(found.get(name, default), 0.0), most)


def _line(width: float, height: float, _: Adjustments) -> Paths:
    return [[(0, 0), (width, height)]]


def _rising_line(width: float, height: float, _: Adjustments) -> Paths:
    return [[(0, height), (width, 0)]]


def _rectangle(width: float, height: float, _: Adjustments) -> Paths:
    return [rectangle(0, 0, width, height)]


def _rounded(name: str, default: float) -> Callable[[float, float, Adjustments], Paths]:
    """Corners that are cut off in a quarter circle; where only some are, the others are covered all the same."""

    def rule(width: float, height: float, found: Adjustments) -> Paths:
        radius = min(width, height) * _pinned(found, name, default, 0.5)
        radii, points = (radius, radius), [(0.0, radius)]
        points += arc(points[-1], radii, 180, 90)
        points += arc((width - radius, 0), radii, 270, 90)
        points += arc((width, height - radius), radii, 0, 90)
        points += arc((radius, height), radii, 90, 90)
        return [rectangle(0, 0, width, height), points]

    return rule


def _frame(width: float, height: float, found: Adjustments) -> Paths:
    bar = min(width, height) * _pinned(found, "adj1", 0.125, 0.5)
    return [rectangle(0, 0, width, height), rectangle(bar, bar, width - bar, height - bar)]


def _ellipse(width: float, height: float, _: Adjustments) -> Paths:
    return [ellipse(0, 0, width, height)]


def _donut(width: float, height: float, found: Adjustments) -> Paths:
    bar = min(width, height) * _pinned(found, "adj", 0.25, 0.5)
    return [ellipse(0, 0, width, height), ellipse(bar, bar, width - bar, height - bar)]


def _diamond(width: float, height: float, _: Adjustments) -> Paths:
    top, left = (width / 2, 0), (0, height / 2)
    return [[top, (width, height / 2), (width / 2, height), left, top]]


def _triangle(width: float, height: float, found: Adjustments) -> Paths:
    top = width * _pinned(found, "adj", 0.5, 1.0), 0
    return [[top, (width, height), (0, height), top]]


def _right_triangle(width: float, height: float, _: Adjustments) -> Paths:
    return [[(0, 0), (width, height), (0, height), (0, 0)]]


def _parallelogram(width: float, height: float, found: Adjustments) -> Paths:
    side = min(width, height)
    lean = side * _pinned(found, "adj", 0.25, width / side if side else 0.0)
    return [[(lean, 0), (width, 0), (width - lean, height), (0, height), (lean, 0)]]


def _bent(sides: int) -> Callable[[float, float, Adjustments], Paths]:
    """A connector of two to five sides, level and upright in turn; its handles move the inner ones."""

    def rule(width: float, height: float, found: Adjustments) -> Paths:
        points: list[Point] = [(0, 0)]
        for inner in range(1, sides - 1):
            share = found.get(f"adj{inner}", 0.5)
            x, y = points[-1]
            points.append((share * width, y) if inner % 2 else (x, share * height))
        x, y = points[-1]
        points.append((width, y) if sides % 2 == 0 else (x, height))
        return [[*points, (width, height)]]

    return rule


def _curved(sides: int) -> Callable[[float, float, Adjustments], Paths]:
    def rule(width: float, height: float, found: Adjustments) -> Paths:
        return [rounded(_bent(sides)(width, height, found)[0])]

    return rule


_RULES: Mapping[str, Callable[[float, float, Adjustments], Paths]] = {
    "line": _line,
    "straightConnector1": _line,
    "lineInv": _rising_line,
    "rect": _rectangle,
    "flowChartProcess": _rectangle,
    "roundRect": _rounded("adj", 0.16667),
    "round1Rect": _rounded("adj", 0.16667),
    "flowChartAlternateProcess": _rounded("", 0.16667),
    "frame": _frame,
    "ellipse": _ellipse,
    "flowChartConnector": _ellipse,
    "donut": _donut,
    "diamond": _diamond,
    "flowChartDecision": _diamond,
    "triangle": _triangle,
    "flowChartExtract": _triangle,
    "rtTriangle": _right_triangle,
    "parallelogram": _parallelogram,
    **{f"bentConnector{sides}": _bent(sides) for sides in range(2, 6)},
    **{f"curvedConnector{sides}": _curved(sides) for sides in range(2, 6)},
}
