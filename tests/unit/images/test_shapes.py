"""Every slot gets a shape its model makes, near its own, with no more pixels than it can show."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.images.shapes import MOST_PIXELS, exact, free_size, nearest, wanted_pixels
from pipeline.services.models import FreeSizes, Shapes

GPT = {
    "multiple_of": 16,
    "min_pixels": 655_360,
    "max_pixels": 8_294_400,
    "min_edge": 480,
    "max_edge": 3840,
    "max_ratio": 3,
}
FREE = Shapes.model_validate({"free": GPT})
FIXED = Shapes.model_validate({"sizes": ["1024x1024", "1536x1024", "1024x1536"]})
WORDS = Shapes.model_validate(
    {"sizes": {"square": "512x512", "square_hd": "1024x1024", "wide": "1024x576", "wide_hd": "2048x1152"}}
)
RATIOS = Shapes.model_validate({"ratios": ["1:1", "3:2", "16:9", "9:16", "21:9"]})
RESOLVED = Shapes.model_validate(
    {"ratios": ["1:1", "16:9"], "resolutions": {"512": 262_144, "4K": 16_777_216, "1K": 1_048_576, "2K": 4_194_304}}
)
SLOT_RATIOS = st.floats(1 / 3, 3)


def test_a_slot_wants_the_pixels_it_can_show_and_never_too_many():
    assert wanted_pixels(1.5, 600) == 600 * 400
    assert wanted_pixels(1.0, 9000) == MOST_PIXELS


@given(st.floats(0.01, 100), st.floats(1, MOST_PIXELS), st.sampled_from([1, 8, 16, 32]), st.integers(256, 1024))
def test_a_free_size_lies_within_the_bounds(ratio, pixels, step, min_edge):
    bounds = FreeSizes.model_validate(GPT | {"multiple_of": step, "min_edge": min_edge})
    width, height = free_size(bounds, ratio, pixels)
    assert width % step == height % step == 0
    assert bounds.min_pixels <= width * height <= bounds.max_pixels
    assert bounds.min_edge <= min(width, height) <= max(width, height) <= bounds.max_edge
    assert max(width, height) <= bounds.max_ratio * min(width, height)


@given(SLOT_RATIOS, st.integers(900, 2400))
def test_a_free_size_comes_near_the_slots_shape_and_pixels(ratio, width_px):
    chosen = nearest(FREE, ratio, wanted_pixels(ratio, width_px))
    width, height = chosen.values["width"], chosen.values["height"]
    assert abs(math.log(width / height / ratio)) < 0.03
    assert 0.8 < chosen.pixels / max(wanted_pixels(ratio, width_px), 655_360) < 1.25
    assert chosen.values["size"] == f"{width}x{height}"


def test_a_shape_no_model_makes_gets_the_nearest_there_is():
    for ratio in (0.01, 100.0):
        width, height = free_size(FREE.free, ratio, 1e6)
        assert max(width, height) / min(width, height) == pytest.approx(3, rel=0.02)
        assert (width > height) == (ratio > 1)


def test_bounds_that_leave_no_size_are_a_mistake_of_the_catalog():
    with pytest.raises(UsageError, match=r"shape\.free"):
        free_size(FreeSizes(max_pixels=100, max_edge=64), 1.0, 1e6)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [(1.0, "1024x1024"), (1.5, "1536x1024"), (2.9, "1536x1024"), (0.4, "1024x1536"), (1.1, "1024x1024")],
)
def test_of_fixed_sizes_the_nearest_shape_is_taken(ratio, size):
    assert nearest(FIXED, ratio, 1e6).values["size"] == size


@pytest.mark.parametrize(
    ("ratio", "pixels", "word", "width"),
    [
        (1.0, 200000, "square", 512),
        (1.0, 500000, "square_hd", 1024),
        (1.8, 500000, "wide", 1024),
        (1.8, 1200000, "wide_hd", 2048),
        (1.0, 1000000000.0, "square_hd", 1024),
    ],
)
def test_of_sizes_of_the_same_shape_the_smallest_that_is_enough_is_taken(ratio, pixels, word, width):
    chosen = nearest(WORDS, ratio, pixels)
    assert (chosen.values["size"], chosen.values["width"]) == (word, width)


@given(SLOT_RATIOS)
def test_the_nearest_ratio_is_taken(ratio):
    chosen = nearest(RATIOS, ratio, 1e6)
    own = {"1:1": 1, "3:2": 1.5, "16:9": 16 / 9, "9:16": 9 / 16, "21:9": 21 / 9}
    assert chosen.values == {"aspect_ratio": min(own, key=lambda word: abs(math.log(own[word] / ratio)))}
    assert chosen.pixels is None


@pytest.mark.parametrize(
    ("pixels", "word"),
    [(100_000, "512"), (300_000, "512"), (500_000, "1K"), (MOST_PIXELS, "1K"), (2_000_000, "2K"), (1e9, "4K")],
)
def test_the_smallest_resolution_with_enough_pixels_is_taken(pixels, word):
    """No slot wants more than MOST_PIXELS, so none gets a dearer one than 1K."""
    chosen = nearest(RESOLVED, 1.0, pixels)
    assert chosen.values == {"aspect_ratio": "1:1", "resolution": word}
    assert chosen.pixels == RESOLVED.resolutions[word]


@pytest.mark.parametrize(
    ("shape", "size", "values"),
    [
        (FREE, "1536x864", {"width": 1536, "height": 864, "size": "1536x864"}),
        (FREE, " 1536 × 864 ", {"width": 1536, "height": 864, "size": "1536x864"}),
        (FREE, "16:9", {"width": 1536, "height": 864, "size": "1536x864"}),
        (FREE, "2.39:1", {"width": 1952, "height": 816, "size": "1952x816"}),
        (FIXED, "1536x1024", {"width": 1536, "height": 1024, "size": "1536x1024"}),
        (FIXED, "3:2", {"width": 1536, "height": 1024, "size": "1536x1024"}),
        (WORDS, "wide_hd", {"width": 2048, "height": 1152, "size": "wide_hd"}),
        (WORDS, "1024x576", {"width": 1024, "height": 576, "size": "wide"}),
        (RATIOS, "16:9", {"aspect_ratio": "16:9"}),
        (RATIOS, "32:18", {"aspect_ratio": "16:9"}),
        (RESOLVED, "16:9", {"aspect_ratio": "16:9", "resolution": "1K"}),
        (RESOLVED, "4K", {"aspect_ratio": "1:1", "resolution": "4K"}),
    ],
)
def test_a_size_a_person_asks_for_is_taken_as_it_is(shape, size, values):
    assert exact(shape, size, 1.0, MOST_PIXELS).values == values


@pytest.mark.parametrize(
    ("shape", "size", "near"),
    [
        (FREE, "1920x1080", "1920x1088"),
        (FREE, "100x100", "816x816"),
        (FREE, "5:1", "nearest it makes is "),
        (FIXED, "2000x1000", "1536x1024"),
        (FIXED, "16:9", "1536x1024"),
        (WORDS, "2048x1024", "wide_hd"),
        (RATIOS, "4:5", "1:1"),
        (RATIOS, "1024x1024", "1:1"),
        (RESOLVED, "2048x1152", "16:9 at 2K"),
        (FREE, "huge", "16:9"),
        (FIXED, "auto", "1024x1024, 1536x1024"),
        (RESOLVED, "8K", "1:1, 16:9, 512"),
        (FREE, "0x100", "16:9"),
        (FREE, "1e9x1", "16:9"),
        (FREE, "", "16:9"),
    ],
)
def test_a_size_the_model_does_not_make_is_refused_naming_the_nearest(shape, size, near):
    with pytest.raises(UsageError) as caught:
        exact(shape, size, 1.0, MOST_PIXELS)
    assert repr(size) in str(caught.value)
    assert near in str(caught.value)
