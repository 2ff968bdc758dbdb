"""How light a colour is and how well two can be told apart, by WCAG 2.2. Pure; imports nothing of ours.

Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance, from 0 (black) to 1 (white). Contrast ratio:
https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio, from 1 to 21. Colours are "RRGGBB".
"""

from __future__ import annotations

from collections.abc import Iterable

LEAST_CONTRAST = 4.5
"""What text needs against its ground (success criterion 1.4.3, level AA)."""

BLACK, WHITE = "000000", "FFFFFF"

RED_WEIGHT, GREEN_WEIGHT, BLUE_WEIGHT = 0.2126, 0.7152, 0.0722
LINEAR_LEVELS = tuple(
    share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in (n / 255 for n in range(256))
)
"""The light that each level of an 8-bit sRGB channel stands for, from 0 to 1."""

_FLARE = 0.05


def relative_luminance(colour: str) -> float:
    red, green, blue = bytes.fromhex(colour)
    return RED_WEIGHT * LINEAR_LEVELS[red] + GREEN_WEIGHT * LINEAR_LEVELS[green] + BLUE_WEIGHT * LINEAR_LEVELS[blue]


def contrast(lighter: float, darker: float) -> float:
    """The contrast ratio of two luminances; below 1 where the first is the darker one."""
    return (lighter + _FLARE) / (darker + _FLARE)


def carries(ground: str, colours: Iterable[str], ratio: float) -> bool:
    """True where text of each of `colours` has the contrast `ratio` on `ground`."""
    own = relative_luminance(ground)
    others = [relative_luminance(colour) for colour in colours]
    return all(contrast(max(own, other), min(own, other)) >= ratio for other in others)
