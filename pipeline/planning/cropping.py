"""How a picture is cut to the shape of its slot: the window that keeps what matters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

# So much of the window at either end is breathing space: what lies in it counts the less the nearer it is to the cut.
_MARGIN_SHARE = 0.12
# To go from the middle all the way to one side, a window must keep so much more: even textures stay where they are.
_WORTH_MOVING_SHARE = 0.1
_PLACES_EACH_WAY = 60


def best_crop(
    width_px: int, height_px: int, aspect_ratio: float, column_weights: Sequence[int], row_weights: Sequence[int]
) -> tuple[int, int, int, int]:
    """The largest window of `aspect_ratio` (width over height) in a picture, placed to keep the most weight.

    `column_weights` tell what each of so many equal columns of the picture is worth, from left to right, `row_weights`
    the rows from the top. A place off the middle must be clearly better; where two on either side are equal, or nothing
    has any weight, it is the middle: a mirrored picture gets the mirrored window.

    Returns left, top, right and bottom in pixels; at least one pixel each way, exact to half a pixel.
    """
    window_width = min(width_px, max(1, round(height_px * aspect_ratio)))
    window_height = min(height_px, max(1, round(width_px / aspect_ratio)))
    left = _best_start(width_px, window_width, column_weights)
    top = _best_start(height_px, window_height, row_weights)
    return left, top, left + window_width, top + window_height


def _best_start(length_px: int, window_px: int, weights: Sequence[int]) -> int:
    """Where a window that slides along one axis begins."""
    slack = length_px - window_px
    total = sum(weights)
    if not slack or not total:
        return slack // 2
    sums = [0, *accumulate(weights)]
    middle = slack / 2

    def kept(start: float) -> float:
        share = _kept(start / length_px * len(weights), window_px / length_px * len(weights), sums) / total
        return round(share, 9)  # so that a place and its mirror image are equal to the bit

    def worth(place: int) -> tuple[float, float, float]:
        before, after = (kept(middle + side * middle * place / _PLACES_EACH_WAY) for side in (-1, 1))
        return max(before, after) - _WORTH_MOVING_SHARE * place / _PLACES_EACH_WAY, before, after

    place = max(range(_PLACES_EACH_WAY + 1), key=lambda one: worth(one)[0])
    _, before, after = worth(place)
    if before == after:
        return slack // 2
    shift = middle * place / _PLACES_EACH_WAY
    return round(middle - shift if before > after else middle + shift)


def _kept(start: float, length: float, sums: Sequence[int]) -> float:
    """The weight in a window over columns, its ends rounded off.

    A trapezium is the mean of the boxes it is swept from: weights count in full outside the margins, and ever less
    towards the window's ends.
    """
    steps = 4
    insets = [length * _MARGIN_SHARE * step / steps for step in range(steps + 1)]
    return sum(_up_to(start + length - inset, sums) - _up_to(start + inset, sums) for inset in insets) / len(insets)


def _up_to(place: float, sums: Sequence[int]) -> float:
    """The weight of everything before a place, columns cut in proportion."""
    place = min(max(place, 0.0), len(sums) - 1.0)
    column = min(int(place), len(sums) - 2)
    return sums[column] + (place - column) * (sums[column + 1] - sums[column])
