"""The largest empty rectangle among obstacles."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count

from pipeline.records import EMU_PER_INCH, Box

_MANY_OBSTACLES = 150
_FINEST_GRID_EMU = EMU_PER_INCH // 20


def largest_free(area: Box, obstacles: Sequence[Box], *, max_ratio: float, min_area_emu2: float) -> Box | None:
    """The largest rectangle inside `area` that meets no obstacle, its longer side at most `max_ratio` its shorter.

    Best first: the largest candidate is taken; if an obstacle lies in it, it is split into the four parts beside that
    obstacle. The first candidate without an obstacle is the answer, since no part is larger than its whole.
    (T. Breuel, "Two Geometric Algorithms for Layout Analysis", 2002, section 2.) None where nothing of at least
    `min_area_emu2` is free.
    """
    obstacles = _simplified(obstacles)
    order = count()  # equal areas come out in the order they went in, so the answer is always the same
    candidates = [(-usable_area(area, max_ratio), next(order), area, tuple(obstacles))]
    seen = {area}
    while candidates and -candidates[0][0] >= min_area_emu2:
        _, _, box, around = heapq.heappop(candidates)
        inside = tuple(obstacle for obstacle in around if meets(box, obstacle))
        if not inside:
            return trimmed(box, max_ratio)
        for part in _parts_beside(box, _nearest_to_centre(box, inside)):
            if part not in seen and usable_area(part, max_ratio) >= min_area_emu2:
                seen.add(part)
                heapq.heappush(candidates, (-usable_area(part, max_ratio), next(order), part, inside))
    return None


def meets(one: Box, other: Box) -> bool:
    """True where the two share more than an edge."""
    return (
        one.left_emu < other.right_emu
        and other.left_emu < one.right_emu
        and one.top_emu < other.bottom_emu
        and other.top_emu < one.bottom_emu
    )


def grown(box: Box, by_emu: int) -> Box:
    """`box` with `by_emu` more on each side."""
    return Box(
        left_emu=box.left_emu - by_emu,
        top_emu=box.top_emu - by_emu,
        width_emu=box.width_emu + 2 * by_emu,
        height_emu=box.height_emu + 2 * by_emu,
    )


def usable_area(box: Box, max_ratio: float) -> float:
    """The area of what `trimmed` would leave."""
    width, height = box.width_emu, box.height_emu
    return min(width, max_ratio * height) * min(height, max_ratio * width)


def trimmed(box: Box, max_ratio: float) -> Box:
    """`box`, its longer side cut evenly from both ends to `max_ratio` times the shorter."""
    width = min(box.width_emu, int(max_ratio * box.height_emu))
    height = min(box.height_emu, int(max_ratio * box.width_emu))
    return Box(
        left_emu=box.left_emu + (box.width_emu - width) // 2,
        top_emu=box.top_emu + (box.height_emu - height) // 2,
        width_emu=width,
        height_emu=height,
    )


def _simplified(obstacles: Sequence[Box]) -> Sequence[Box]:
    """`obstacles`, or so few larger ones over them that the search ends soon.

    Among n small obstacles in a ring or a row there are some n³ free rectangles. Snapped outward to a grid, twice as
    coarse each time, neighbours become one.
    """
    grid_emu = _FINEST_GRID_EMU
    while len(obstacles) > _MANY_OBSTACLES:
        obstacles = list(dict.fromkeys(_snapped(box, grid_emu) for box in obstacles))
        grid_emu *= 2
    return obstacles


def _snapped(box: Box, grid_emu: int) -> Box:
    left, top = box.left_emu // grid_emu * grid_emu, box.top_emu // grid_emu * grid_emu
    right, bottom = -(-box.right_emu // grid_emu) * grid_emu, -(-box.bottom_emu // grid_emu) * grid_emu
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


def _nearest_to_centre(box: Box, obstacles: Sequence[Box]) -> Box:
    """The obstacle that splits `box` most evenly, which ends the search soonest."""
    centre_x, centre_y = box.left_emu + box.right_emu, box.top_emu + box.bottom_emu

    def distance(obstacle: Box) -> int:
        return abs(obstacle.left_emu + obstacle.right_emu - centre_x) + abs(
            obstacle.top_emu + obstacle.bottom_emu - centre_y
        )

    return min(obstacles, key=distance)


def _parts_beside(box: Box, obstacle: Box) -> list[Box]:
    edges = [
        (box.left_emu, box.top_emu, obstacle.left_emu, box.bottom_emu),
        (obstacle.right_emu, box.top_emu, box.right_emu, box.bottom_emu),
        (box.left_emu, box.top_emu, box.right_emu, obstacle.top_emu),
        (box.left_emu, obstacle.bottom_emu, box.right_emu, box.bottom_emu),
    ]
    return [
        Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)
        for left, top, right, bottom in edges
        if right > left and bottom > top
    ]
