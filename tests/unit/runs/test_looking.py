"""A picture in the finished deck shows, covers nothing and changes nothing else, or it is said what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.deck.ink.sighting import Sighting
from pipeline.records import Narrowing, SlotKind
from pipeline.runs import looking
from tests.builders import box, plan, shape

FINE = Sighting(over_shapes=(0.0,), over_design=(0.0,), shown=(0.9,), elsewhere=0.0)
COVERING = replace(FINE, over_shapes=(0.03,))
NARROWED = Narrowing(shape_id=2, name="Body", before=box(1, 2, 11, 4), box=box(1, 2, 6, 4), ink=())


def fault(seen, kind=SlotKind.FREE, **changes):
    return looking._fault_of(seen, plan(**changes), kind)


def test_nothing_is_wrong_with_a_picture_that_shows_in_free_room():
    assert fault(replace(FINE, over_shapes=(0.02,), over_design=(0.02,), elsewhere=0.002)) is None


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (replace(FINE, shown=(0.04,)), "does not show"),
        (COVERING, "covers something"),
        (replace(FINE, over_design=(0.03,)), "covers something"),
        (replace(FINE, elsewhere=0.003), "more than the picture changed"),
    ],
)
def test_each_fault_has_its_words(seen, said):
    assert said in fault(seen)


@pytest.mark.parametrize("kind", [SlotKind.COVER, SlotKind.STAND_IN])
def test_where_something_stood_before_a_picture_must_only_show(kind):
    assert fault(COVERING, kind) is None
    assert "does not show" in fault(replace(COVERING, shown=(0.0,)), kind)


@pytest.mark.parametrize("changes", [{"renews": shape(box(7, 2, 5, 4))}, {"narrowed": (NARROWED,)}])
def test_neither_a_renewed_picture_nor_one_that_room_was_made_for_is_held_against_what_was_there(changes):
    assert fault(COVERING, **changes) is None


def test_a_placeholder_must_be_free_as_any_room():
    assert fault(COVERING, SlotKind.PLACEHOLDER) is not None
