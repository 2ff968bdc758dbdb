"""The price by whatever the catalog gives first."""

from __future__ import annotations

import pytest

from pipeline.images.parameters import Fitted
from pipeline.images.pricing import TokensUsed, estimated_usd, used_usd
from pipeline.images.shapes import Chosen
from pipeline.services.models import Price


def fitted(pixels=None, **parameters):
    return Fitted(
        parameters=parameters, shape=Chosen(values={"aspect_ratio": "1:1", "resolution": "2K"}, pixels=pixels)
    )


def price(**data):
    return Price.model_validate(data)


TABLE = {"low": 0.01, "medium": 0.04}


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
        ({"reported": "usd"}, {}, None),
        ({"tokens": {"image_out": 30}}, {}, None),
    ],
)
def test_an_estimate_goes_by_table_then_image_then_megapixels(entry, asked, usd):
    assert estimated_usd(price(**entry), fitted(**asked)) == (None if usd is None else pytest.approx(usd))


def test_a_model_without_a_price_has_none():
    assert estimated_usd(None, fitted()) is None
    assert used_usd(None, TokensUsed()) is used_usd(price(image=1), TokensUsed()) is None


def test_tokens_are_paid_by_the_million():
    prices = price(tokens={"text_in": 5, "image_in": 8, "text_out": 10, "image_out": 30})
    assert used_usd(prices, TokensUsed(text_in=100, image_in=10, text_out=1, image_out=1000)) == pytest.approx(0.03059)
