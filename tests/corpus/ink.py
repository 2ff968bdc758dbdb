"""Where a rendered page shows something, and the largest rectangle in which it does not. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from tests.corpus.rendering import Page

Mask = npt.NDArray[np.bool_]

INK_LEVELS = 24
"""A pixel that differs by more levels of 255 in one colour is ink."""

_BLOCK_PX, _NEIGHBOURHOOD_BLOCKS = 8, 13
GRID_PX = 4
MAX_RATIO = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The ink of one slide, pixel by pixel: of its own shapes, and of what layout and master draw."""

    shapes: Mask
    decor: Mask


def ink_of(original: Page, bare: Page) -> Ink:
    """The ink of a slide, from its page and the page of the same slide without its shapes."""
    return Ink(shapes=differs(original, bare), decor=differs(bare, local_background(bare)))


def differs(one: Page, other: Page) -> Mask:
    seen = np.abs(one - other) > INK_LEVELS
    return np.asarray(seen[..., 0] | seen[..., 1] | seen[..., 2])


def local_background(page: Page) -> Page:
    """The page without what is small: medians of blocks, then a median filter about an inch wide."""
    height, width, _ = page.shape
    k = _BLOCK_PX
    rows, columns = height // k, width // k
    blocks = page[: rows * k, : columns * k].reshape(rows, k, columns, k, 3)
    medians = Image.fromarray(np.median(blocks, axis=(1, 3)).astype(np.uint8))
    smooth = medians.filter(ImageFilter.MedianFilter(_NEIGHBOURHOOD_BLOCKS))
    return np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR)).astype(np.int16)


Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def largest_free(ink: Mask, *, max_ratio: float = MAX_RATIO, grid_px: int = GRID_PX) -> Rectangle | None:
    """The largest rectangle without ink whose longer side is at most `max_ratio` times its shorter, on a grid.

    Every rectangle that cannot grow is looked at, row by row, by the heights of the free columns above that row.
    """
    free = ~_cells(ink, grid_px)
    heights = np.zeros(free.shape[1], dtype=int)
    best: tuple[float, Rectangle] | None = None
    for bottom, row in enumerate(free, start=1):
        heights = np.where(row, heights + 1, 0)
        for left, right, height in _under(heights.tolist()):
            width = min(right - left, int(height * max_ratio))
            height = min(height, int(width * max_ratio))  # noqa: PLW2901 -- trimmed to the ratio
            if width * height > (best[0] if best else 0):
                best = width * height, (left, bottom - height, left + width, bottom)
    return None if best is None else tuple(edge * grid_px for edge in best[1])  # type: ignore[return-value]


def share_of(rectangle: Rectangle | None, ink: Mask) -> float:
    """A rectangle's share of the page."""
    if rectangle is None:
        return 0.0
    left, top, right, bottom = rectangle
    return (right - left) * (bottom - top) / ink.size


def _cells(ink: Mask, grid_px: int) -> Mask:
    """True for each cell with any ink; cells that reach beyond the page are left out."""
    rows, columns = ink.shape[0] // grid_px, ink.shape[1] // grid_px
    blocks = ink[: rows * grid_px, : columns * grid_px].reshape(rows, grid_px, columns, grid_px)
    return np.asarray(blocks.any(axis=(1, 3)))


def _under(heights: list[int]) -> list[tuple[int, int, int]]:
    """Left, right and height of each rectangle under a row of columns that can grow neither sideways nor upwards."""
    found = []
    open_: list[tuple[int, int]] = []
    for place, height in enumerate([*heights, 0]):
        left = place
        while open_ and open_[-1][1] >= height:
            left, was = open_.pop()
            if was > height:
                found.append((left, place, was))
        if height:
            open_.append((left, height))
    return found
