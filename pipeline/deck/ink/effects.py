"""How far a shape's shadow, glow and reflection reach beyond it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.deck.ooxml import Element, integer, qualified
from pipeline.records import Box

_EFFECTS = qualified("a:effectLst")
_SHADOW, _GLOW, _REFLECTION = map(qualified, ("a:outerShdw", "a:glow", "a:reflection"))

_WHOLE = 100_000
_UNITS_PER_DEGREE = 60_000
_STEEPEST_DEG = 80.0


def with_effects(box: Box, stated: Sequence[Element]) -> Box:
    """`box`, grown by the shadow, glow and reflection its properties state (ECMA-376 part 1, 20.1.8.45, .32, .50)."""
    effects = next((found for one in stated if (found := one.find(_EFFECTS)) is not None), None)
    if effects is None:
        return box
    shadow, glow = effects.find(_SHADOW), effects.find(_GLOW)
    reach = max((integer(shadow, "dist") or 0) + (integer(shadow, "blurRad") or 0) // 2, integer(glow, "rad") or 0)
    across, down = (0, 0) if shadow is None else _spread(shadow, box)
    below = _reflected(effects.find(_REFLECTION), box)
    return grown(box, reach + across, reach + down, below)


def grown(box: Box, across_emu: int, down_emu: int | None = None, below_emu: int = 0) -> Box:
    """`box` with so much more on its left and right, on its top and bottom (as much if not given), and below."""
    down = across_emu if down_emu is None else down_emu
    return Box(
        left_emu=box.left_emu - across_emu,
        top_emu=box.top_emu - down,
        width_emu=box.width_emu + 2 * across_emu,
        height_emu=box.height_emu + 2 * down + below_emu,
    )


def _spread(shadow: Element, box: Box) -> tuple[int, int]:
    """How much farther a shadow reaches that is scaled (from some corner: both sides get all of it) and slanted."""
    across, down = _scale(shadow, "sx"), _scale(shadow, "sy")
    slant_x, slant_y = _slope(shadow, "kx"), _slope(shadow, "ky")
    return (
        math.ceil(_excess(across) * box.width_emu + slant_x * abs(down) * box.height_emu),
        math.ceil(_excess(down) * box.height_emu + slant_y * abs(across) * box.width_emu),
    )


def _reflected(reflection: Element | None, box: Box) -> int:
    """A reflection hangs below the shape, as much of it as is not faded away."""
    if reflection is None:
        return 0
    shown = integer(reflection, "endPos")
    return (integer(reflection, "dist") or 0) + box.height_emu * (_WHOLE if shown is None else shown) // _WHOLE


def _scale(effect: Element, name: str) -> float:
    stated = integer(effect, name)
    return 1.0 if stated is None else stated / _WHOLE


def _excess(scale: float) -> float:
    """A negative scale throws the shadow to the other side."""
    return max(scale - 1, -scale, 0.0)


def _slope(effect: Element, name: str) -> float:
    angle = min(abs(integer(effect, name) or 0) / _UNITS_PER_DEGREE, _STEEPEST_DEG)
    return math.tan(math.radians(angle))
