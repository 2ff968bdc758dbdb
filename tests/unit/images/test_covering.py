"""The veil is thick enough where the slide's text is, wherever that is on the picture."""

from __future__ import annotations

import pytest
from PIL import Image

from pipeline.errors import PictureError
from pipeline.images.covering import under_text
from pipeline.records import Cover, TextPlace
from tests.builders import box

SLIDE = box(0, 0, 13.333, 7.5)


def cover(*texts):
    return Cover(ground="FFFFFF", texts=tuple(TextPlace(box=where, colour=colour) for where, colour in texts))


def level(picture, left, top):
    """How light the picture is at a place given in inches."""
    return picture.convert("L").getpixel((int(left / 13.333 * picture.width), int(top / 7.5 * picture.height)))


def test_the_veil_lies_where_the_text_is():
    picture = Image.new("RGB", (800, 450), "black")
    result = under_text(picture, cover((box(1, 5.5, 4, 1), "000000")), SLIDE)
    # Black text has 4.5:1 from a grey of 117 on, by https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
    assert all(level(result, *place) >= 117 for place in ((1.05, 5.55), (4.9, 6.4), (3, 6)))
    assert level(result, 12, 0.5) < level(result, 3, 6) - 20


def test_text_beside_the_slide_and_text_that_runs_off_it_are_no_trouble():
    picture = Image.new("RGB", (800, 450), "black")
    beside = under_text(picture, cover((box(-5, 1, 4, 1), "000000"), (box(13.4, 1, 4, 1), "FFFFFF")), SLIDE)
    assert beside.tobytes() == picture.tobytes()
    assert level(under_text(picture, cover((box(-5, 1, 9, 1), "000000")), SLIDE), 0.01, 1.5) >= 117


def test_light_and_dark_text_together_fail_the_slide():
    picture = Image.effect_noise((80, 45), 100).convert("RGB")
    with pytest.raises(PictureError, match="light and dark"):
        under_text(picture, cover((box(1, 1, 4, 1), "000000"), (box(1, 4, 4, 1), "FFFFFF")), SLIDE)
