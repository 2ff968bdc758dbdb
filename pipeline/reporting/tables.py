"""Tables of text: columns as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

GAP = "  "


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """One line a row, every column but the last padded; those of the indices `right` are flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def cell(text: str, index: int) -> str:
        return text.rjust(widths[index]) if index in right else text.ljust(widths[index])

    return [GAP.join(cell(text, index) for index, text in enumerate(row)).rstrip() for row in rows]


def dollars(usd: float | None) -> str:
    """US dollars with the figures that count: 0.0047, 0.16, 10; "?" where the price is not known."""
    return "?" if usd is None else f"{usd:.4f}".rstrip("0").rstrip(".") if usd < 10 else f"{usd:.0f}"


def ago(age: timedelta) -> str:
    """How long ago, in the largest unit that counts."""
    seconds = max(0.0, age.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
