"""The colours of one drawn picture: a few harmonious tints made from the deck's own theme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from pipeline.records import Theme

_NEON_CHROMA = 0.16
_GREY_CHROMA = 0.03
_APART = 0.15  # so near to the background, in OKLab, an accent is lost on it
_HIDES_WHITE = 0.85  # on a lighter background a white card has no edge
_TAKES_WHITE = 0.72  # the lightest fill that still carries a white icon
_FALLBACK_ACCENT = "4472C4"  # Office's first accent: a theme without accents still gets a colour


class Colour(NamedTuple):
    """An sRGB colour, each part from 0 to 255."""

    red: int
    green: int
    blue: int


_WHITE = Colour(255, 255, 255)


class _Perceived(NamedTuple):
    """A colour in OKLCH (Ottosson 2020, https://bottosson.github.io/posts/oklab/): hue in radians."""

    lightness: float
    chroma: float
    hue: float


def _perceive(colour: Colour) -> _Perceived:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    )
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    return _Perceived(lightness, math.hypot(a, b), math.atan2(b, a))


def _render(perceived: _Perceived) -> Colour:
    a = perceived.chroma * math.cos(perceived.hue)
    b = perceived.chroma * math.sin(perceived.hue)
    long = (perceived.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (perceived.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (perceived.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    curved = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)
    return Colour(*(round(255 * min(1.0, max(0.0, c))) for c in curved))


def mix(start: Colour, end: Colour, share: float) -> Colour:
    """Find the colour `share` of the way from `start` to `end`, from 0 to 1."""
    return Colour(*(round(a + (b - a) * share) for a, b in zip(start, end, strict=True)))


def parse(hexadecimal: str) -> Colour:
    """Read the colour of six hexadecimal digits, "RRGGBB"."""
    return Colour(*bytes.fromhex(hexadecimal))


def lightness(colour: Colour) -> float:
    """How light the eye finds it, from 0 (black) to 1 (white)."""
    return _perceive(colour).lightness


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """`ground` is the canvas, `tints` lead from it to `main`, `second` goes with `main`, `pop` is for small things.

    `paper` is for cards on the ground, `ink` for icons on paper, `shadow` for what lies under things.
    """

    ground: Colour
    tints: tuple[Colour, ...]
    main: Colour
    deep: Colour
    second: Colour
    pop: Colour
    paper: Colour
    ink: Colour
    shadow: Colour
    is_dark: bool

    def on(self, fill: Colour) -> Colour:
        """Pick what stands out on `fill`: the light colour as long as the fill carries it, as designers do."""
        if lightness(fill) <= _TAKES_WHITE:
            return max((self.paper, self.ink), key=lightness)
        return min((self.paper, self.ink), key=lightness)

    def on_paper(self, accent: Colour) -> Colour:
        """Make the accent dark or light enough to be read as a thin icon on `paper`."""
        own = lightness(accent)
        return _with_lightness(accent, max(own, 0.7) if self.is_dark else min(own, 0.6))


def choose(theme: Theme, random: Random, *, is_alone: bool = False) -> Palette:
    """Choose a palette for one picture; which accents lead is `random`'s choice.

    `is_alone` for a drawing that stands on the slide's own background, from which its cards have to be told apart.
    """
    background = parse(theme.background)
    is_dark = lightness(background) < 0.55
    accents = _usable(theme, is_dark=is_dark)
    main = accents[_leading(random, len(accents))]
    others = _by_kinship(main, accents)
    tone = _tone(background, main) if is_dark else main
    tinted = mix(background, tone, 0.14 if is_dark else 0.11)
    deep = _with_lightness(main, 0.36)
    paper = mix(_with_lightness(background, 0.33), tone, 0.15) if is_dark else mix(_WHITE, background, 0.25)
    if is_alone and lightness(background) > _HIDES_WHITE:
        paper = tinted
    return Palette(
        ground=background if is_alone else tinted,
        tints=tuple(mix(tinted, tone, share) for share in (0.14, 0.28, 0.45, 0.65)),
        main=main,
        deep=deep,
        second=others[0],
        pop=others[-1],
        paper=paper,
        ink=_with_lightness(main, 0.93) if is_dark else mix(deep, parse(theme.text), 0.25),
        shadow=Colour(0, 0, 0) if is_dark else _with_lightness(main, 0.3),
        is_dark=is_dark,
    )


def _tone(background: Colour, main: Colour) -> Colour:
    """Find what to tint a dark canvas with: its own hue where it has one, for a navy tinted yellow turns to mud."""
    if _perceive(background).chroma < _GREY_CHROMA:
        return main
    return mix(_with_lightness(background, 0.62), main, 0.25)


def _usable(theme: Theme, *, is_dark: bool) -> tuple[Colour, ...]:
    """Tame the accents: none neon, none lost on the background, greys only where there is nothing else."""
    perceived = [_perceive(parse(accent)) for accent in theme.accents or (_FALLBACK_ACCENT,)]
    colourful = [accent for accent in perceived if accent.chroma >= _GREY_CHROMA]
    low, high = (0.58, 0.80) if is_dark else (0.48, 0.74 if colourful else 0.62)
    tamed = (
        _render(_Perceived(min(high, max(low, lch.lightness)), min(_NEON_CHROMA, lch.chroma), lch.hue))
        for lch in colourful or perceived
    )
    accents = tuple(dict.fromkeys(tamed))
    background = parse(theme.background)
    return tuple(accent for accent in accents if _difference(accent, background) >= _APART) or accents


def _difference(one: Colour, other: Colour) -> float:
    """How far apart the eye finds them: the distance in OKLab."""
    first, second = _perceive(one), _perceive(other)
    across = math.dist(
        (first.chroma * math.cos(first.hue), first.chroma * math.sin(first.hue)),
        (second.chroma * math.cos(second.hue), second.chroma * math.sin(second.hue)),
    )
    return math.hypot(first.lightness - second.lightness, across)


def _leading(random: Random, count: int) -> int:
    """Prefer the first accents: they are the ones the deck itself leads with."""
    return min(random.randrange(count), random.randrange(count))


def _by_kinship(main: Colour, accents: tuple[Colour, ...]) -> tuple[Colour, ...]:
    """Sort the other accents, nearest in hue first; a lone accent gets a lighter and a darker self for company."""
    own = _perceive(main)
    others = [accent for accent in accents if accent != main]
    if not others:
        return (_with_lightness(main, own.lightness + 0.1), _with_lightness(main, own.lightness - 0.1))
    return tuple(sorted(others, key=lambda accent: _hue_distance(own.hue, _perceive(accent).hue)))


def _hue_distance(first: float, second: float) -> float:
    return abs(math.remainder(first - second, math.tau))


def _with_lightness(colour: Colour, target: float) -> Colour:
    own = _perceive(colour)
    # A very dark or very light colour cannot hold much chroma in sRGB; clipping it would turn its hue.
    room = min(1.0, 4 * min(target, 1 - target))
    if math.isclose(target, own.lightness):
        return colour
    return _render(_Perceived(target, own.chroma * min(1.0, 0.3 + 0.5 * room), own.hue))
