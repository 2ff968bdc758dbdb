"""Makes text readable on a picture: a veil in one colour, laid on just as thick as the text needs. Pure pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

from pipeline.luminance import (
    BLACK,
    BLUE_WEIGHT,
    GREEN_WEIGHT,
    LEAST_CONTRAST,
    LINEAR_LEVELS,
    RED_WEIGHT,
    WHITE,
    carries,
    contrast,
    relative_luminance,
)

Window: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

# All but so few of the pixels under a text reach the contrast: a speck of light makes no letter hard to read.
MOST_MISSING = 0.01
# More contrast than asked for, by this factor: what JPEG changes in a veiled picture stays below it.
MARGIN = 1.05
# Away from the text the veil is so much thinner: enough to see the picture, too little to look like a spotlight.
_THINNEST = 0.55
# The veil thins out over this share of the picture's longer side.
_SOFTNESS = 0.09
# A soft shape holds no detail, so it is made on a raster of so many pixels a side at most.
_RASTER_PX = 200
# So many of a place's pixels are looked at, spread evenly over it.
_SAMPLES = 10_000

# A veil on which the text has so much more contrast than it needs can be thin, and lets the picture through.
_HEADROOM = 2.0
_SHADES = 20

_Pixels: TypeAlias = tuple[bytes, bytes, bytes]


def veiled(
    picture: Image.Image, places: Sequence[tuple[Window, str]], *, ground: str, ratio: float = LEAST_CONTRAST
) -> Image.Image | None:
    """`picture` under a veil so thick that text reads on it; the picture itself where it does so already.

    `places` are where text stands and its colours: after it 99 % of the pixels of each place have the contrast
    `ratio` to the text's colour, and a little more. The veil darkens or lightens, whichever the text asks for, in a
    shade of the colour `ground`, which is the slide's. None where no veil can help: text that is light and dark at
    once, or of neither kind.
    """
    wanted = ratio * MARGIN
    flat = _flattened(picture, ground)
    samples = [(_pixels(flat, window), relative_luminance(colour)) for window, colour in places]
    if all(_reached(pixels, luminance) >= wanted for pixels, luminance in samples):
        return flat
    colour = _veil_colour(ground, [colour for _, colour in places], wanted)
    if colour is None:
        return None
    mask = _soft_mask(flat.size, [window for window, _ in places], _thickness(samples, colour, wanted))
    return Image.composite(Image.new("RGB", flat.size, f"#{colour}"), flat, mask)


def _veil_colour(ground: str, texts: Sequence[str], wanted: float) -> str | None:
    """The shade of `ground` nearest to it on which all the texts stand out well; black or white where none does."""
    shades = (_mixed(ground, end, share / _SHADES) for share in range(_SHADES) for end in (BLACK, WHITE))
    stand_out = (shade for shade in shades if carries(shade, texts, wanted * _HEADROOM))
    readable = (shade for shade in (BLACK, WHITE) if carries(shade, texts, wanted))
    return next(chain(stand_out, readable), None)


def _mixed(start: str, end: str, share: float) -> str:
    channels = zip(bytes.fromhex(start), bytes.fromhex(end), strict=True)
    return bytes(round(one + (other - one) * share) for one, other in channels).hex().upper()


def _flattened(picture: Image.Image, ground: str) -> Image.Image:
    """Without transparency, through which the slide's ground would show."""
    if picture.mode == "RGB":
        return picture
    flat = Image.new("RGB", picture.size, f"#{ground}")
    layer = picture.convert("RGBA")
    flat.paste(layer, mask=layer)
    return flat


def _pixels(picture: Image.Image, window: Window) -> _Pixels:
    """The channels of the pixels in a window, evenly thinned out where they are many."""
    left, top = min(max(window[0], 0), picture.width - 1), min(max(window[1], 0), picture.height - 1)
    part = picture.crop(
        (left, top, max(left + 1, min(window[2], picture.width)), max(top + 1, min(window[3], picture.height)))
    )
    step = (part.width * part.height / _SAMPLES) ** 0.5
    if step > 1:
        part = part.resize((max(1, int(part.width / step)), max(1, int(part.height / step))), Image.Resampling.NEAREST)
    red, green, blue = (band.tobytes() for band in part.split())
    return red, green, blue


def _reached(pixels: _Pixels, text: float) -> float:
    """The contrast of text of the luminance `text` to its ground, be it the lighter or the darker of the two."""
    darkest, lightest = _range(pixels, BLACK, 0)
    return max(contrast(text, lightest), contrast(darkest, text))


def _thickness(samples: Sequence[tuple[_Pixels, float]], ground: str, wanted: float) -> int:
    """The least alpha, 0 to 255, with which a veil of the colour `ground` gives each text the contrast wanted.

    A pixel's luminance is a convex function of alpha, so that a veil which darkens enough goes on to do so.
    """
    own = relative_luminance(ground)
    least = 0
    for pixels, text in samples:
        low, high = least, 255
        while low < high:
            middle = (low + high) // 2
            darkest, lightest = _range(pixels, ground, middle)
            if (contrast(darkest, text) if own > text else contrast(text, lightest)) >= wanted:
                high = middle
            else:
                low = middle + 1
        least = high
    return least


def _range(pixels: _Pixels, ground: str, alpha: int) -> tuple[float, float]:
    """The luminance of the darkest and the lightest of the veiled pixels, but for the few that may miss."""
    weights = (RED_WEIGHT, GREEN_WEIGHT, BLUE_WEIGHT)
    red, green, blue = (
        [weight * LINEAR_LEVELS[round(level + (own - level) * alpha / 255)] for level in range(256)]
        for weight, own in zip(weights, bytes.fromhex(ground), strict=True)
    )
    luminances = sorted(red[r] + green[g] + blue[b] for r, g, b in zip(*pixels, strict=True))
    missing = int(MOST_MISSING * len(luminances))
    return luminances[missing], luminances[-1 - missing]


def _soft_mask(size: tuple[int, int], windows: Sequence[Window], alpha: int) -> Image.Image:
    """A mask that is `alpha` all over the windows and thins out softly around them."""
    scale = min(1.0, _RASTER_PX / max(size))
    raster = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    blur = _SOFTNESS * max(raster)
    reach = 2.5 * blur  # as far as a blurred edge reaches, so that all of a window keeps the full thickness
    small = Image.new("L", raster)
    pen = ImageDraw.Draw(small)
    for left, top, right, bottom in windows:
        pen.rectangle(
            (left * scale - reach, top * scale - reach, right * scale + reach, bottom * scale + reach), fill=255
        )
    soft = small.filter(ImageFilter.GaussianBlur(blur))
    thicknesses = [round(alpha * (_THINNEST + (1 - _THINNEST) * min(1.0, level / 250))) for level in range(256)]
    return soft.resize(size, Image.Resampling.BICUBIC).point(thicknesses)
