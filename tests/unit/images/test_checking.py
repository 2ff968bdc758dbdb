"""Nothing counts as a picture before it is decoded whole, has a sane size and shows something."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.errors import FailureKind, ServiceError
from pipeline.images.checking import checked


def drawn(mode="RGB", size=(120, 80)):
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    rng = random.Random(3)
    for _ in range(30):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        draw.ellipse((x, y, x + 30, y + 20), fill=tuple(rng.randbytes(3)))
    return image.convert(mode)


def encoded(image, kind, **options):
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claiming(width, height):
    """A few bytes of PNG that say they are a picture of this size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


GOOD = {
    "png": encoded(drawn(), "PNG"),
    "jpeg": encoded(drawn(), "JPEG"),
    "progressive jpeg": encoded(drawn(), "JPEG", progressive=True),
    "cmyk jpeg": encoded(drawn("CMYK"), "JPEG"),
    "grey jpeg": encoded(drawn("L"), "JPEG"),
    "webp": encoded(drawn(), "WEBP"),
    "gif": encoded(drawn("P"), "GIF"),
    "palette png": encoded(drawn("P"), "PNG"),
    "grey png": encoded(drawn("L"), "PNG"),
    "black and white png": encoded(drawn("1"), "PNG"),
    "opaque rgba png": encoded(drawn("RGBA"), "PNG"),
}


def refused(data):
    with pytest.raises(ServiceError) as caught:
        checked(data)
    assert caught.value.kind is FailureKind.EMPTY
    assert len(str(caught.value)) < 250
    return str(caught.value)


@pytest.mark.parametrize("name", GOOD)
def test_every_usual_kind_of_picture_becomes_plain_rgb(name):
    picture = checked(GOOD[name])
    assert picture.mode == "RGB"
    assert picture.size == (120, 80)


def test_a_cmyk_picture_keeps_its_colours():
    red = Image.new("RGB", (100, 100), (200, 30, 30))
    red.paste((255, 255, 255), (0, 0, 50, 100))
    r, g, b = checked(encoded(red.convert("CMYK"), "JPEG")).getpixel((75, 50))
    assert r > 150
    assert max(g, b) < 80


def test_transparency_is_kept_where_there_is_any():
    image = drawn("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 20, 20))
    assert checked(encoded(image, "PNG")).mode == "RGBA"
    assert checked(encoded(image, "WEBP", lossless=True)).mode == "RGBA"
    palette = drawn("P")
    assert checked(encoded(palette, "PNG", transparency=palette.getpixel((5, 5)))).mode == "RGBA"


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped_to_white():
    levels = struct.pack("<100H", *range(0, 65_500, 655))
    image = Image.frombytes("I;16", (100, 100), levels * 100)
    picture = checked(encoded(image, "PNG"))
    assert picture.getpixel((50, 50))[0] == pytest.approx(127, abs=2)


@pytest.mark.parametrize("name", ["png", "jpeg", "progressive jpeg", "webp", "palette png"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_picture_that_was_cut_off_is_refused(name, share):
    refused(GOOD[name][: int(len(GOOD[name]) * share)])


@pytest.mark.parametrize(
    "data", [b"", b"Service unavailable", b"<html>", b'{"error": 1}', b"%PDF-1.7", b"\0" * 100, b"BM" + bytes(100)]
)
def test_what_is_no_picture_is_refused(data):
    assert "nothing usable" in refused(data)


def test_a_kind_of_picture_no_service_sends_is_refused_though_pillow_could_read_it():
    refused(encoded(drawn(), "TIFF"))
    refused(encoded(drawn(), "BMP"))


@pytest.mark.parametrize("size", [(1, 1), (63, 500), (500, 63)])
def test_a_picture_too_small_to_see_is_refused(size):
    assert f"{size[0]} x {size[1]} px" in refused(encoded(drawn(size=size), "PNG"))


@pytest.mark.parametrize(
    "blank",
    [
        Image.new("RGB", (100, 100), "white"),
        Image.new("RGB", (100, 100), "black"),
        Image.new("L", (100, 100), 128),
        Image.new("P", (100, 100)),
        Image.new("1", (100, 100)),
        Image.new("RGBA", (100, 100), (255, 255, 255, 255)),
        Image.new("RGBA", (100, 100), (0, 0, 0, 0)),
        Image.new("LA", (100, 100), (9, 9)),
    ],
    ids=["white", "black", "grey", "palette", "bits", "opaque white", "transparent", "faint grey"],
)
def test_a_blank_picture_is_refused(blank):
    assert "blank" in refused(encoded(blank, "PNG"))


def test_colours_hidden_under_full_transparency_are_blank_too():
    hidden = drawn("RGBA")
    hidden.putalpha(0)
    assert "blank" in refused(encoded(hidden, "PNG"))


def test_a_picture_too_faint_to_be_seen_is_blank():
    faint = drawn("RGBA")
    faint.putalpha(Image.new("L", faint.size).point(lambda _: 9))
    faint.putpixel((60, 40), (0, 0, 0, 15))
    assert "blank" in refused(encoded(faint, "PNG"))


def test_a_silhouette_of_one_colour_is_a_picture():
    image = Image.new("RGBA", (120, 80))
    ImageDraw.Draw(image).ellipse((40, 20, 80, 60), fill=(0, 0, 0, 255))
    assert checked(encoded(image, "PNG")).mode == "RGBA"


@pytest.mark.parametrize("side", [5000, 12_000, 30_000, 2**31 - 1])
def test_a_small_file_that_claims_to_be_huge_is_refused_unopened(side):
    refused(claiming(side, side))


@pytest.mark.parametrize("size", [(3840, 2160), (2160, 3840)])
def test_the_largest_picture_a_model_makes_is_accepted(size):
    image = Image.new("P", size)
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.paste(1, (0, 0, 1000, 1000))
    assert checked(encoded(image, "PNG", compress_level=1)).size == size


def test_the_type_is_told_by_the_bytes():
    assert checked(GOOD["webp"]).size == checked(GOOD["gif"]).size


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_whatever_happened_to_the_bytes_the_answer_is_a_picture_or_a_refusal(name, data):
    damaged = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    try:
        picture = checked(bytes(damaged[:cut]))
    except ServiceError as error:
        assert error.kind is FailureKind.EMPTY  # noqa: PT017 - a damaged file may also still be a picture
    else:
        assert picture.mode in ("RGB", "RGBA")
