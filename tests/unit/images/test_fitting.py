"""A picture leaves in its slot's shape, never stretched or blown up, and as small as its content allows."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.images.fitting import fit_to_slot
from pipeline.images.saliency import weigh
from pipeline.planning.cropping import best_crop
from pipeline.records import Cover, TextPlace
from tests.builders import box


def photo(width, height):
    """As many colours as pixels."""
    return Image.frombytes("RGB", (width, height), random.Random(5).randbytes(width * height * 3))


def flat(width, height, mode="RGB"):
    image = Image.new(mode, (width, height), "white")
    image.paste("navy", (0, 0, width // 3, height // 2))
    return image


def fitted(picture, slot, max_px_per_in=200):
    return fit_to_slot(
        picture, best_crop(*picture.size, slot.aspect_ratio, *weigh(picture)), slot, max_px_per_in=max_px_per_in
    )


def opened(result):
    image = Image.open(BytesIO(result.data))
    assert image.size == (result.width_px, result.height_px)
    return image


def test_a_photo_becomes_jpeg():
    result = fitted(photo(600, 400), box(0, 0, 3, 2))
    assert (result.extension, opened(result).format) == ("jpg", "JPEG")


def test_a_drawing_becomes_png_and_loses_nothing():
    result = fitted(flat(600, 400), box(0, 0, 3, 2))
    assert (result.extension, opened(result).format) == ("png", "PNG")
    assert opened(result).convert("RGB").tobytes() == flat(600, 400).tobytes()


def test_a_transparent_picture_stays_transparent():
    picture = photo(300, 300)
    picture.putalpha(100)
    result = fitted(picture, box(0, 0, 2, 2))
    assert result.extension == "png"
    assert opened(result).mode == "RGBA"


@pytest.mark.parametrize(("limit", "width"), [(200, 600), (100, 300), (600, 1200)])
def test_it_is_no_finer_than_asked_and_never_blown_up(limit, width):
    result = fitted(flat(1200, 800), box(0, 0, 3, 2), limit)
    assert result.width_px == width
    assert result.height_px == round(width / 1.5)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(64, 900), st.integers(64, 900), st.floats(0.5, 6), st.floats(0.5, 6), st.sampled_from([50, 200, 600])
)
def test_the_shape_is_the_slots_to_a_pixel_and_no_side_grows(width, height, across_in, down_in, limit):
    slot = box(0, 0, across_in, down_in)
    result = fitted(flat(width, height), slot, limit)
    assert result.width_px <= width
    assert result.height_px <= height
    assert result.width_px <= max(1, 1.05 * round(across_in * limit))
    ratio = slot.aspect_ratio
    assert abs(result.height_px - result.width_px / ratio) <= 1 or abs(result.width_px - result.height_px * ratio) <= 1


def test_only_the_window_is_seen():
    picture = flat(300, 300)
    result = fit_to_slot(picture, (0, 0, 100, 100), box(0, 0, 3, 3), max_px_per_in=200)
    assert opened(result).convert("RGB").getcolors() == [(100 * 100, (0, 0, 128))]


def test_a_cover_is_veiled_where_its_text_stands():
    where = box(0, 0, 3, 2)
    cover = Cover(ground="FFFFFF", texts=(TextPlace(box=box(0.5, 0.5, 1, 0.5), colour="000000"),))
    dark = Image.new("RGB", (300, 200), "navy")
    plain, veiled = (
        opened(fit_to_slot(dark, (0, 0, 300, 200), where, max_px_per_in=100, cover=one)).convert("L")
        for one in (None, cover)
    )
    assert veiled.getpixel((100, 75)) > 117 > plain.getpixel((100, 75)), "black reads on a grey of 117 and lighter"
