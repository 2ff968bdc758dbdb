"""How a picture is cut to the shape of its slot."""

from __future__ import annotations


def centred_crop(width_px: int, height_px: int, aspect_ratio: float) -> tuple[int, int, int, int]:
    """The largest window of `aspect_ratio` (width over height) in the middle of a picture.

    Returns left, top, right and bottom in pixels; at least one pixel each way, exact to half a pixel.
    """
    window_width = min(width_px, max(1, round(height_px * aspect_ratio)))
    window_height = min(height_px, max(1, round(width_px / aspect_ratio)))
    left = (width_px - window_width) // 2
    top = (height_px - window_height) // 2
    return left, top, left + window_width, top + window_height
