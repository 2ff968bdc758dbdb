"""The price by whatever the catalog gives first."""

from __future__ import annotations

import pytest

from pipeline.images.parameters import Fitted
from pipeline.images.pricing import USUAL_PROMPT_TOKENS, TokensUsed, estimated_usd, used_usd
from pipeline.images.shapes import Chosen
from pipeline.services.models import Price


def fitted(pixels=None, **parameters):
    return Fitted(
        parameters=parameters, shape=Chosen(values={"aspect_ratio": "1:1", "resolution": "2K"}, pixels=pixels)
    )


def price(**data):
    return Price.model_validate(data)


TABLE = {"low": 0.01, "medium": 0.04}
SIZES = {"1024x1024": {"low": 0.02, "medium": 0.05}}


@pytest.mark.parametrize(
    ("entry", "asked", "usd"),
    [
        ({"table": TABLE, "image": 1}, {"quality": "low"}, 0.01),
        ({"table": TABLE}, {"quality": "auto"}, 0.04),
        ({"table": {**TABLE, "auto": 0.02}}, {"quality": "auto"}, 0.02),
        ({"table": TABLE}, {"quality": "max"}, None),
        ({"table": TABLE, "image": 1}, {}, 1),
        ({"by": "resolution", "table": {"1K": 1, "2K": 2}}, {}, 2),
        ({"by": "steps", "table": {"4": 0.5}}, {"steps": 4}, 0.5),
        ({"megapixel": 0.01}, {"pixels": 1_000_000}, 0.01),
        ({"megapixel": 0.01}, {"pixels": 1_000_001}, 0.02),
        ({"megapixel": 0.01, "first_megapixel": 0.05}, {"pixels": 2_500_000}, 0.07),
        ({"megapixel": 0.01, "first_megapixel": 0}, {"pixels": 500_000}, 0),
        ({"megapixel": 0.01}, {}, 0.01),
        ({"sizes": SIZES, "table": TABLE}, {"quality": "low"}, 0.02),
        ({"sizes": SIZES}, {"quality": "auto"}, 0.05),
        ({"sizes": SIZES, "table": {"high": 0.3}}, {"quality": "high"}, 0.3),
        ({"sizes": SIZES, "image": 1}, {"quality": "max"}, 1),
        ({"sizes": SIZES}, {}, None),
        ({"reported": "usd"}, {}, None),
        ({"tokens": {"image_out": 30}}, {}, None),
    ],
)
def test_an_estimate_goes_by_sizes_then_table_then_image_then_megapixels(entry, asked, usd):
    assert estimated_usd(price(**entry), fitted(**asked)) == (None if usd is None else pytest.approx(usd))


@pytest.mark.parametrize("entry", [{"sizes": SIZES}, {"table": TABLE}, {"image": 0.03}, {"megapixel": 0.03}])
def test_a_usual_prompt_is_in_the_estimate_where_reading_it_is_paid(entry):
    asked = fitted(quality="low")
    plain = estimated_usd(price(**entry), asked)
    assert plain == estimated_usd(price(**entry, tokens={"image_out": 30}), asked)
    read_usd = estimated_usd(price(**entry, tokens={"text_in": 5}), asked) - plain
    assert read_usd == pytest.approx(USUAL_PROMPT_TOKENS * 5e-6)
    assert 100 <= USUAL_PROMPT_TOKENS <= 130


@pytest.mark.parametrize("entry", [{"sizes": SIZES}, {"table": TABLE}, {"image": 0}, {"megapixel": 1}])
def test_a_price_says_whether_it_tells_a_pictures(entry):
    assert price(**entry).is_of_pictures
    assert not price(tokens={"image_out": 30}, reported="usd").is_of_pictures


def test_a_model_without_a_price_has_none():
    assert estimated_usd(None, fitted()) is None
    assert used_usd(None, TokensUsed()) is used_usd(price(image=1), TokensUsed()) is None


def test_tokens_are_paid_by_the_million():
    prices = price(tokens={"text_in": 5, "image_in": 8, "text_out": 10, "image_out": 30})
    assert used_usd(prices, TokensUsed(text_in=100, image_in=10, text_out=1, image_out=1000)) == pytest.approx(0.03059)
