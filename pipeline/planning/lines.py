"""The lines a design keeps to along one axis, and what it is worth to keep to each. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pipeline.records import EMU_PER_INCH, Box

# What it is worth to end where the layout's placeholders end, where shapes on the slide end, where a text begins. Below
# a heading something else begins: there is more to where that begins.
_LAYOUT, _SHAPE, _TEXT, _UNDER_HEADING = 1.0, 0.8, 0.7, 0.6
# The margins that are set are a design's own only where it shows no other.
_MARGIN, _MARGIN_BESIDE_LINES = 0.4, 0.1
# What both sides of a picture in the very middle are worth at least, where what is said is centred too.
_CENTRED = 0.8
# Twice how far from the slide's middle the middle of a centred line may be, as a share of the width.
_OFF_MIDDLE_SHARE = 0.06
# Nobody sees a side miss a line by a hair; by a little more it looks like a mistake.
_HAIR_EMU, _AS_GOOD = round(0.05 * EMU_PER_INCH), 0.8
_NEAR_MISS_EMU, _NEAR_MISS = round(0.12 * EMU_PER_INCH), -0.3
# A side moves inward by so much of the length at most to meet a line; so many lines are tried for each, the more a
# line is worth and the nearer it is, the sooner; so many spans between them are kept.
_INWARD_SHARE, _LINES_A_SIDE, _SPANS = 0.45, 2, 4

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lines:
    """Places along an axis of `length`, in order, and what each is worth, from 0 to 1.

    `is_centred` is true where what is said on the slide is centred along this axis.
    """

    length: int
    places: Sequence[int]
    worths: Mapping[int, float]
    is_centred: bool = False

    def worth(self, low: int, high: int) -> tuple[float, float]:
        """What the sides of a picture from `low` to `high` gain: 0 far from every line, less right beside one."""
        least = _CENTRED if self.is_centred and low + high == self.length else _NEAR_MISS
        return max(self._worth_at(low), least), max(self._worth_at(high), least)

    def spans(self, low: int, high: int, shortest: int) -> list[Span]:
        """From `low` to `high` and, moved inward, between lines worth keeping to or in the middle; only the best."""
        reach = round(_INWARD_SHARE * (high - low))
        inward = [(self.worths[line], line) for line in self.places if low < line < high]
        lows = _best([(worth, line - low, line) for worth, line in inward if line <= low + reach])
        highs = _best([(worth, high - line, line) for worth, line in inward if line >= high - reach])
        in_the_middle = max(low, self.length - high), min(high, self.length - low)
        spans = {
            (start, end): sum(self.worth(start, end)) - 2 * (high - low - end + start) / (high - low)
            for start, end in (*product([low, *lows], [high, *highs]), in_the_middle)
            if end - start >= shortest
        }
        enough = sorted(spans.values(), reverse=True)[:_SPANS]
        return [span for span, worth in spans.items() if worth >= enough[-1]]

    def _worth_at(self, place: int) -> float:
        worth = self.worths.get(place)
        if worth is not None:
            return worth
        after = bisect_left(self.places, place)
        hair = miss = 0.0
        for line in self.places[max(after - 1, 0) : after + 1]:
            if abs(line - place) <= _HAIR_EMU:
                hair = max(hair, _AS_GOOD * self.worths[line])
            elif abs(line - place) <= _NEAR_MISS_EMU:
                miss = _NEAR_MISS
        return hair or miss


def lines_across(
    slide_width: int, margin: int, guides: Iterable[Box], shapes: Iterable[Box], text_lines: Iterable[Box]
) -> Lines:
    """The lines from left to right. Where a line of text ends is none: they end anywhere."""
    by_worth = [
        (_SHAPE, (end for box in shapes for end in (box.left_emu, box.right_emu))),
        (_LAYOUT, (end for box in guides for end in (box.left_emu, box.right_emu))),
    ]
    off_middle = max((abs(line.left_emu + line.right_emu - slide_width) for line in text_lines), default=0)
    return _lines(slide_width, margin, by_worth, is_centred=off_middle <= _OFF_MIDDLE_SHARE * slide_width)


def lines_down(
    slide_height: int, margin: int, guides: Sequence[Box], shapes: Sequence[Box], texts: Iterable[Box]
) -> Lines:
    """The lines from top to bottom."""
    boxes = [*guides, *shapes]
    headings = [box for box in boxes if any(other.top_emu >= box.bottom_emu for other in boxes)]
    by_worth = [
        (_UNDER_HEADING, (box.bottom_emu for box in headings)),
        (_TEXT, (end for box in texts for end in (box.top_emu, box.bottom_emu))),
        (_SHAPE, (box.bottom_emu for box in shapes if box not in headings)),
        (_LAYOUT, (box.bottom_emu for box in guides if box not in headings)),
        (_SHAPE, (box.top_emu for box in shapes)),
        (_LAYOUT, (box.top_emu for box in guides)),
    ]
    return _lines(slide_height, margin, by_worth)


def _lines(
    length: int, margin: int, by_worth: Iterable[tuple[float, Iterable[int]]], *, is_centred: bool = False
) -> Lines:
    """The lines within the margins, give or take a hair; one that is drawn more than once is worth the most of it."""
    worths: dict[int, float] = {}
    for worth, places in by_worth:
        for place in places:
            if margin - _HAIR_EMU <= place <= length - margin + _HAIR_EMU:
                kept = min(max(place, margin), length - margin)
                worths[kept] = max(worth, worths.get(kept, 0.0))
    at_margin = _MARGIN_BESIDE_LINES if worths else _MARGIN
    for place in (margin, length - margin):
        worths.setdefault(place, at_margin)
    return Lines(length, sorted(worths), worths, is_centred)


def _best(lines: Sequence[tuple[float, int, int]]) -> list[int]:
    """The lines themselves, of (worth, distance, line)."""
    return [line for _, _, line in sorted(lines, key=lambda one: (-one[0], one[1]))[:_LINES_A_SIDE]]
