"""Makes a picture fit to lie behind a slide's text."""

from __future__ import annotations

from PIL import Image

from pipeline.errors import PictureError
from pipeline.images.contrast import Window, veiled
from pipeline.records import Box, Cover


def under_text(picture: Image.Image, cover: Cover, box: Box) -> Image.Image:
    """`picture`, which will fill `box`, darkened or lightened until the texts of `cover` can be read on it.

    Raises PictureError where no veil can do that.
    """
    places = [(_window(text.box, box, picture.size), text.colour) for text in cover.texts if text.box.meets(box)]
    readable = veiled(picture, places, ground=cover.ground)
    if readable is None:
        raise PictureError("no veil over the picture makes all of the slide's text readable: it is light and dark")
    return readable


def _window(text: Box, box: Box, size: tuple[int, int]) -> Window:
    """Where a text is on the picture, in whole pixels around it."""
    across, down = size[0] / box.width_emu, size[1] / box.height_emu
    return (
        int(max(0, text.left_emu - box.left_emu) * across),
        int(max(0, text.top_emu - box.top_emu) * down),
        -int(-min(text.right_emu - box.left_emu, box.width_emu) * across // 1),
        -int(-min(text.bottom_emu - box.top_emu, box.height_emu) * down // 1),
    )
