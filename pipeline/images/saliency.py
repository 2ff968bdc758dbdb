"""Where a picture shows what matters: what stands out from its surroundings, at several scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

Weights: TypeAlias = Sequence[int]

_LONGER_SIDE_PX = 96
# Radii of centre and surround on the small copy: details, things, large things.
_SCALES = ((1, 4), (2, 8), (4, 16))
# Differences of so few levels of 255 are compression and grain.
_NOISE_LEVELS = 3


def weigh(picture: Image.Image) -> tuple[Weights, Weights]:
    """How much of what matters stands in each of some equal columns, left to right, and rows, top to bottom.

    A simple form of centre and surround (L. Itti, C. Koch, E. Niebur, "A Model of Saliency-Based Visual Attention",
    1998): how far brightness and colour of a place differ from what is round it, small and large. What is no more than
    usual for the picture weighs nothing, and neither does what is transparent. All zero for a flat picture.
    """
    small = ImageOps.contain(picture, (_LONGER_SIDE_PX, _LONGER_SIDE_PX), Image.Resampling.BOX)
    contrast = _contrast(small)
    usual = max(_NOISE_LEVELS, ImageStat.Stat(contrast).mean[0] / 2)
    excess = contrast.point([max(0, round(level - usual)) for level in range(256)])
    if small.mode == "RGBA":
        excess = ImageChops.multiply(excess, small.getchannel("A"))
    levels = excess.tobytes()
    width, height = excess.size
    columns = [sum(levels[column::width]) for column in range(width)]
    rows = [sum(levels[row * width : (row + 1) * width]) for row in range(height)]
    return columns, rows


def _contrast(small: Image.Image) -> Image.Image:
    """The differences of all scales and channels, added up."""
    total = Image.new("L", small.size)
    for channel in _channels(small):
        for centre, surround in _SCALES:
            inner, outer = (channel.filter(ImageFilter.GaussianBlur(radius)) for radius in (centre, surround))
            total = ImageChops.add(total, ImageChops.difference(inner, outer))
    return total


def _channels(small: Image.Image) -> Sequence[Image.Image]:
    """Brightness and two colours; of a transparent picture also where it is opaque, its silhouette."""
    if small.mode != "RGBA":
        return small.convert("YCbCr").split()
    opacity = small.getchannel("A")
    on_grey = Image.new("RGB", small.size, (128, 128, 128))
    on_grey.paste(small.convert("RGB"), mask=opacity)
    return (*on_grey.convert("YCbCr").split(), opacity)
