"""The free rectangle is inside, clear of everything, the largest there is, and the same every time."""

from __future__ import annotations

import math
import time
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.planning.rectangles import grown, largest_free, meets, trimmed, usable_area
from pipeline.records import Box
from tests.builders import box

AREA = Box(left_emu=0, top_emu=0, width_emu=1200, height_emu=700)


def rect(left, top, right, bottom):
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


@st.composite
def obstacles(draw, most=7):
    """Boxes on a grid of 100, so that a search over the grid's lines finds every candidate; some without a size."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        left, top = draw(st.integers(-2, 12)) * 100, draw(st.integers(-2, 7)) * 100
        found.append(rect(left, top, left + draw(st.integers(0, 8)) * 100, top + draw(st.integers(0, 5)) * 100))
    return found


def best_by_brute_force(area, boxes, max_ratio):
    """The usable area of the best of all rectangles between the grid's lines."""
    xs = range(area.left_emu, area.right_emu + 1, 100)
    ys = range(area.top_emu, area.bottom_emu + 1, 100)
    sides = product(combinations(xs, 2), combinations(ys, 2))
    candidates = (rect(left, top, right, bottom) for (left, right), (top, bottom) in sides)
    ranked = sorted(candidates, key=lambda box: -usable_area(box, max_ratio))
    return next((usable_area(box, max_ratio) for box in ranked if not any(meets(box, o) for o in boxes)), 0)


@given(obstacles(most=15), st.sampled_from([1.0, 1.5, 3.0, 100.0]))
def test_the_rectangle_is_inside_the_area_and_meets_no_obstacle(boxes, max_ratio):
    found = largest_free(AREA, boxes, max_ratio=max_ratio, min_area_emu2=1)
    if found is None:
        return
    assert 0 <= found.left_emu < found.right_emu <= AREA.right_emu
    assert 0 <= found.top_emu < found.bottom_emu <= AREA.bottom_emu
    assert not any(meets(found, box) for box in boxes)
    longer, shorter = max(found.width_emu, found.height_emu), min(found.width_emu, found.height_emu)
    assert longer <= max_ratio * shorter


@given(obstacles(), st.sampled_from([1.0, 1.5, 3.0, 100.0]))
def test_no_search_finds_a_larger_one(boxes, max_ratio):
    found = largest_free(AREA, boxes, max_ratio=max_ratio, min_area_emu2=1)
    assert (found.area_emu2 if found else 0) == best_by_brute_force(AREA, boxes, max_ratio)


@given(obstacles(most=15))
def test_the_same_obstacles_give_the_same_rectangle(boxes):
    first, second = (largest_free(AREA, boxes, max_ratio=3, min_area_emu2=1) for _ in range(2))
    assert first == second


@given(obstacles(), st.integers(1, 900_000))
def test_nothing_smaller_than_the_smallest_allowed_is_ever_given(boxes, min_area_emu2):
    found = largest_free(AREA, boxes, max_ratio=3, min_area_emu2=min_area_emu2)
    best = best_by_brute_force(AREA, boxes, 3)
    assert (found is not None) == (best >= min_area_emu2)


def test_an_area_that_is_itself_too_small_gives_nothing():
    assert largest_free(AREA, [], max_ratio=3, min_area_emu2=AREA.area_emu2 + 1) is None


@pytest.mark.parametrize(
    "obstacle", [rect(600, 300, 600, 300), rect(600, 300, 600, 400), rect(500, 350, 700, 350)], ids=str
)
def test_an_obstacle_without_a_size_is_kept_clear_of(obstacle):
    found = largest_free(AREA, [obstacle], max_ratio=3, min_area_emu2=1)
    assert found is not None
    assert found != largest_free(AREA, [], max_ratio=3, min_area_emu2=1)
    assert not meets(found, obstacle)


def test_shapes_that_only_touch_do_not_meet():
    assert not meets(rect(0, 0, 10, 10), rect(10, 0, 20, 10))
    assert not meets(rect(0, 0, 10, 10), rect(0, 10, 10, 20))
    assert meets(rect(0, 0, 10, 10), rect(9, 9, 20, 20))


def test_a_covered_area_has_no_free_rectangle():
    assert largest_free(AREA, [rect(-10, -10, 2000, 2000)], max_ratio=3, min_area_emu2=1) is None


def test_growing_adds_the_same_on_every_side():
    assert grown(rect(10, 10, 20, 20), 5) == rect(5, 5, 25, 25)


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(1, 10))
def test_trimming_keeps_the_middle_and_the_usable_area(width, height, max_ratio):
    box = rect(0, 0, width, height)
    kept = trimmed(box, max_ratio)
    assert abs(kept.left_emu - (width - kept.right_emu)) <= 1
    assert abs(kept.top_emu - (height - kept.bottom_emu)) <= 1
    assert usable_area(box, max_ratio) - kept.area_emu2 <= max(width, height)


def test_a_slide_crowded_with_shapes_is_searched_in_a_moment():
    crowd = [rect(x, y, x + 11, y + 7) for x in range(0, 1200, 60) for y in range(0, 700, 40)]
    began = time.monotonic()
    largest_free(AREA, crowd, max_ratio=3, min_area_emu2=0.08 * AREA.area_emu2)
    largest_free(AREA, crowd, max_ratio=3, min_area_emu2=1)
    assert time.monotonic() - began < 5


def test_a_ring_of_a_thousand_dots_is_searched_in_no_time():
    """Orbits, dotted maps: without care their free rectangles are without number."""
    angles = [2 * math.pi * number / 1000 for number in range(1000)]
    dots = [box(6.6 + 6 * math.cos(angle), 3.7 + 3.2 * math.sin(angle), 0.05, 0.05) for angle in angles]
    area = box(0.3, 0.3, 12.7, 6.9)
    began = time.perf_counter()
    found = largest_free(area, dots, max_ratio=2.5, min_area_emu2=1)
    assert time.perf_counter() - began < 2
    assert not any(meets(found, dot) for dot in dots)
