"""Where a rendered page shows something, pixel by pixel and as rectangles of small cells. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Page: TypeAlias = npt.NDArray[np.int16]
"""Rows, columns and the three colours from 0 to 255 of a page."""

Mask: TypeAlias = npt.NDArray[np.bool_]

INK_LEVELS = 24
"""A pixel that differs by more levels of 255 in one colour is seen to differ."""

# Blocks of a twelfth of an inch at 96 pixels an inch, and a neighbourhood a bit more than an inch wide: what is smaller
# than half of that stands out from it, what is larger is ground.
_BLOCK_PX, _NEIGHBOURHOOD_BLOCKS = 8, 13


def page_of(image: Image.Image) -> Page:
    return np.asarray(image.convert("RGB")).astype(np.int16)


def differs(one: Page, other: Page) -> Mask:
    """True for each pixel in which two pages of one size are seen to differ."""
    seen = np.abs(one - other) > INK_LEVELS
    return np.asarray(seen[..., 0] | seen[..., 1] | seen[..., 2])  # faster than any() along the colours


def ground_of(page: Page) -> Page:
    """The page without what is small on it: medians of blocks, of those the median of a neighbourhood.

    The page itself where it is smaller than a block.
    """
    height, width, _ = page.shape
    rows, columns = height // _BLOCK_PX, width // _BLOCK_PX
    if not rows or not columns:
        return page
    cut = page[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    medians = np.median(cut.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX, 3), axis=(1, 3))
    smooth = Image.fromarray(medians.astype(np.uint8)).filter(ImageFilter.MedianFilter(_NEIGHBOURHOOD_BLOCKS))
    return page_of(smooth.resize((width, height), Image.Resampling.BILINEAR))


def cells_of(mask: Mask, cell_px: int) -> Mask:
    """True for each cell of `cell_px` by `cell_px` pixels that holds any; the last ones may reach beyond the page."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % cell_px), (0, -width % cell_px)))
    rows, columns = padded.shape[0] // cell_px, padded.shape[1] // cell_px
    return np.asarray(padded.reshape(rows, cell_px, columns, cell_px).any(axis=(1, 3)))


def bridged(cells: Mask, widest: int) -> Mask:
    """`cells` and the gaps of at most `widest` cells between them, along rows and then along columns."""
    return _bridged_along_rows(_bridged_along_rows(cells, widest).T, widest).T


def _bridged_along_rows(cells: Mask, widest: int) -> Mask:
    filled = cells.copy()
    for row, line in zip(filled, cells, strict=True):
        for one, other in pairwise(np.flatnonzero(line).tolist()):
            if other - one <= widest + 1:
                row[one:other] = True
    return filled


def with_enclosed(cells: Mask) -> Mask:
    """`cells` and those that have such cells on all four sides, near or far: the inside of a frame or a text."""
    either = np.logical_or.accumulate
    left, above = either(cells, axis=1), either(cells, axis=0)
    right, below = either(cells[:, ::-1], axis=1)[:, ::-1], either(cells[::-1], axis=0)[::-1]
    return np.asarray(cells | (left & right & above & below))


def rectangles(cells: Mask) -> Iterator[tuple[int, int, int, int]]:
    """Rectangles that cover the true cells and no other, without overlap: left, top, right, bottom in cells.

    Runs of cells that stand one below the other and are alike are one. None is higher than half of the page, so that
    ink all over a page is not taken for a backdrop.
    """
    most = max(1, len(cells) // 2)
    growing: dict[tuple[int, int], int] = {}
    for number, row in enumerate([*cells, np.zeros(cells.shape[1], dtype=np.bool_)]):
        runs = set(_runs(row))
        for run in [run for run, top in growing.items() if run not in runs or number - top == most]:
            yield run[0], growing.pop(run), run[1], number
        for run in sorted(runs):
            growing.setdefault(run, number)


def _runs(row: Mask) -> Iterator[tuple[int, int]]:
    """First cell of each run of true cells, and the one after its last."""
    edges = np.flatnonzero(np.diff(row, prepend=False, append=False)).tolist()
    return zip(edges[::2], edges[1::2], strict=True)
