"""All the room among obstacles: every rectangle that is free and cannot grow on any side. Pure geometry."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from pipeline.records import EMU_PER_INCH, Box

# So many lines each way are searched in some milliseconds; beyond them obstacles are snapped outward to a grid.
_MANY_LINES = 72
_FINEST_GRID_EMU = EMU_PER_INCH // 40


def maximal_free(area: Box, obstacles: Sequence[Box], *, min_side_emu: int = 1) -> list[Box]:
    """Every rectangle inside `area` that meets no obstacle, is part of no larger one, and has sides to speak of.

    Between the lines that the obstacles' edges draw, each line of cells is taken as a rectangle's last; a stack of
    how far the cells above are free tells the widest rectangles that end there (the histogram method; D. Vandevoorde,
    "The Maximal Rectangle Problem", Dr. Dobb's Journal, April 1998). A mirrored area gives the mirrored rectangles.
    """
    if area.width_emu < min_side_emu or area.height_emu < min_side_emu:
        return []
    xs, ys, blocked = _grid(area, [box for box in obstacles if box.meets(area)])
    found: list[Box] = []
    free_from = [0] * (len(xs) - 1)
    for row in range(len(ys) - 1):
        below = blocked[row + 1] if row + 2 < len(ys) else (1 << len(xs)) - 1
        for first, last, top in _ending_in(row, blocked[row], below, free_from):
            width, height = xs[last] - xs[first], ys[row + 1] - ys[top]
            if width >= min_side_emu and height >= min_side_emu:
                found.append(Box(left_emu=xs[first], top_emu=ys[top], width_emu=width, height_emu=height))
    return found


def grown(box: Box, by_emu: int) -> Box:
    """`box` with `by_emu` more on each side."""
    return Box(
        left_emu=box.left_emu - by_emu,
        top_emu=box.top_emu - by_emu,
        width_emu=box.width_emu + 2 * by_emu,
        height_emu=box.height_emu + 2 * by_emu,
    )


def spanning(left: int, top: int, right: int, bottom: int) -> Box | None:
    """The box between four edges; None where they leave nothing between them."""
    if right <= left or bottom <= top:
        return None
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


def common(one: Box, other: Box) -> Box | None:
    """What two boxes share; None where that is nothing."""
    return spanning(
        max(one.left_emu, other.left_emu),
        max(one.top_emu, other.top_emu),
        min(one.right_emu, other.right_emu),
        min(one.bottom_emu, other.bottom_emu),
    )


def bounding(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of `boxes`, of which there is one at least."""
    left, top = min(box.left_emu for box in boxes), min(box.top_emu for box in boxes)
    right, bottom = max(box.right_emu for box in boxes), max(box.bottom_emu for box in boxes)
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


def usable_area(box: Box, max_ratio: float) -> float:
    """The area of the largest part of `box` whose longer side is at most `max_ratio` times its shorter."""
    width, height = box.width_emu, box.height_emu
    return min(width, max_ratio * height) * min(height, max_ratio * width)


def _grid(area: Box, obstacles: Sequence[Box]) -> tuple[list[int], list[int], list[int]]:
    """The lines across and down, and for each row of cells the set of taken cells as the bits of a number."""
    across = [(box.left_emu - area.left_emu, box.right_emu - area.left_emu) for box in obstacles]
    down = [(box.top_emu - area.top_emu, box.bottom_emu - area.top_emu) for box in obstacles]
    across, xs = _lines(across, area.width_emu)
    down, ys = _lines(down, area.height_emu)
    blocked = [0] * (len(ys) - 1)
    for (left, right), (top, bottom) in set(zip(across, down, strict=True)):
        cells = (1 << bisect_left(xs, right)) - (1 << bisect_right(xs, left) - 1)
        for row in range(bisect_right(ys, top) - 1, bisect_left(ys, bottom)):
            blocked[row] |= cells
    return [area.left_emu + x for x in xs], [area.top_emu + y for y in ys], blocked


def _lines(spans: list[tuple[int, int]], length: int) -> tuple[list[tuple[int, int]], list[int]]:
    """`spans` cut to 0 … `length`, and all the ends there are, in order; few enough of them.

    Where there are too many the spans are snapped outward to a grid, twice as coarse each time, so that neighbours
    come to share their lines.
    """
    spans = [(max(low, 0), min(high, length)) for low, high in spans]
    grid_emu = _FINEST_GRID_EMU
    while len(lines := {0, length, *(end for span in spans for end in span)}) > _MANY_LINES:
        spans = [(_before(low, length, grid_emu), _after(high, length, grid_emu)) for low, high in spans]
        grid_emu *= 2
    return spans, sorted(lines)


def _before(place: int, length: int, grid_emu: int) -> int:
    """The last line of the grid at or before `place`. It is laid from both ends, so that a mirror changes nothing."""
    if 2 * place <= length:
        return place // grid_emu * grid_emu
    return max(0, length - -(-(length - place) // grid_emu) * grid_emu)


def _after(place: int, length: int, grid_emu: int) -> int:
    return length - _before(length - place, length, grid_emu)


def _ending_in(row: int, taken: int, below: int, free_from: list[int]) -> Iterator[tuple[int, int, int]]:
    """First column, the one after the last, and top row of each widest, tallest free rectangle whose last row is `row`.

    `free_from` holds for each column the row from which on it is free, and is brought up to date. A rectangle that is
    free in the row `below` as well is left for that one.
    """
    stack: list[tuple[int, int]] = []
    for column in range(len(free_from) + 1):
        if column == len(free_from) or taken >> column & 1:
            top = row + 1
            if column < len(free_from):
                free_from[column] = top
        else:
            top = free_from[column]
        first = column
        while stack and stack[-1][1] < top:
            first, higher = stack.pop()
            if below >> first & (1 << column - first) - 1:
                yield first, column, higher
        if top <= row and (not stack or stack[-1][1] > top):
            stack.append((first, top))
