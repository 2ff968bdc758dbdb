"""A picture is cut to the slot's shape where it keeps what matters, and loses no more than that needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.planning.cropping import best_crop

FLAT = [0] * 10
SIDE = st.integers(1, 4000)
RATIO = st.floats(0.05, 20)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=96)


@pytest.mark.parametrize(
    ("size", "ratio", "window"),
    [
        ((1536, 1024), 1.5, (0, 0, 1536, 1024)),
        ((1536, 1024), 1.0, (256, 0, 1280, 1024)),
        ((1000, 1000), 2.0, (0, 250, 1000, 750)),
        ((1024, 1536), 0.5, (128, 0, 896, 1536)),
    ],
)
def test_a_picture_that_shows_nothing_anywhere_is_cut_from_its_middle(size, ratio, window):
    assert best_crop(*size, ratio, FLAT, FLAT) == window


@pytest.mark.parametrize("weights", [[7] * 90, [5, 6] * 45, list(range(45)) + list(range(45, 0, -1))])
def test_so_is_one_that_shows_the_same_everywhere_or_most_in_the_middle(weights):
    assert best_crop(900, 300, 1.0, weights, FLAT) == (300, 0, 600, 300)


@pytest.mark.parametrize("first", [0, 5, 20, 45, 60, 75])
def test_a_subject_that_fits_is_kept_whole(first):
    weights = [0] * 90
    weights[first : first + 15] = [9] * 15
    left, _, right, _ = best_crop(900, 400, 1.0, weights, FLAT)
    assert left <= first * 10
    assert right >= (first + 15) * 10


def test_a_subject_is_given_air_where_there_is_any():
    weights = [0] * 90
    weights[10:20] = [9] * 10
    left, _, _, _ = best_crop(900, 400, 1.0, weights, FLAT)
    assert 20 < left < 100


def test_a_subject_the_middle_holds_already_moves_nothing():
    weights = [0] * 90
    weights[35:50] = [9] * 15
    assert best_crop(900, 400, 1.0, weights, FLAT)[0] == 250


def test_of_two_subjects_the_heavier_one_is_kept():
    weights = [5] * 10 + [0] * 70 + [9] * 10
    assert best_crop(900, 300, 1.0, weights, FLAT)[2] == 900


def test_what_matters_in_a_tall_picture_is_looked_for_from_top_to_bottom():
    rows = [9] * 10 + [0] * 80
    assert best_crop(300, 900, 1.0, FLAT, rows)[1] == 0


@given(SIDE, SIDE, RATIO, WEIGHTS, WEIGHTS)
def test_the_window_lies_in_the_picture_and_spans_it_one_way(width, height, ratio, columns, rows):
    left, top, right, bottom = best_crop(width, height, ratio, columns, rows)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == width or bottom - top == height


@given(SIDE, SIDE, RATIO)
def test_its_shape_is_exact_to_half_a_pixel(width, height, ratio):
    left, top, right, bottom = best_crop(width, height, ratio, FLAT, FLAT)
    across, down = right - left, bottom - top
    if min(across, down) > 1:
        assert abs(across - down * ratio) <= 0.5 or abs(down - across / ratio) <= 0.5


@given(SIDE, SIDE, RATIO, WEIGHTS, WEIGHTS)
def test_a_mirrored_picture_gets_the_mirrored_window(width, height, ratio, columns, rows):
    left, top, right, bottom = best_crop(width, height, ratio, columns, rows)
    mirrored = best_crop(width, height, ratio, columns[::-1], rows[::-1])
    # In the middle of an odd number of pixels there is no window that is its own mirror image.
    assert mirrored == pytest.approx((width - right, height - bottom, width - left, height - top), abs=1)
