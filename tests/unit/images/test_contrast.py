"""Text over a veiled picture can be read, whatever the picture shows, and the picture loses no more than it must."""

from __future__ import annotations

import random
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.images.contrast import veiled

SIZE = (160, 90)
TITLE, FOOT = (20, 20, 140, 40), (60, 70, 100, 80)
LIGHT_TEXTS, DARK_TEXTS = ("FFFFFF", "FFE08A", "C9D6F2", "F59E0B"), ("000000", "1F2937", "7F1D1D", "1D4ED8")


def noise(seed, low=0, high=255):
    rng = random.Random(seed)
    return Image.frombytes("RGB", SIZE, bytes(rng.randint(low, high) for _ in range(SIZE[0] * SIZE[1] * 3)))


def halves(left, right):
    picture = Image.new("RGB", SIZE, left)
    picture.paste(right, (SIZE[0] // 2, 0, *SIZE))
    return picture


def luminance(pixel):
    """Written out anew after https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in pixel))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def share_readable(picture, window, colour, ratio=4.5):
    """The share of a window's pixels that give text of a colour its contrast."""
    text = luminance(bytes.fromhex(colour))
    part = picture.crop(window)
    grounds = [luminance(part.getpixel((x, y))) for x in range(part.width) for y in range(part.height)]
    ratios = [(max(text, one) + 0.05) / (min(text, one) + 0.05) for one in grounds]
    return sum(one >= ratio for one in ratios) / len(ratios)


pictures = st.one_of(
    st.builds(noise, st.integers(0, 9), st.just(0), st.integers(60, 255)),
    st.builds(
        halves, st.sampled_from(["white", "black", "navy", "yellow"]), st.sampled_from(["white", "black", "red"])
    ),
)
text_sets = st.one_of(*(st.lists(st.sampled_from(kind), min_size=2, max_size=2) for kind in (LIGHT_TEXTS, DARK_TEXTS)))


@settings(max_examples=40, deadline=None)
@given(picture=pictures, colours=text_sets, ground=st.sampled_from(["FFFFFF", "0B1B3A", "2563EB", "777777"]))
def test_every_text_has_its_contrast_afterwards(picture, colours, ground):
    places = list(zip((TITLE, FOOT), colours, strict=True))
    result = veiled(picture, places, ground=ground)
    assert result.size == picture.size
    for window, colour in places:
        assert share_readable(result, window, colour) >= 0.99


@settings(max_examples=20, deadline=None)
@given(picture=pictures, colours=text_sets)
def test_what_was_veiled_once_is_not_veiled_again(picture, colours):
    places = list(zip((TITLE, FOOT), colours, strict=True))
    once = veiled(picture, places, ground="FFFFFF")
    again = veiled(once, places, ground="FFFFFF")
    # A rounding may ask for one level more.
    assert max(abs(a - b) for a, b in zip(once.tobytes(), again.tobytes(), strict=True)) <= 2


def test_a_picture_that_has_the_contrast_is_untouched():
    picture = halves("black", "white")
    places = [((10, 10, 40, 20), "FFFFFF"), ((110, 10, 140, 20), "000000")]
    assert veiled(picture, places, ground="FFFFFF").tobytes() == picture.tobytes()
    assert veiled(picture, [], ground="FFFFFF").tobytes() == picture.tobytes()


def test_text_that_is_light_and_dark_at_once_cannot_be_helped():
    assert veiled(noise(1), [(TITLE, "FFFFFF"), (FOOT, "000000")], ground="FFFFFF") is None


def test_nor_can_text_that_neither_black_nor_white_carries():
    assert veiled(noise(1), [(TITLE, "757575")], ground="FFFFFF", ratio=5) is None


@pytest.mark.parametrize(("colour", "is_darkened"), [("FFFFFF", True), ("000000", False)])
def test_the_text_decides_between_darker_and_lighter(colour, is_darkened):
    picture = noise(2)
    result = veiled(picture, [(TITLE, colour)], ground="2563EB")
    before, after = (one.convert("L").resize((1, 1)).getpixel((0, 0)) for one in (picture, result))
    assert (after < before) is is_darkened


def test_more_contrast_asked_for_is_a_thicker_veil():
    means = [
        veiled(noise(3), [(TITLE, "FFFFFF")], ground="000000", ratio=ratio).convert("L").resize((1, 1)).getpixel((0, 0))
        for ratio in (3, 4.5, 7)
    ]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == 3


def test_the_veil_is_of_the_slides_own_colour_where_that_carries_the_text():
    red, green, blue = veiled(Image.new("RGB", SIZE, "white"), [(TITLE, "FFFFFF")], ground="0B1B7A").getpixel((80, 30))
    assert blue > red + 20
    assert blue > green + 20


def test_the_veil_thins_out_without_a_step():
    picture = veiled(Image.new("RGB", (900, 500), "white"), [((60, 200, 300, 260), "FFFFFF")], ground="000000")
    levels = [picture.getpixel((x, 230))[0] for x in range(900)]
    assert levels[100] + 30 < levels[899]
    assert max(abs(a - b) for a, b in pairwise(levels)) <= 3


def test_jpeg_does_not_undo_it():
    result = veiled(noise(4), [(TITLE, "F59E0B")], ground="FFFFFF")
    data = BytesIO()
    result.save(data, "JPEG", quality=90, subsampling=0)
    assert share_readable(Image.open(data).convert("RGB"), TITLE, "F59E0B") >= 0.95


def test_a_transparent_picture_lies_on_the_slides_ground():
    picture = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    assert veiled(picture, [(TITLE, "FFFFFF")], ground="0B1B3A").getpixel((5, 5)) == (11, 27, 58)
