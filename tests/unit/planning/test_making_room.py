"""Room is made only where there is none, by the first frame that leaves enough, and the reason says what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config.settings import Settings
from pipeline.planning.making_room import describe, lacks_room, make_room
from pipeline.planning.plan import plan_deck
from pipeline.records import Narrowing, OurPicture, ShapeKind, SlotKind
from tests.builders import box, deck, shape, slide

TITLE = shape(box(0.9, 0.5, 11.5, 1), shape_id=2, placeholder="title", text="How topic 2 works")
FRAME = box(0.9, 1.9, 11.5, 5)
BODY = shape(FRAME, shape_id=3, placeholder="body", name="Content Placeholder 2", text="A long text")
FULL = slide(2, TITLE, BODY)
LAYOUT = Settings().layout


def offer(width, shape_id=3):
    narrow = box(0.9, 1.9, width, 5)
    return Narrowing(shape_id=shape_id, name="Content Placeholder 2", before=FRAME, box=narrow, ink=(narrow,))


def planned(one=FULL):
    return plan_deck(deck(slide(1, BODY), one), Settings())[1]


def test_a_slide_without_room_gets_a_picture_beside_the_narrower_frame():
    plan = planned()
    assert lacks_room(plan)
    made = make_room(plan, deck(FULL), LAYOUT, [offer(6.8)])
    assert made.slot.kind is SlotKind.FREE
    assert made.slot.box.left_emu > offer(6.8).box.right_emu
    assert not any(made.slot.box.meets(ink) for ink in (*TITLE.ink, *offer(6.8).ink))
    assert made.narrowed == (offer(6.8),)
    assert made.slide == FULL, "the slide is still what it was; only the plan knows what it will be"
    assert made.reason.startswith("room of ")
    assert made.reason.endswith(" % of the slide, made by narrowing 'Content Placeholder 2' from 11.5 to 6.8 in")


def test_the_first_frame_that_leaves_room_is_taken():
    made = make_room(planned(), deck(FULL), LAYOUT, [offer(11), offer(7), offer(6)])
    assert made.narrowed == (offer(7),)


def test_without_a_frame_that_leaves_room_the_plan_stays():
    assert make_room(planned(), deck(FULL), LAYOUT, []) == planned()
    assert make_room(planned(), deck(FULL), LAYOUT, [offer(11)]) == planned()


def test_a_text_must_not_come_to_stand_on_what_is_below_it():
    short = replace(BODY, ink=(box(0.9, 1.9, 11.5, 2.5),))
    below = shape(box(3, 4.5, 1.4, 2.5), ShapeKind.PICTURE, 9)
    crowded = replace(FULL, shapes=(TITLE, short, below), art=(box(0, 4.6, 13.3, 2.8),))
    plan = replace(planned(), slide=crowded)
    longer = replace(offer(6.8), ink=(box(0.9, 1.9, 6.8, 2.65),))
    assert make_room(plan, deck(crowded), LAYOUT, [longer]) == plan
    assert make_room(plan, deck(crowded), LAYOUT, [replace(longer, ink=(box(0.9, 1.9, 6.8, 2.55),))]).slot


OURS = OurPicture(content="0123456789", last_slide_id=300, was_moved=False, was_replaced=False)


@pytest.mark.parametrize(
    "one",
    [
        slide(2, TITLE),
        replace(FULL, is_hidden=True),
        replace(FULL, shapes=(*FULL.shapes, shape(FRAME, ShapeKind.PICTURE, 9, ours=OURS))),
    ],
    ids=["has room", "is skipped for another reason", "had our picture before"],
)
def test_other_slides_need_none(one):
    assert not lacks_room(planned(one))


def test_a_change_is_told_in_inches():
    assert describe(offer(6.8)) == "narrowing 'Content Placeholder 2' from 11.5 to 6.8 in"
