"""Colours as the file states them (by value, by name, by place in the theme) turned into "RRGGBB"."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ImageColor

from pipeline.deck.ooxml import Element, integer, qualified

_BY_VALUE = qualified("a:srgbClr")
_BY_SYSTEM = qualified("a:sysClr")
_BY_THEME = qualified("a:schemeClr")
_BY_NAME = qualified("a:prstClr")
_BY_SHARE = qualified("a:scrgbClr")
COLOUR_TAGS = (_BY_VALUE, _BY_SYSTEM, _BY_THEME, _BY_NAME, _BY_SHARE)

NO_FILL, SOLID_FILL = qualified("a:noFill"), qualified("a:solidFill")
_FILLS = (NO_FILL, SOLID_FILL, *map(qualified, ("a:gradFill", "a:blipFill", "a:pattFill", "a:grpFill")))
"""`EG_FillProperties` (ECMA-376 part 1, 20.1.8)."""

_LUMINANCE_TIMES, _LUMINANCE_PLUS = qualified("a:lumMod"), qualified("a:lumOff")
_TINT, _SHADE = qualified("a:tint"), qualified("a:shade")

_WHOLE = 100_000
"""`ST_Percentage` counts thousandths of a percent."""

_ABBREVIATED = {"dk": "dark", "lt": "light", "med": "medium"}
"""`ST_PresetColorVal` shortens the CSS names' first word: `dkBlue` is darkblue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The theme's twelve colours by their own names (`dk1`, `accent1`), and what the colour map calls them (`bg1`)."""

    scheme: Mapping[str, str]
    colour_map: Mapping[str, str]

    def named(self, name: str) -> str:
        """The colour a slide calls `name`; black where the theme has none of that name."""
        return self.scheme.get(self.colour_map.get(name, name), "000000")

    def _resolve(self, colour: Element, placeholder_colour: str = "000000") -> str:
        """The colour in a colour element. `placeholder_colour` is what `phClr` in a theme's own style stands for."""
        return _modified(self._plain(colour, placeholder_colour), colour)

    def first(self, parent: Element, placeholder_colour: str = "000000") -> str | None:
        """The colour of the first colour element right below `parent`; None where there is none."""
        colour = next(parent.iterchildren(*COLOUR_TAGS), None)
        return None if colour is None else self._resolve(colour, placeholder_colour)

    def _plain(self, colour: Element, placeholder_colour: str) -> str:
        value = colour.get("val", "")
        if colour.tag == _BY_THEME:
            return placeholder_colour if value == "phClr" else self.named(value)
        return stated_colour(colour) or "000000"


def fill_of(properties: Element | None) -> Element | None:
    """The fill that the properties of a shape, a line or a run state; None where they leave it to what they inherit."""
    return None if properties is None else next(properties.iterchildren(*_FILLS), None)


def stated_colour(colour: Element) -> str | None:
    """The colour of an element that needs no theme; None where it is malformed."""
    value = colour.get("val", "")
    if colour.tag == _BY_SHARE:
        shares = [(integer(colour, channel) or 0) / _WHOLE for channel in "rgb"]
        return _hexadecimal([share ** (1 / 2.2) if share > 0 else 0.0 for share in shares])
    if colour.tag == _BY_SYSTEM:
        value = colour.get("lastClr") or {"window": "FFFFFF"}.get(value, "000000")
    if colour.tag == _BY_NAME:
        for short, long in _ABBREVIATED.items():
            if value.startswith(short) and value[len(short) : len(short) + 1].isupper():
                value = long + value[len(short) :]
        value = ImageColor.colormap.get(value.lower(), "")[1:]
    return value.upper() if len(value) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in value) else None


def mean_colour(colours: list[str]) -> str:
    """The plain average, which is what a gradient is from afar."""
    channels = zip(*(_shares(colour) for colour in colours), strict=True)
    return _hexadecimal([sum(channel) / len(colours) for channel in channels])


def _modified(plain: str, colour: Element) -> str:
    """Luminance, tint and shade applied in file order (ECMA-376 part 1, 20.1.2.3), the latter two to linear light.

    That they are linear the standard does not say; PowerPoint's 25 % grey, black with a tint of 75 %, is 898989.
    """
    red, green, blue = _shares(plain)
    for change in colour:
        share = (integer(change, "val") or 0) / _WHOLE
        if change.tag in (_LUMINANCE_TIMES, _LUMINANCE_PLUS):
            hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
            light = light * share if change.tag == _LUMINANCE_TIMES else light + share
            red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), saturation)
        elif change.tag == _SHADE:
            red, green, blue = (_encoded(_linear(channel) * share) for channel in (red, green, blue))
        elif change.tag == _TINT:
            red, green, blue = (_encoded(_linear(channel) * share + 1 - share) for channel in (red, green, blue))
    return _hexadecimal([red, green, blue])


def _linear(channel: float) -> float:
    """The light of a channel of sRGB (IEC 61966-2-1), both from 0 to 1."""
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def _encoded(light: float) -> float:
    return float(12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def _shares(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _hexadecimal(shares: list[float]) -> str:
    return "".join(f"{round(min(max(share, 0.0), 1.0) * 255):02X}" for share in shares)
