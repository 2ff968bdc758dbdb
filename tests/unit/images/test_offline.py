"""What a user may rely on of the pictures that are drawn without a service."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from pipeline.images.offline import LONGEST_SIDE_PX, OfflineImages
from pipeline.records import ImageRequest, Theme

OFFICE = Theme(
    background="FFFFFF",
    text="000000",
    accents=("4472C4", "ED7D31", "A5A5A5", "FFC000", "5B9BD5", "70AD47"),
    heading_font="Calibri Light",
    body_font="Calibri",
)
REQUEST = ImageRequest(
    prompt="A calm composition around a cloud and a padlock",
    subject="A calm composition around a cloud and a padlock",
    aspect_ratio=16 / 9,
    width_px=1600,
    style="flat",
    theme=OFFICE,
    seed=1,
)
COLOUR = st.integers(0, 0xFFFFFF).map(lambda value: f"{value:06X}")


def draw(request: ImageRequest) -> bytes:
    return OfflineImages().generate(request, 10.0).data


def picture(request: ImageRequest) -> Image.Image:
    return Image.open(io.BytesIO(draw(request)))


def test_a_picture_costs_nothing_and_says_who_drew_it() -> None:
    image = OfflineImages().generate(REQUEST, 10.0)
    assert (image.provider, image.model, image.cost_usd) == ("offline", "", 0.0)
    assert OfflineImages().estimate_usd(1.0) == 0.0
    assert not OfflineImages().is_remote


def test_the_same_request_always_gives_the_same_picture() -> None:
    assert draw(REQUEST) == draw(REQUEST)


def test_pictures_drawn_at_the_same_time_do_not_disturb_one_another() -> None:
    requests = [replace(REQUEST, seed=seed, aspect_ratio=3.0) for seed in range(4)]
    alone = [draw(request) for request in requests]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, requests)) == alone


def test_slides_with_different_seeds_look_different() -> None:
    small = [picture(replace(REQUEST, seed=seed, aspect_ratio=3.0)).resize((96, 32)) for seed in range(8)]
    differences = [
        sum(ImageStat.Stat(ImageChops.difference(one, other)).mean)
        for index, one in enumerate(small)
        for other in small[:index]
    ]
    assert min(differences) > 5


def test_slides_with_different_subjects_differ() -> None:
    assert draw(REQUEST) != draw(replace(REQUEST, subject="A calm composition around a ship"))


@pytest.mark.parametrize("seed", range(8))
def test_a_slide_no_word_of_which_is_known_gets_a_picture_that_is_not_blank(seed: int) -> None:
    image = picture(replace(REQUEST, subject="A calm abstract composition of soft shapes", seed=seed, aspect_ratio=3.0))
    assert max(ImageStat.Stat(image).stddev) > 4


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=st.floats(1 / 3, 3), seed=st.integers(0, 2**32 - 1), style=st.sampled_from(["", "flat", "isometric"]))
def test_any_shape_from_one_to_three_to_three_to_one_is_exact(shape: float, seed: int, style: str) -> None:
    width, height = picture(replace(REQUEST, aspect_ratio=shape, seed=seed, style=style)).size
    assert width == min(1600, round(LONGEST_SIDE_PX * shape))
    assert abs(width - height * shape) <= max(1.0, shape)


def test_no_more_is_drawn_than_the_slot_can_show() -> None:
    assert picture(replace(REQUEST, width_px=640)).size == (640, 360)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(background=COLOUR, text=COLOUR, accents=st.lists(COLOUR, max_size=6), seed=st.integers(0, 99))
def test_every_theme_however_odd_gives_a_picture_with_something_on_it(
    background: str, text: str, accents: list[str], seed: int
) -> None:
    theme = replace(OFFICE, background=background, text=text, accents=tuple(accents))
    image = picture(replace(REQUEST, theme=theme, aspect_ratio=3.0, seed=seed))
    assert max(ImageStat.Stat(image).stddev) > 4


def test_the_chosen_style_shows_in_the_picture() -> None:
    assert len({draw(replace(REQUEST, style=style, aspect_ratio=3.0)) for style in ("flat", "isometric", "photo")}) == 3
