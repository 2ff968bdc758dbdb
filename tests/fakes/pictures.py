"""Real image bytes of a wanted size: distinct for each prompt, the same for the same prompt, and quick to make."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
DISCS = 10


@lru_cache(maxsize=256)
def picture(prompt: str, width_px: int, height_px: int, kind: str = "png", *, is_clear: bool = False) -> bytes:
    """A few coloured discs on a ground, or on nothing, all chosen by the prompt's hash. `kind` is a key of FORMATS."""
    digest = hashlib.sha512(prompt.encode()).digest()
    # Pillow encodes indexed colours five times faster than RGB, and a benchmark must not measure this server.
    image = Image.new("P", (width_px, height_px))
    image.putpalette(digest[: 3 * (DISCS + 1)])
    draw = ImageDraw.Draw(image)
    for disc, (x, y, size) in enumerate(zip(*[iter(digest[-3 * DISCS :])] * 3, strict=True), 1):
        radius = (size / 255 * 0.2 + 0.05) * min(width_px, height_px)
        centre_x, centre_y = x / 255 * width_px, y / 255 * height_px
        draw.ellipse((centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius), fill=disc)
    if is_clear:
        image.info["transparency"] = 0
    return _encoded(image if kind == "png" else image.convert("RGBA" if is_clear else "RGB"), kind)


@lru_cache(maxsize=16)
def blank(width_px: int, height_px: int) -> bytes:
    """A PNG of one colour only: what a content filter leaves."""
    return _encoded(Image.new("RGB", (width_px, height_px)), "png")


def _encoded(image: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    options = {"png": {"compress_level": 1}, "jpeg": {"quality": 85}, "webp": {"method": 0}}[kind]
    image.save(buffer, kind, **options)
    return buffer.getvalue()
