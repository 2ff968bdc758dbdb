"""What a picture costs: about, before it is asked for, and as exactly as the service says, afterwards. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipeline.images.parameters import Fitted
from pipeline.services.models import Price

_MEGAPIXEL = 1_000_000
# Of a picture whose size is not known before it is there: what services call 1K.
_USUAL_PIXELS = _MEGAPIXEL


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensUsed:
    """How many tokens of each kind an answer says were used."""

    text_in: int = 0
    image_in: int = 0
    text_out: int = 0
    image_out: int = 0


def estimated_usd(price: Price | None, fitted: Fitted) -> float | None:
    """What a picture asked for with `fitted` costs, about; None where the catalog has no price for it."""
    if price is None:
        return None
    listed = _listed_usd(price, fitted.values)
    if listed is not None:
        return listed
    if price.image is not None:
        return price.image
    if price.megapixel is None:
        return None
    begun = math.ceil((fitted.shape.pixels or _USUAL_PIXELS) / _MEGAPIXEL)
    first = price.megapixel if price.first_megapixel is None else price.first_megapixel
    return first + (begun - 1) * price.megapixel


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


def _listed_usd(price: Price, values: dict[str, Any]) -> float | None:
    """By the table; what the model chooses itself is taken for its medium."""
    value = str(values.get(price.by))
    return price.table.get(value, price.table.get("medium") if value == "auto" else None)
