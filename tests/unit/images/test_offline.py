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
from pipeline.records import Ground, ImageRequest, Theme

OFFICE = Theme(
    background="FFFFFF",
    text="000000",
    accents=("4472C4", "ED7D31", "A5A5A5", "FFC000", "5B9BD5", "70AD47"),
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
    assert OfflineImages().estimate_usd(1.0, 1024) == 0.0
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


ALONE = replace(REQUEST, ground=Ground.TRANSPARENT)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [0.6, 1.0, 2.4])
def test_a_subject_on_nothing_is_whole_and_shows_no_rectangle(seed: int, shape: float) -> None:
    image = picture(replace(ALONE, seed=seed, aspect_ratio=shape, width_px=480))
    assert image.mode == "RGBA"
    opacity = image.getchannel("A")
    assert opacity.getextrema() == (0, 255)
    left, top, right, bottom = opacity.point(lambda level: 255 if level > 128 else 0).getbbox() or (0, 0, 0, 0)
    inside = opacity.crop((2, 2, image.width - 2, image.height - 2))
    shown = sum(opacity.histogram()[1:]) - sum(inside.histogram()[1:])
    assert shown < 0.02 * 4 * (image.width + image.height), "next to nothing touches the edges"
    assert (right - left) * (bottom - top) > 0.25 * image.width * image.height or shape > 2


@pytest.mark.parametrize("background", ["FFFFFF", "0F172A", "7F1D1D"])
def test_a_subject_on_the_slide_s_colour_stands_on_exactly_that(background: str) -> None:
    theme = replace(OFFICE, background=background)
    for seed in range(4):
        image = picture(replace(ALONE, ground=Ground.PLAIN, theme=theme, seed=seed, width_px=320))
        assert image.getpixel((0, 0)) == tuple(bytes.fromhex(background))


@pytest.mark.parametrize("background", ["FFFFFF", "0F172A"])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_drawn_on_nothing_stands_out_on_the_slide(background: str, seed: int) -> None:
    image = picture(replace(ALONE, theme=replace(OFFICE, background=background), seed=seed, width_px=320))
    on_slide = Image.new("RGB", image.size, f"#{background}")
    on_slide.paste(image, mask=image.getchannel("A"))
    assert max(ImageStat.Stat(on_slide).stddev) > 4


def test_the_chosen_style_shows_in_the_picture() -> None:
    assert len({draw(replace(REQUEST, style=style, aspect_ratio=3.0)) for style in ("flat", "isometric", "photo")}) == 3


@pytest.mark.parametrize("style", ["flat", "isometric"])
def test_behind_a_title_there_is_no_icon_for_the_words_to_stand_on(style) -> None:
    cover = replace(REQUEST, is_cover=True, style=style)
    assert draw(cover) == draw(replace(cover, subject="A calm composition around a lighthouse"))
    assert draw(cover) != draw(replace(cover, is_cover=False))
