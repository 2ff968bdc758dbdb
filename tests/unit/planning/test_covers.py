"""A cover is behind text alone: whatever else is on a slide, it is left as it is and the reason says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config.settings import Layout, Rules, Settings
from pipeline.planning.covers import cover_of, cover_slot, reason_against_cover
from pipeline.planning.plan import plan_deck
from pipeline.records import OurPicture, ShapeKind, SlotKind, TextPlace
from tests.builders import box, deck, shape, slide

LINES = (box(2, 2.2, 8, 0.8), box(2, 3, 5, 0.8))
TITLE = shape(
    box(1, 2, 11, 2), shape_id=2, placeholder="ctrTitle", text="Rivers of Europe", ink=LINES, text_colours=("1F2937",)
)
SUBTITLE = shape(
    box(1, 4.5, 11, 1),
    shape_id=3,
    placeholder="subTitle",
    text="Ann",
    ink=(box(2, 4.6, 1, 0.4),),
    text_colours=("555555",),
)
OPENING = slide(1, TITLE, SUBTITLE, title="Rivers of Europe", layout_type="title", background="F8F4E8")
OURS = OurPicture(content="0123456789", last_slide_id=300, was_moved=False, was_replaced=False)


def with_shape(*more, **changes):
    return replace(OPENING, shapes=(*OPENING.shapes, *more), **changes)


def test_a_slide_of_plain_text_can_have_one():
    assert reason_against_cover(OPENING, deck(OPENING)) is None


def test_it_takes_the_whole_slide():
    slot = cover_slot(deck(OPENING))
    assert slot.kind is SlotKind.COVER
    assert (slot.box.left_emu, slot.box.top_emu, slot.box.width_emu, slot.box.height_emu) == (
        0,
        0,
        12_192_000,
        6_858_000,
    )


def test_it_has_to_respect_every_line_of_text_and_the_slides_colour():
    cover = cover_of(with_shape(shape(box(0, 0, 1, 1), ShapeKind.PICTURE, 9, ours=OURS)))
    assert cover.ground == "F8F4E8"
    assert set(cover.texts) == {
        TextPlace(box=LINES[0], colour="1F2937"),
        TextPlace(box=LINES[1], colour="1F2937"),
        TextPlace(box=SUBTITLE.ink[0], colour="555555"),
    }


CASES = [
    (replace(OPENING, title="2026"), "no title"),
    (replace(OPENING, has_picture_background=True), "background"),
    (replace(OPENING, art=(box(0, 7, 13, 0.5),)), "layout"),
    (with_shape(shape(box(9, 0, 2, 2), ShapeKind.PICTURE, 9, is_empty=True, placeholder="pic")), "placeholder"),
    (with_shape(shape(box(9, 0, 4, 4), ShapeKind.PICTURE, 9)), "something to look at"),
    (with_shape(shape(box(2.5, 2, 1, 1), ShapeKind.DRAWING, 9)), "stands on a shape"),
    (with_shape(shape(box(0, 5, 9, 1), text="On a bar of its own", shape_id=9)), "plain ground"),
    (replace(OPENING, shapes=(TITLE, replace(SUBTITLE, text_colours=()))), "plain colours"),
    (replace(OPENING, shapes=(TITLE, replace(SUBTITLE, text_colours=("555555", "EEEEEE")))), "dark and light"),
    (replace(OPENING, shapes=(replace(TITLE, text_colours=("808080",)),)), "dark and light"),
]


@pytest.mark.parametrize(("one", "why"), CASES)
def test_other_slides_are_left_as_they_are_and_say_why(one, why):
    assert why in reason_against_cover(one, deck(one))


@pytest.mark.parametrize(
    "harmless",
    [
        shape(box(0, 5, 9, 1), ShapeKind.TEXT, 9, is_empty=True, placeholder="subTitle"),
        shape(box(0, 5, 9, 1), ShapeKind.DRAWING, 9, ink=()),
        shape(box(0, 0, 13, 7.5), ShapeKind.PICTURE, 9, ours=OURS),
        shape(box(12, 0.2, 1, 1), ShapeKind.PICTURE, 9),
    ],
    ids=["an empty placeholder", "a shape that shows nothing", "our own picture of an earlier run", "a logo"],
)
def test_what_does_not_show_or_is_ours_is_no_hindrance(harmless):
    one = with_shape(harmless)
    assert reason_against_cover(one, deck(one)) is None


COVERS = Settings(layout=Layout(covers=True))
CONTENT = slide(2, body=("A plain slide with so many words that it is no title slide",) * 3)


def planned(one, settings=COVERS):
    return plan_deck(deck(one, CONTENT), settings)[0]


def test_covers_are_not_made_unless_asked_for():
    plan = planned(OPENING, Settings())
    assert (plan.slot, plan.reason) == (None, "title slide")


def test_a_title_slide_gets_a_cover_when_asked_for():
    plan = planned(OPENING)
    assert (plan.slot, plan.reason) == (cover_slot(deck(OPENING)), "a picture behind everything")


def test_a_title_slide_that_cannot_have_one_is_skipped_with_both_reasons():
    plan = planned(replace(OPENING, has_picture_background=True))
    assert (plan.slot, plan.reason) == (None, "title slide; no cover: its background is a picture already")


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (replace(OPENING, is_hidden=True), "hidden slide"),
        (replace(OPENING, notes="illustrate: no"), "the notes say 'illustrate: no'"),
        (
            with_shape(shape(box(0, 0, 13.333, 7.5), ShapeKind.PICTURE, 9, ours=replace(OURS, was_replaced=True))),
            "by hand",
        ),
    ],
)
def test_what_keeps_pictures_away_keeps_covers_away(one, reason):
    assert reason in planned(one).reason
    assert planned(one).slot is None


def test_a_title_slide_the_rules_let_through_gets_a_cover_before_any_other_picture():
    rules = Rules(skip_title=False)
    assert planned(OPENING, Settings(layout=Layout(covers=True), rules=rules)).slot.kind is SlotKind.COVER
    kept = replace(OPENING, art=(box(0, 7.2, 13.3, 0.3),))
    assert planned(kept, Settings(layout=Layout(covers=True), rules=rules)).slot.kind is SlotKind.FREE


def test_a_cover_that_a_person_moved_keeps_its_place_and_stays_a_cover():
    place = box(0, 0, 13.333, 5)
    ours = shape(place, ShapeKind.PICTURE, 9, ours=replace(OURS, was_moved=True, frame=place))
    plan = planned(with_shape(ours))
    assert (plan.slot.kind, plan.slot.box, plan.renews) == (SlotKind.COVER, place, ours)


def test_other_slides_are_not_touched_by_it():
    assert plan_deck(deck(OPENING, CONTENT), COVERS)[1] == plan_deck(deck(OPENING, CONTENT), Settings())[1]
