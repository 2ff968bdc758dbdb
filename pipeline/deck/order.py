"""The order a person reads a slide in, which is seldom the order its shapes were drawn in."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.deck.shapes import PlacedShape

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug"})

_SAME_ROW = 1 / 25
"""Shapes whose tops differ by less than this share of the slide's height stand in one row."""


def in_reading_order(shapes: Sequence[PlacedShape], slide_height_emu: int, language: str) -> list[PlacedShape]:
    """Row by row from the top, within a row from where the language begins; shapes without a place come last.

    The shape tree is no help: it is the order of drawing, and in real decks often starts at the bottom.
    """
    placed = [(one.shape.box, one) for one in shapes if one.shape.box is not None]
    direction = -1 if language in _RIGHT_TO_LEFT else 1
    rows: list[tuple[int, list[tuple[int, PlacedShape]]]] = []
    for box, one in sorted(placed, key=lambda entry: entry[0].top_emu):
        if not rows or box.top_emu - rows[-1][0] > slide_height_emu * _SAME_ROW:
            rows.append((box.top_emu, []))
        rows[-1][1].append((box.left_emu * direction, one))
    ordered = [one for _, row in rows for _, one in sorted(row, key=lambda entry: entry[0])]
    return ordered + [one for one in shapes if one.shape.box is None]
