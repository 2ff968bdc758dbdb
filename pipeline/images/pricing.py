"""What a picture costs: about, before it is asked for, and as exactly as the service says, afterwards. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.images.parameters import Fitted
from pipeline.images.shapes import Chosen
from pipeline.services.models import Price

_MEGAPIXEL = 1_000_000
# Of a picture whose size is not known before it is there: what services call 1K.
_USUAL_PIXELS = _MEGAPIXEL
USUAL_PROMPT_TOKENS = round(400 / 3.5)
"""Of a prompt as it is sent, the style's closing words and the ban on text with it: 400 characters at 3.5 a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensUsed:
    """How many tokens of each kind an answer says were used."""

    text_in: int = 0
    image_in: int = 0
    text_out: int = 0
    image_out: int = 0


def estimated_usd(price: Price | None, fitted: Fitted) -> float | None:
    """What a picture asked for with `fitted` costs, about; None where the catalog has no price for it.

    A prompt of USUAL_PROMPT_TOKENS is in it where the model is paid for reading one.
    """
    picture_usd = None if price is None else _picture_usd(price, fitted)
    read_usd = used_usd(price, TokensUsed(text_in=USUAL_PROMPT_TOKENS))
    return None if picture_usd is None else picture_usd + (read_usd or 0)


def usd_by_size(price: Price, aspect_ratio: float, pixels: float) -> dict[str, float]:
    """What the listed size nearest to this one costs, by the value of the parameter `price.by`; empty of no sizes.

    `aspect_ratio` is width over height. Near are two sizes by area and elongation: the distance is that in the plane of
    the natural logarithms of a size's pixels and of its long side over its short one.
    """

    def distance(size: str) -> float:
        width, height = map(int, size.split("x"))
        area, elongation = math.log(width * height / pixels), abs(math.log(width / height))
        return math.hypot(area, elongation - abs(math.log(aspect_ratio)))

    return price.sizes[min(price.sizes, key=distance)] if price.sizes else {}


def used_usd(price: Price | None, used: TokensUsed) -> float | None:
    """What the tokens cost; None where the catalog has no price for tokens."""
    if price is None or price.tokens is None:
        return None
    tokens = price.tokens
    counts = (
        (used.text_in, tokens.text_in),
        (used.image_in, tokens.image_in),
        (used.text_out, tokens.text_out),
        (used.image_out, tokens.image_out),
    )
    return sum(count * usd for count, usd in counts) / 1_000_000


def _picture_usd(price: Price, fitted: Fitted) -> float | None:
    """Without the prompt: by what is listed, else for one picture, else for its pixels."""
    pixels = fitted.shape.pixels or _USUAL_PIXELS
    listed = _listed_usd(price, fitted, pixels)
    if listed is not None:
        return listed
    if price.image is not None:
        return price.image
    if price.megapixel is None:
        return None
    begun = math.ceil(pixels / _MEGAPIXEL)
    first = price.megapixel if price.first_megapixel is None else price.first_megapixel
    return first + (begun - 1) * price.megapixel


def _listed_usd(price: Price, fitted: Fitted, pixels: int) -> float | None:
    """By sizes, else by the table; what the model chooses itself is taken for its medium."""
    value = str(fitted.values.get(price.by))
    listed = {**price.table, **usd_by_size(price, _ratio(fitted.shape), pixels)}
    return listed.get(value, listed.get("medium") if value == "auto" else None)


def _ratio(shape: Chosen) -> float:
    """Width over height."""
    values = shape.values
    if "aspect_ratio" in values:
        width, _, height = values["aspect_ratio"].partition(":")
        return float(width) / float(height)
    return float(values["width"] / values["height"])
