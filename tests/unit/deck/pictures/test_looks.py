from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from pipeline.deck.pictures.looks import are_alike, look_of


def drawing(seed: int, *, flat: bool = False) -> Image.Image:
    picture = Image.new("RGB", (320, 240), (240, 240, 250))
    if flat:
        return picture
    draw = ImageDraw.Draw(picture)
    for step in range(6):
        left, top = (seed * 37 + step * 61) % 260, (seed * 53 + step * 29) % 180
        draw.ellipse((left, top, left + 60, top + 60), fill=((seed * 90 + step * 40) % 255, step * 40, 90))
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("flat", [False, True])
def test_the_same_picture_stored_anew_is_alike(flat: bool) -> None:
    picture = drawing(1, flat=flat)
    smaller = picture.resize((160, 120))
    original = look_of(encoded(picture))
    assert are_alike(original, look_of(encoded(picture, "JPEG", quality=60)))
    assert are_alike(original, look_of(encoded(smaller)))


def test_another_picture_is_not() -> None:
    looks = [look_of(encoded(drawing(seed))) for seed in range(1, 6)]
    assert not any(are_alike(one, other) for at, one in enumerate(looks) for other in looks[at + 1 :])


def test_what_is_no_picture_is_like_nothing() -> None:
    assert look_of(b"<svg/>") == ""
    assert not are_alike("", "")
