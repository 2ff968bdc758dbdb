"""The rectangle inside a preset shape that its text is set in (`a:rect` in presetShapeDefinitions.xml of ECMA-376).

Shapes that are not listed give their text the whole of their box.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from pipeline.deck.ink.presets import Adjustments, adjustments
from pipeline.deck.ooxml import Element, qualified

_PRESET = qualified("p:spPr/a:prstGeom")

Rectangle = tuple[float, float, float, float]
"""Left, top, right and bottom, from the shape's top left corner."""

_ROUND = 1 - math.sqrt(0.5)
"""How much of a quarter circle's radius lies outside the square drawn into it."""


def text_rectangle(element: Element, width: float, height: float) -> Rectangle:
    """Where text goes in a shape of a size; the unit of `width` and `height` is the result's."""
    preset = element.find(_PRESET)
    rule = None if preset is None else _RULES.get(preset.get("prst", ""))
    if preset is None or rule is None:
        return 0.0, 0.0, width, height
    return rule(width, height, adjustments(preset))


def _rounded(name: str, default: float) -> Callable[[float, float, Adjustments], Rectangle]:
    def rule(width: float, height: float, adjustments: Adjustments) -> Rectangle:
        cut = min(width, height) * min(max(adjustments.get(name, default), 0.0), 0.5) * _ROUND
        return cut, cut, width - cut, height - cut

    return rule


def _share(left: float, top: float, right: float, bottom: float) -> Callable[[float, float, Adjustments], Rectangle]:
    def rule(width: float, height: float, _: Adjustments) -> Rectangle:
        return left * width, top * height, right * width, bottom * height

    return rule


def _triangle(width: float, height: float, adjustments: Adjustments) -> Rectangle:
    left = width * min(max(adjustments.get("adj", 0.5), 0.0), 1.0) / 2
    return left, height / 2, left + width / 2, height


def _band(*, is_upright: bool) -> Callable[[float, float, Adjustments], Rectangle]:
    """Arrows: the text stays in the shaft."""

    def rule(width: float, height: float, adjustments: Adjustments) -> Rectangle:
        free = (1 - min(max(adjustments.get("adj1", 0.5), 0.0), 1.0)) / 2
        if is_upright:
            return free * width, 0.0, (1 - free) * width, height
        return 0.0, free * height, width, (1 - free) * height

    return rule


def _chevron(width: float, height: float, adjustments: Adjustments) -> Rectangle:
    point = min(min(width, height) * max(adjustments.get("adj", 0.5), 0.0), width)
    return (point, 0.0, width - point, height) if 2 * point < width else (0.0, 0.0, width, height)


def _pentagon(width: float, height: float, adjustments: Adjustments) -> Rectangle:
    point = min(min(width, height) * max(adjustments.get("adj", 0.5), 0.0), width)
    return 0.0, 0.0, width - point / 2, height


def _can(width: float, height: float, adjustments: Adjustments) -> Rectangle:
    lid = min(width, height) * max(adjustments.get("adj", 0.25), 0.0)
    return 0.0, min(lid, height), width, height - lid / 2


def _cube(width: float, height: float, adjustments: Adjustments) -> Rectangle:
    depth = min(width, height) * min(max(adjustments.get("adj", 0.25), 0.0), 1.0)
    return 0.0, depth, width - depth, height


_ELLIPSE = _share(_ROUND / 2, _ROUND / 2, 1 - _ROUND / 2, 1 - _ROUND / 2)

_RULES: Mapping[str, Callable[[float, float, Adjustments], Rectangle]] = {
    "roundRect": _rounded("adj", 0.16667),
    "wedgeRoundRectCallout": _rounded("adj3", 0.16667),
    "flowChartAlternateProcess": _rounded("adj", 0.16667),
    "ellipse": _ELLIPSE,
    "wedgeEllipseCallout": _ELLIPSE,
    "flowChartConnector": _ELLIPSE,
    "donut": _ELLIPSE,
    "diamond": _share(0.25, 0.25, 0.75, 0.75),
    "flowChartDecision": _share(0.25, 0.25, 0.75, 0.75),
    "flowChartTerminator": _share(0.047, 0.146, 0.953, 0.854),
    "triangle": _triangle,
    "rtTriangle": _share(1 / 12, 7 / 12, 7 / 12, 11 / 12),
    "hexagon": _share(0.1, 0.1, 0.9, 0.9),
    "cloud": _share(0.069, 0.151, 0.732, 0.801),
    "cloudCallout": _share(0.069, 0.151, 0.732, 0.801),
    "rightArrow": _band(is_upright=False),
    "leftArrow": _band(is_upright=False),
    "leftRightArrow": _band(is_upright=False),
    "upArrow": _band(is_upright=True),
    "downArrow": _band(is_upright=True),
    "upDownArrow": _band(is_upright=True),
    "chevron": _chevron,
    "homePlate": _pentagon,
    "can": _can,
    "cube": _cube,
}
