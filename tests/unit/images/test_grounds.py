"""An isolated subject shows no rectangle round it, whatever the model made of the colour it was asked for."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pipeline.images.grounds import matched, without_fringe

NAVY = "0F172A"
CORNERS = ((0, 0), (299, 0), (0, 199), (299, 199), (150, 0))


def subject_on(ground):
    picture = Image.new("RGB", (300, 200), ground)
    ImageDraw.Draw(picture).ellipse((100, 50, 200, 150), fill=(240, 160, 40))
    return picture


@pytest.mark.parametrize("off", [(0, 0, 0), (7, 9, 12), (-10, 20, 30)])
def test_a_ground_that_is_a_little_off_becomes_the_slide_s_own(off):
    ground = tuple(max(0, level + one) for level, one in zip(bytes.fromhex(NAVY), off, strict=True))
    result = matched(subject_on(ground), NAVY)
    assert {result.getpixel(corner) for corner in CORNERS} == {tuple(bytes.fromhex(NAVY))}
    assert result.getpixel((150, 100)) == (240, 160, 40), "the subject keeps its colours"


def test_grain_and_a_soft_shadow_on_the_ground_stay_smooth():
    grain = Image.frombytes("RGB", (300, 200), bytes(random.Random(2).choices(range(6), k=300 * 200 * 3)))
    picture = ImageChops.add(subject_on((238, 238, 238)), grain)
    shadow = Image.new("L", picture.size)
    ImageDraw.Draw(shadow).ellipse((90, 140, 210, 170), fill=120)
    picture.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(10)))
    result = matched(picture, "FFFFFF").convert("L")
    column = [result.getpixel((150, y)) for y in range(160, 200)]
    assert column[-1] >= 250
    assert max(abs(one - other) for one, other in pairwise(column)) < 24


@pytest.mark.parametrize(
    "picture",
    [
        subject_on((200, 60, 60)),
        Image.effect_noise((300, 200), 90).convert("RGB"),
        Image.linear_gradient("L").resize((300, 200)).convert("RGB"),
        subject_on((20, 25, 45)).convert("RGBA"),
    ],
    ids=["another colour", "a scene", "a gradient", "transparent"],
)
def test_any_other_picture_stays_as_it_is(picture):
    assert matched(picture, NAVY).tobytes() == picture.tobytes()


def test_transparent_pixels_take_their_neighbours_colour_and_nothing_that_is_seen_changes():
    picture = Image.new("RGBA", (300, 200))
    ImageDraw.Draw(picture).ellipse((100, 50, 200, 150), fill=(240, 160, 40, 255))
    result = without_fringe(picture)
    assert result.getchannel("A").tobytes() == picture.getchannel("A").tobytes()
    for ground in ("white", "navy"):
        before, after = (
            Image.alpha_composite(Image.new("RGBA", picture.size, ground), one) for one in (picture, result)
        )
        assert before.tobytes() == after.tobytes()
    red, green, blue, opacity = result.getpixel((97, 100))
    assert opacity == 0
    assert (red, green, blue) == pytest.approx((240, 160, 40), abs=3)


def test_colour_and_opacity_scaled_apart_draw_no_dark_line():
    picture = Image.new("RGBA", (300, 200))
    ImageDraw.Draw(picture).ellipse((100, 50, 200, 150), fill=(240, 230, 220, 255))
    result = without_fringe(picture)
    half = (150, 100)
    seen = Image.new("RGB", half, "white")
    seen.paste(result.convert("RGB").resize(half, Image.Resampling.BOX), mask=result.getchannel("A").resize(half))
    assert min(low for low, _ in seen.getextrema()) >= 217
