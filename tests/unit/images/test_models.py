"""Every model gets a size it takes, near the slot's shape; a wrong quality is refused before money flows."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.config.settings import Settings
from pipeline.errors import UsageError
from pipeline.images.models import FreeSizes, ImageModel, _catalog, find_image_model

CATALOG = _catalog("openai")
ENTRIES = {**CATALOG.models, "fallback": CATALOG.fallback}
RATIOS = st.floats(1 / 3, 3)


@pytest.mark.parametrize("name", ENTRIES)
@given(ratio=RATIOS, width_px=st.integers(100, 4000))
def test_any_slot_gets_a_size_the_model_takes(name, ratio, width_px):
    entry = ENTRIES[name]
    width, height = entry.size_for(ratio, width_px)
    if isinstance(entry.sizes, FreeSizes):
        bounds = entry.sizes
        assert width % bounds.multiple_of == height % bounds.multiple_of == 0
        assert bounds.min_pixels <= width * height <= bounds.max_pixels
        assert max(width, height) <= bounds.max_edge
        assert max(width, height) <= bounds.max_ratio * min(width, height)
    else:
        assert f"{width}x{height}" in entry.sizes


@given(RATIOS, st.integers(900, 2400))
def test_a_model_with_free_sizes_comes_near_the_shape_and_the_pixels_the_slot_can_show(ratio, width_px):
    width, height = find_image_model("openai", Settings().images.model).size_for(ratio, width_px)
    assert abs(math.log(width / height / ratio)) < 0.03
    wanted = min(max(width_px * width_px / ratio, 655_360), 1536 * 1024)
    assert 0.8 < width * height / wanted < 1.25


@pytest.mark.parametrize(
    ("ratio", "size"),
    [(1.0, (1024, 1024)), (1.5, (1536, 1024)), (2.9, (1536, 1024)), (0.4, (1024, 1536)), (1.1, (1024, 1024))],
)
def test_a_model_with_fixed_sizes_gives_the_nearest(ratio, size):
    assert CATALOG.fallback.size_for(ratio, 1200) == size


@pytest.mark.parametrize("ratio", [0.01, 100.0])
def test_a_shape_no_model_makes_gets_the_nearest_there_is(ratio):
    width, height = find_image_model("openai", "gpt-image-2").size_for(ratio, 1200)
    assert max(width, height) / min(width, height) == pytest.approx(3, rel=0.02)
    assert (width > height) == (ratio > 1)


def test_a_wrong_quality_names_setting_model_and_what_it_takes():
    entry = find_image_model("openai", "gpt-image-2")
    with pytest.raises(UsageError, match=r"images\.quality: gpt-image-2 takes auto, low, medium, high, not 'max'"):
        entry.check_quality("gpt-image-2", "max")
    entry.check_quality("gpt-image-2", "high")


def test_the_default_model_is_in_the_catalog_with_its_quality_and_price_and_is_not_about_to_go():
    images = Settings().images
    entry = CATALOG.models[images.model]
    entry.check_quality(images.model, images.quality)
    assert entry.usd_per_image[images.quality] > 0
    assert entry.retires is None


def test_an_unknown_model_is_passed_on_so_that_compatible_servers_work():
    entry = find_image_model("openai", "some-local-model")
    entry.check_quality("some-local-model", "whatever")
    assert entry is CATALOG.fallback
    assert entry.usd_per_image == {}


@pytest.mark.parametrize("name", CATALOG.models)
def test_every_entry_has_a_price_for_each_quality_it_takes(name):
    entry = CATALOG.models[name]
    assert set(entry.usd_per_image) == set(entry.qualities) - {"auto"}
    assert entry.prompt_limit_chars >= 1000
    assert entry.retires is None or entry.retires > date(2026, 1, 1)


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("gpt-image-2.5-flare", True),
        ("gpt-image-2.5-sunburst-2026-09-08", True),
        ("gpt-image-2.6-flare", False),
        ("gpt-image-2", False),
        ("some-local-model", False),
    ],
)
def test_transparency_is_asked_only_where_the_service_documents_it(name, is_taken):
    assert find_image_model("openai", name).takes_transparency is is_taken


@pytest.mark.parametrize("sizes", [["1024"], ["axb"], {"multiple_of": 16}, ["1024x1024", "1x"]], ids=str)
def test_a_catalog_that_is_wrong_is_refused_when_read(sizes):
    with pytest.raises(ValidationError):
        ImageModel.model_validate({"prompt_limit_chars": 1, "sizes": sizes})
