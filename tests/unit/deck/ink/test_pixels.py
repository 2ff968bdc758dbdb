"""Pixels to cells, cells to rectangles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from pipeline.deck.ink.pixels import bridged, cells_of, differs, ground_of, page_of, rectangles, with_enclosed

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.booleans())


def cells(*rows: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in rows])


@given(masks)
def test_rectangles_cover_the_cells_once_and_nothing_else(mask: np.ndarray) -> None:
    covered = np.zeros(mask.shape, dtype=int)
    for left, top, right, bottom in rectangles(mask):
        covered[top:bottom, left:right] += 1
    assert (covered == mask).all()


@given(masks)
def test_a_rectangle_never_is_a_whole_page(mask: np.ndarray) -> None:
    tallest = max((bottom - top for _, top, _, bottom in rectangles(mask)), default=0)
    assert tallest <= max(1, len(mask) // 2)


def test_runs_that_are_alike_are_one_rectangle() -> None:
    assert list(rectangles(cells("..##", "..##", "#...", "...."))) == [(2, 0, 4, 2), (0, 2, 1, 3)]


def test_narrow_gaps_are_bridged_and_wide_ones_kept() -> None:
    assert (bridged(cells("#..#...#"), 2) == cells("####...#")).all()
    assert (bridged(cells("#", ".", ".", "#"), 2) == cells("#", "#", "#", "#")).all()


def test_what_has_cells_on_all_sides_is_enclosed() -> None:
    frame = cells("####.", "#..#.", "####.", "#....")
    assert (with_enclosed(frame) == cells("####.", "####.", "####.", "#....")).all()


def test_a_cell_is_taken_by_one_pixel_and_the_last_may_be_cut() -> None:
    mask = np.zeros((7, 13), dtype=bool)
    mask[6, 12] = True
    assert (cells_of(mask, 6) == cells("...", "..#")).all()


def test_only_what_is_seen_to_differ_does() -> None:
    page = page_of(Image.new("RGB", (2, 1), (100, 100, 100)))
    other = page.copy()
    other[0, 0] += 24
    other[0, 1, 2] -= 25
    assert differs(page, other).tolist() == [[False, True]]


@pytest.mark.parametrize("size", [(200, 160), (5, 3)])
def test_small_things_are_not_ground(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "navy")
    clean = page_of(image)
    image.paste("white", (0, 0, min(size[0], 20), 1))
    assert differs(clean, ground_of(page_of(image))).sum() == (0 if size[0] > 8 else 5)


def test_large_areas_are_ground() -> None:
    image = Image.new("RGB", (400, 320), "navy")
    image.paste("white", (200, 0, 400, 320))
    edge = differs(page_of(image), ground_of(page_of(image)))
    assert not edge[:, :180].any()
    assert not edge[:, 220:].any()
