"""What an answer itself says it cost. Pure."""

from __future__ import annotations

from typing import Any

from pipeline.services.expressions import look_up
from pipeline.services.models import Price


def reported_usd(price: Price | None, *answers: Any) -> float | None:
    """What the first of `answers` that tells says was charged, in US dollars; None where none does."""
    if price is None or price.reported is None:
        return None
    for answer in answers:
        found = amount(look_up(price.reported, answer))
        if found is not None:
            return found * price.reported_usd
    return None


def amount(found: Any) -> float | None:
    """What was found as an amount of money: a number, or a text that is one; None for anything else."""
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and 0 <= found < 1e9 else None
