"""Cuts a picture to its slot and encodes it, small enough to mail and fine enough to print."""

from __future__ import annotations

from io import BytesIO
from typing import cast

from PIL import Image

from pipeline.images.covering import under_text
from pipeline.images.grounds import without_fringe
from pipeline.records import EMU_PER_INCH, Box, Cover, FittedPicture

JPEG_QUALITY = 90
# So little more than wanted is not worth the blur of making it smaller.
SLACK = 1.05
# A picture of no more colours fits the palette of an indexed PNG, which is then exact, small and quick.
PALETTE_COLOURS = 256


def fit_to_slot(
    picture: Image.Image,
    window: tuple[int, int, int, int],
    box: Box,
    *,
    max_px_per_in: int,
    cover: Cover | None = None,
) -> FittedPicture:
    """The part of `picture` inside `window` (left, top, right, bottom in pixels), which has the shape of `box`.

    About `max_px_per_in` at most of the box. PNG where it is transparent or of few colours, else JPEG. Never stretched.
    As a `cover` it is veiled until the text over it can be read; raises PictureError where nothing can do that.
    """
    cropped = picture.crop(window)
    most_wide = max(1, round(box.width_emu / EMU_PER_INCH * max_px_per_in))
    if cropped.width > SLACK * most_wide:
        height = max(1, round(most_wide / box.aspect_ratio))
        cropped = cropped.resize((most_wide, height), Image.Resampling.LANCZOS)
    if cover is not None:
        cropped = under_text(cropped, cover, box)
    if cropped.mode == "RGBA":
        cropped = without_fringe(cropped)
    data, extension = _encoded(cropped)
    return FittedPicture(data=data, extension=extension, width_px=cropped.width, height_px=cropped.height)


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    indexed = _indexed(picture)
    buffer = BytesIO()
    if indexed is None and picture.mode == "RGB":
        # Without `optimize`: Pillow then gives libjpeg a buffer of one byte a pixel, which a grainy picture outgrows.
        picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return buffer.getvalue(), "jpg"
    (indexed or picture).save(buffer, "PNG")
    return buffer.getvalue(), "png"


def _indexed(picture: Image.Image) -> Image.Image | None:
    """The same pixels as places in a palette; None where there are too many colours or transparency."""
    colours = picture.getcolors(PALETTE_COLOURS) if picture.mode == "RGB" else None
    if colours is None:
        return None
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for _, colour in colours for level in cast("tuple[int, ...]", colour)])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)
