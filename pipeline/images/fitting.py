"""Cuts a picture to its slot and encodes it, small enough to mail and fine enough to print."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from pipeline.records import EMU_PER_INCH, Box, FittedPicture

JPEG_QUALITY = 88
# Colours up to which a picture counts as drawn; PNG is then sharper and mostly smaller.
DRAWN_COLOURS = 4096


def fit_to_slot(
    picture: Image.Image, window: tuple[int, int, int, int], box: Box, *, max_px_per_in: int
) -> FittedPicture:
    """The part of `picture` inside `window` (left, top, right, bottom in pixels), which has the shape of `box`.

    At most `max_px_per_in` of the box; PNG where it is drawn or transparent, else JPEG. Never stretched.
    """
    cropped = picture.crop(window)
    most_wide = max(1, round(box.width_emu / EMU_PER_INCH * max_px_per_in))
    if cropped.width > most_wide:
        height = max(1, round(most_wide / box.aspect_ratio))
        cropped = cropped.resize((most_wide, height), Image.Resampling.LANCZOS)
    data, extension = _encoded(cropped)
    return FittedPicture(data=data, extension=extension, width_px=cropped.width, height_px=cropped.height)


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    buffer = BytesIO()
    if picture.mode == "RGBA" or picture.getcolors(DRAWN_COLOURS) is not None:
        picture.save(buffer, "PNG", optimize=True)
        return buffer.getvalue(), "png"
    # Without `optimize`: Pillow then gives libjpeg a buffer of one byte a pixel, which a grainy picture outgrows.
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue(), "jpg"
