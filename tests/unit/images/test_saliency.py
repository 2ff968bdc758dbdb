"""What stands out in a picture is found, and the cut keeps it."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from pipeline.images.saliency import weigh
from pipeline.planning.cropping import best_crop

WIDE, HIGH = 960, 540


def landscape():
    """Sky over land: a strong edge all across that says nothing of left and right."""
    picture = Image.new("RGB", (WIDE, HIGH), (150, 190, 230))
    picture.paste((70, 110, 60), (0, 330, WIDE, HIGH))
    return picture.filter(ImageFilter.GaussianBlur(6))


def with_face(picture, x, y):
    """Skin, hair and eyes; of any colour of skin."""
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - 70, y - 100, x + 70, y + 60), fill=(50, 35, 30))
    draw.ellipse((x - 55, y - 70, x + 55, y + 80), fill=(190, 140, 115))
    for eye in (-22, 22):
        draw.ellipse((x + eye - 8, y - 15, x + eye + 8, y - 3), fill=(30, 25, 25))
    return picture


def noise():
    return Image.frombytes("RGB", (WIDE, HIGH), random.Random(11).randbytes(WIDE * HIGH * 3))


def cut(picture, ratio=1.0):
    return best_crop(*picture.size, ratio, *weigh(picture))


@pytest.mark.parametrize("x", [90, WIDE // 3, WIDE // 2, WIDE - 150])
@pytest.mark.parametrize(
    "ground", [landscape(), Image.new("RGB", (WIDE, HIGH), "white"), Image.new("RGB", (WIDE, HIGH))]
)
def test_a_face_stays_whole_in_a_square_cut(ground, x):
    left, _, right, _ = cut(with_face(ground.copy(), x, 260))
    assert left <= max(0, x - 70)
    assert right >= min(WIDE, x + 70)


def test_a_bright_thing_at_the_left_third_stays_whole():
    picture = landscape()
    ImageDraw.Draw(picture).ellipse((220, 180, 400, 360), fill=(255, 210, 40))
    left, _, right, _ = cut(picture)
    assert left <= 220
    assert right >= 400


def test_what_is_sharp_counts_more_than_what_is_out_of_focus():
    picture = noise().crop((0, 0, 240, 135)).resize((WIDE, HIGH)).filter(ImageFilter.GaussianBlur(24))
    picture.paste(noise().crop((0, 0, 60, 60)).resize((200, 200), Image.Resampling.NEAREST), (700, 150))
    left, _, right, _ = cut(picture)
    assert left <= 700
    assert right >= 860, "at least four fifths of it; the soft ground shows something too"


def test_in_a_tall_picture_the_cut_moves_up_to_a_face():
    picture = with_face(Image.new("RGB", (HIGH, WIDE), (200, 205, 210)), 270, 200)
    _, top, _, bottom = cut(picture)
    assert top <= 100
    assert bottom >= 280


@pytest.mark.parametrize(
    "picture",
    [Image.new("RGB", (WIDE, HIGH), "navy"), noise(), landscape(), Image.new("RGBA", (WIDE, HIGH), (9, 9, 9, 0))],
    ids=["flat", "noise", "landscape", "transparent"],
)
def test_where_nothing_stands_out_the_cut_stays_in_the_middle(picture):
    assert cut(picture)[0] == pytest.approx((WIDE - HIGH) / 2, abs=WIDE / 20)


def test_a_flat_picture_weighs_nothing():
    columns, rows = weigh(Image.new("RGB", (WIDE, HIGH), "navy"))
    assert sum(columns) == sum(rows) == 0


def test_what_cannot_be_seen_weighs_nothing():
    """Services leave all sorts of colours under full transparency."""
    hidden = noise()
    hidden.putalpha(0)
    hidden.paste((200, 30, 30, 255), (650, 200, 850, 400))
    columns, _ = weigh(hidden)
    seen = columns[len(columns) * 6 // 10 :]
    assert sum(seen) == sum(columns) > 0
    left, _, right, _ = cut(hidden)
    assert left <= 650
    assert right >= 850


def test_a_silhouette_in_the_grey_of_its_ground_is_seen_by_its_shape():
    picture = Image.new("RGBA", (WIDE, HIGH), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((700, 150, 900, 350), fill=(128, 128, 128, 255))
    assert cut(picture)[2] >= 900


def test_the_same_picture_always_weighs_the_same_and_a_mirrored_one_mirrored():
    picture = with_face(landscape(), 300, 260)
    assert weigh(picture) == weigh(picture.copy())
    left, _, right, _ = cut(picture)
    mirrored_left, _, mirrored_right, _ = cut(ImageOps.mirror(picture))
    assert (mirrored_left, mirrored_right) == pytest.approx((WIDE - right, WIDE - left), abs=12)
