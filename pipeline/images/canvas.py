"""A small drawing surface over Pillow: smooth edges, gradients, soft shadows and icon glyphs."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

from fonticon_mdi7 import MDI7
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from pipeline.images.palette import Colour, mix

Point: TypeAlias = tuple[float, float]
Bounds: TypeAlias = tuple[float, float, float, float]
Fill: TypeAlias = Colour | tuple[Colour, Colour]
_Mapping: TypeAlias = Callable[[Sequence[Point]], list[Point]]
_Pen: TypeAlias = Callable[[ImageDraw.ImageDraw, _Mapping, float], None]

_OVERSAMPLING = 2
_SHADOW_SCALE = 8  # a blurred shape holds no detail, so it is made at an eighth of the size


class Canvas:
    """One picture in the making. Lengths are pixels, opacities go from 0 to 1.

    A `Fill` is one colour, or two: from the top of the shape to its bottom. Without a `ground` it is transparent where
    nothing is drawn.
    """

    def __init__(self, width_px: int, height_px: int, ground: Fill | None, shadow: Colour | None) -> None:
        self.width = width_px
        self.height = height_px
        self._shadow = shadow
        self._is_clear = ground is None
        size = (width_px, height_px)
        self._image = Image.new("RGBA", size) if ground is None else _paint(size, ground)

    @property
    def unit(self) -> float:
        """The shorter side: what sizes are measured in, so that a drawing holds in any shape."""
        return min(self.width, self.height)

    def flood(self, fill: Fill) -> None:
        """Paint the whole canvas over."""
        self._image = _paint((self.width, self.height), fill)

    def disc(self, centre: Point, radius: float, fill: Fill, *, opacity: float = 1, lift: float = 0) -> None:
        """Draw a filled circle; `lift` is how far it floats above the ground, as a share of the unit."""
        bounds = _around(centre, radius)
        self._draw(bounds, fill, opacity, lift, lambda pen, at, _: pen.ellipse(at(_corners(bounds)), fill=255))

    def rings(self, centre: Point, radii: Sequence[float], width: float, fill: Fill, *, opacity: float = 1) -> None:
        """Draw circles' outlines, `width` wide, lying inside their radii."""

        def pen_rings(pen: ImageDraw.ImageDraw, at: _Mapping, scale: float) -> None:
            for radius in radii:
                pen.ellipse(at(_corners(_around(centre, radius))), outline=255, width=max(1, round(width * scale)))

        self._draw(_around(centre, max(radii)), fill, opacity, 0, pen_rings)

    def card(self, bounds: Bounds, radius: float, fill: Fill, *, opacity: float = 1, lift: float = 0) -> None:
        """Draw a rectangle with rounded corners."""

        def pen_card(pen: ImageDraw.ImageDraw, at: _Mapping, scale: float) -> None:
            pen.rounded_rectangle(at(_corners(bounds)), radius * scale, fill=255)

        self._draw(bounds, fill, opacity, lift, pen_card)

    def polygon(self, points: Sequence[Point], fill: Fill, *, opacity: float = 1, lift: float = 0) -> None:
        """Fill an outline."""
        across, down = zip(*points, strict=True)
        bounds = (min(across), min(down), max(across), max(down))
        self._draw(bounds, fill, opacity, lift, lambda pen, at, _: pen.polygon(at(points), fill=255))

    def capsule(self, start: Point, end: Point, width: float, fill: Fill, *, opacity: float = 1) -> None:
        """Draw a thick line with round ends."""
        half = width / 2
        left, right = sorted((start[0], end[0]))
        top, bottom = sorted((start[1], end[1]))

        def pen_capsule(pen: ImageDraw.ImageDraw, at: _Mapping, scale: float) -> None:
            pen.line(at((start, end)), fill=255, width=round(width * scale))
            for cap in (start, end):
                pen.ellipse(at(_corners(_around(cap, half))), fill=255)

        self._draw((left - half, top - half, right + half, bottom + half), fill, opacity, 0, pen_capsule)

    def slice(self, centre: Point, radius: float, start_degrees: float, sweep: float, fill: Fill) -> None:
        """Draw a piece of a disc, clockwise from `start_degrees` (0 is three o'clock)."""
        bounds = _around(centre, radius)

        def pen_slice(pen: ImageDraw.ImageDraw, at: _Mapping, _: float) -> None:
            left_top, right_bottom = at(_corners(bounds))
            pen.pieslice((*left_top, *right_bottom), start_degrees, start_degrees + sweep, fill=255)

        self._draw(bounds, fill, 1, 0, pen_slice)

    def glyph(
        self, character: str, centre: Point, size: float, fill: Fill, *, opacity: float = 1, lift: float = 0
    ) -> None:
        """Draw an icon whose ink fits a square of `size`, centred by its ink."""
        self.stamp(glyph_mask(character, round(size)), centre, fill, opacity=opacity, lift=lift)

    def stamp(self, mask: Image.Image, centre: Point, fill: Fill, *, opacity: float = 1, lift: float = 0) -> None:
        """Paint through `mask` (mode L), centred."""
        left, top = round(centre[0] - mask.width / 2), round(centre[1] - mask.height / 2)
        if lift:
            self._cast(mask, left, top, lift)
        self._pour(mask, left, top, fill, opacity)

    def png(self) -> bytes:
        """Encode the picture as a PNG file."""
        target = io.BytesIO()
        self._image.save(target, "PNG", compress_level=3)
        return target.getvalue()

    def _draw(self, bounds: Bounds, fill: Fill, opacity: float, lift: float, pen: _Pen) -> None:
        """Draw the part of a shape that lies on the canvas, larger than needed, then reduce it: smooth edges."""
        margin = self.unit * lift * 2 + 2
        left, top = max(math.floor(bounds[0]), -round(margin)), max(math.floor(bounds[1]), -round(margin))
        right = min(math.ceil(bounds[2]) + 1, round(self.width + margin))
        bottom = min(math.ceil(bounds[3]) + 1, round(self.height + margin))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", ((right - left) * _OVERSAMPLING, (bottom - top) * _OVERSAMPLING))

        def at(points: Sequence[Point]) -> list[Point]:
            return [((x - left) * _OVERSAMPLING, (y - top) * _OVERSAMPLING) for x, y in points]

        pen(ImageDraw.Draw(mask), at, _OVERSAMPLING)
        mask = mask.reduce(_OVERSAMPLING)
        if lift:
            self._cast(mask, left, top, lift)
        self._pour(mask, left, top, fill, opacity)

    def _cast(self, mask: Image.Image, left: int, top: int, lift: float) -> None:
        """Paint the soft shadow of what `mask` is about to paint."""
        if self._shadow is None:
            return
        blur = self.unit * lift
        pad = math.ceil(blur * 2 / _SHADOW_SCALE) + 1
        small = mask.reduce(_SHADOW_SCALE)
        padded = Image.new("L", (small.width + 2 * pad, small.height + 2 * pad))
        padded.paste(small, (pad, pad))
        soft = padded.filter(ImageFilter.GaussianBlur(blur / _SHADOW_SCALE))
        shadow = soft.resize((soft.width * _SHADOW_SCALE, soft.height * _SHADOW_SCALE), Image.Resampling.BICUBIC)
        offset = pad * _SHADOW_SCALE
        self._pour(shadow, left - offset, top - offset + round(blur * 0.7), self._shadow, 0.3)

    def _pour(self, mask: Image.Image, left: int, top: int, fill: Fill, opacity: float) -> None:
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        if self._is_clear:
            self._lay(_paint(mask.size, fill), mask, left, top)
            return
        # Two colours need a picture of their own; one colour is pasted as it stands.
        paint = fill if isinstance(fill, Colour) else _paint(mask.size, fill)
        self._image.paste(paint, (left, top, left + mask.width, top + mask.height), mask)

    def _lay(self, paint: Image.Image, mask: Image.Image, left: int, top: int) -> None:
        """Lay paint over a canvas that may be transparent there: pasting would mix it with the colour of nothing."""
        if left + mask.width > 0 and top + mask.height > 0:
            paint.putalpha(mask)
            hidden = (max(0, -left), max(0, -top))
            self._image.alpha_composite(paint, (max(0, left), max(0, top)), hidden)


def glyph_mask(character: str, size_px: int) -> Image.Image:
    """Render the icon's ink, mode L, cut to its bounds; its longer side is `size_px`."""
    # Each call loads its own font: Pillow's font objects are not safe to share between threads.
    font = ImageFont.truetype(io.BytesIO(_font_bytes()), size_px * 2)
    mask = Image.new("L", (size_px * 3, size_px * 3))
    ImageDraw.Draw(mask).text((mask.width / 2, mask.height / 2), character, fill=255, font=font, anchor="mm")
    ink = mask.crop(mask.getbbox() or (0, 0, 1, 1))
    scale = size_px / max(ink.size)
    return ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.LANCZOS)


def isometric(texture: Image.Image) -> Image.Image:
    """Lay a square mask flat, as seen from above in 2:1 isometric projection: twice as wide as high."""
    side = texture.width
    wide = Image.new("L", (side * 2, side))
    # Screen (x, y) back to the square: u = (x/2 + y) - side/2, v = (y - x/2) + side/2.
    coefficients = (0.5, 1.0, -side / 2, -0.5, 1.0, side / 2)
    return texture.transform(wide.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC)


def swept_down(mask: Image.Image, depth_px: int) -> Image.Image:
    """Trail the mask down by `depth_px`: the silhouette of a solid body."""
    body = Image.new("L", (mask.width, mask.height + depth_px))
    body.paste(mask, (0, 0))
    covered = 0
    while covered < depth_px:
        # Doubling: a trail of n pixels, moved by n and united with itself, is one of 2n.
        step = min(max(1, covered), depth_px - covered)
        body = ImageChops.lighter(body, ImageChops.offset(body, 0, step))
        covered += step
    return body


def _paint(size: tuple[int, int], fill: Fill) -> Image.Image:
    if isinstance(fill, Colour):
        return Image.new("RGB", size, fill)
    strip = Image.new("RGB", (1, size[1]))
    last = max(1, size[1] - 1)
    strip.putdata([mix(fill[0], fill[1], row / last) for row in range(size[1])])
    return strip.resize(size, Image.Resampling.NEAREST)


def _around(centre: Point, radius: float) -> Bounds:
    return (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)


def _corners(bounds: Bounds) -> tuple[Point, Point]:
    return ((bounds[0], bounds[1]), (bounds[2], bounds[3]))


@cache
def _font_bytes() -> bytes:
    return Path(MDI7.__font_file__).read_bytes()
