"""A picture is cut from its middle to the slot's shape, and loses no more than that needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.planning.cropping import centred_crop


@pytest.mark.parametrize(
    ("size", "ratio", "window"),
    [
        ((1536, 1024), 1.5, (0, 0, 1536, 1024)),
        ((1536, 1024), 1.0, (256, 0, 1280, 1024)),
        ((1000, 1000), 2.0, (0, 250, 1000, 750)),
        ((1024, 1536), 0.5, (128, 0, 896, 1536)),
    ],
)
def test_known_windows(size, ratio, window):
    assert centred_crop(*size, ratio) == window


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(0.05, 20))
def test_the_window_lies_in_the_middle_of_the_picture_and_spans_it_one_way(width, height, ratio):
    left, top, right, bottom = centred_crop(width, height, ratio)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert abs(left - (width - right)) <= 1
    assert abs(top - (height - bottom)) <= 1
    assert right - left == width or bottom - top == height


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(0.05, 20))
def test_its_shape_is_exact_to_half_a_pixel(width, height, ratio):
    left, top, right, bottom = centred_crop(width, height, ratio)
    across, down = right - left, bottom - top
    if min(across, down) > 1:
        assert abs(across - down * ratio) <= 0.5 or abs(down - across / ratio) <= 0.5
