"""Every free rectangle that cannot grow is found, no other, and a mirror image has the mirrored ones."""

from __future__ import annotations

import math
import time
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.planning.rectangles import bounding, common, grown, maximal_free, spanning, usable_area
from pipeline.records import Box
from tests.builders import box

AREA = Box(left_emu=0, top_emu=0, width_emu=1200, height_emu=700)
few = settings(max_examples=40, deadline=None)


def rect(left, top, right, bottom):
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


@st.composite
def obstacles(draw, most=7):
    """Boxes on a grid of 100, so that a search over the grid's lines finds every candidate."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        left, top = draw(st.integers(-2, 12)) * 100, draw(st.integers(-2, 7)) * 100
        found.append(rect(left, top, left + draw(st.integers(1, 8)) * 100, top + draw(st.integers(1, 5)) * 100))
    return found


def by_brute_force(boxes):
    """Every rectangle between the grid's lines that is free, without those inside another."""
    sides = product(combinations(range(0, 1201, 100), 2), combinations(range(0, 701, 100), 2))
    free = {
        (left, top, right, bottom)
        for (left, right), (top, bottom) in sides
        if not any(rect(left, top, right, bottom).meets(one) for one in boxes)
    }
    return {rect(*one) for one in free if not free & set(larger(*one))}


def larger(left, top, right, bottom):
    yield from ((left - 100, top, right, bottom), (left, top - 100, right, bottom))
    yield from ((left, top, right + 100, bottom), (left, top, right, bottom + 100))


@few
@given(obstacles(most=10))
def test_all_that_are_free_and_cannot_grow_are_found_and_no_other(boxes):
    found = maximal_free(AREA, boxes)
    assert len(found) == len(set(found))
    assert set(found) == by_brute_force(boxes)


@few
@given(st.lists(st.tuples(*[st.integers(-50, 1250)] * 2, *[st.integers(1, 90)] * 2), max_size=120), st.integers(0, 1))
def test_a_mirrored_area_has_the_mirrored_rectangles(numbers, more):
    """Exactly, even where there are so many obstacles that they are simplified."""
    area = rect(0, 0, 1200 + more, 700)

    def mirrored(one):
        return rect(area.width_emu - one.right_emu, one.top_emu, area.width_emu - one.left_emu, one.bottom_emu)

    boxes = [rect(left, top, left + width, top + height) for left, top, width, height in numbers]
    images = maximal_free(area, [mirrored(one) for one in boxes])
    assert {mirrored(one) for one in images} == set(maximal_free(area, boxes))


def test_simplifying_only_takes_room_away():
    dots = [rect(x, y, x + 7, y + 5) for x in range(3, 12_000, 151) for y in range(1, 7_000, 143) if (x + y) % 5 == 0]
    found = maximal_free(rect(0, 0, 12_000, 7_000), dots, min_side_emu=20)
    assert not any(one.meets(dot) for one in found for dot in dots)


def test_what_is_too_small_is_left_out():
    assert maximal_free(AREA, [rect(50, 0, 60, 700)], min_side_emu=51) == [rect(60, 0, 1200, 700)]
    assert maximal_free(AREA, [], min_side_emu=701) == []
    assert maximal_free(AREA, [rect(-10, -10, 2000, 2000)]) == []


def test_a_ring_of_a_thousand_dots_is_searched_in_no_time():
    """Orbits, dotted maps: without care their free rectangles are without number."""
    angles = [2 * math.pi * number / 1000 for number in range(1000)]
    dots = [box(6.6 + 6 * math.cos(angle), 3.7 + 3.2 * math.sin(angle), 0.05, 0.05) for angle in angles]
    began = time.process_time()
    found = maximal_free(box(0.3, 0.3, 12.7, 6.9), dots)
    assert time.process_time() - began < 0.5
    assert found
    assert not any(one.meets(dot) for one in found for dot in dots)


def test_boxes_grow_share_and_bound():
    assert grown(rect(10, 10, 20, 20), 5) == rect(5, 5, 25, 25)
    assert common(rect(0, 0, 10, 10), rect(5, -5, 20, 5)) == rect(5, 0, 10, 5)
    assert common(rect(0, 0, 10, 10), rect(10, 0, 20, 10)) is None
    assert spanning(5, 0, 5, 10) is None
    assert bounding([rect(5, 5, 6, 6), rect(0, 7, 1, 9)]) == rect(0, 5, 6, 9)


def test_the_usable_part_of_a_sliver_is_what_a_picture_can_fill():
    assert usable_area(rect(0, 0, 1000, 100), 2.5) == 250 * 100
    assert usable_area(rect(0, 0, 100, 200), 2.5) == 100 * 200
