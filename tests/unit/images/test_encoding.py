"""A file is of the kind its name says, whatever the service sent."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from pipeline.images.encoding import encoded_as, suffix_of
from tests.fakes.pictures import picture as drawn


def kind(data):
    return Image.open(BytesIO(data)).format


@pytest.mark.parametrize(("kept", "suffix"), [("png", ".png"), ("jpeg", ".jpg"), ("webp", ".webp")])
def test_the_suffix_is_told_by_the_bytes(kept, suffix):
    assert suffix_of(drawn("a kite", 64, 64, kept)) == suffix


@pytest.mark.parametrize(
    ("suffix", "wanted"), [(".jpg", "JPEG"), (".JPEG", "JPEG"), (".webp", "WEBP"), (".png", "PNG")]
)
def test_another_kind_is_made_of_what_it_shows(suffix, wanted):
    source = Image.effect_noise((64, 80), 60).convert("RGB")
    buffer = BytesIO()
    source.save(buffer, "GIF")
    data = encoded_as(buffer.getvalue(), source, suffix)
    assert kind(data) == wanted
    assert Image.open(BytesIO(data)).size == (64, 80)


def test_what_is_of_that_kind_already_is_kept_to_the_byte():
    data = drawn("a kite", 64, 64, "jpeg")
    assert encoded_as(data, Image.new("RGB", (64, 64)), ".jpeg") is data


def test_what_is_transparent_is_white_in_a_jpeg():
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    buffer = BytesIO()
    clear.save(buffer, "PNG")
    found = Image.open(BytesIO(encoded_as(buffer.getvalue(), clear, ".jpg")))
    assert min(found.getpixel((32, 32))) >= 250
