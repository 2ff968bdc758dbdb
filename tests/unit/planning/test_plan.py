"""The plan says for every slide what happens and why; a person's word in the notes goes before the rules."""

from __future__ import annotations

from pipeline.config.settings import Rules, Settings
from pipeline.planning.plan import plan_deck
from pipeline.planning.renewal import content_digest
from pipeline.records import OurPicture, ShapeKind, SlideShape, SlotKind
from tests.builders import box, deck, shape, slide

OPENING = slide(1, title="Rivers", body=("A talk",), layout_type="title")
OURS = shape(
    box(7, 2, 5, 4),
    ShapeKind.PICTURE,
    9,
    ours=OurPicture(content=content_digest(slide(2)), last_slide_id=300, was_moved=False, was_replaced=False),
)


def planned(*slides, chosen=None, settings=None):
    return {plan.slide.number: plan for plan in plan_deck(deck(*slides), settings or Settings(), chosen)}


def test_every_slide_has_a_plan_in_the_decks_order():
    plans = plan_deck(deck(OPENING, slide(2), slide(3)), Settings())
    assert [plan.slide.number for plan in plans] == [1, 2, 3]
    assert [plan.slot is not None for plan in plans] == [False, True, True]
    assert all(plan.reason for plan in plans)


def test_the_reason_for_a_picture_says_how_much_room_there_is():
    plan = planned(OPENING, slide(2))[2]
    share = plan.slot.box.area_emu2 / (deck().width_emu * deck().height_emu)
    assert plan.reason == f"room of {share:.0%}".replace("%", " %") + " of the slide"


def test_illustrate_yes_overrides_the_rules():
    hidden = slide(2, is_hidden=True, notes="illustrate: yes")
    plans = planned(slide(1, title="Rivers", layout_type="title", notes="illustrate: yes"), hidden, slide(3))
    assert plans[1].slot
    assert plans[2].slot
    assert "ask for it" in plans[2].reason


def test_illustrate_yes_makes_no_room_where_there_is_none():
    full = slide(2, shape(box(0, 0, 13.3, 7.5)), notes="illustrate: yes")
    assert planned(OPENING, full)[2].reason == "no room for a picture"


def test_illustrate_no_wins_over_a_chosen_slide():
    plan = planned(OPENING, slide(2, notes="illustrate: no"), chosen={2})[2]
    assert plan.slot is None
    assert plan.reason == "the notes say 'illustrate: no'"


def test_slides_not_chosen_are_left_and_say_so():
    plans = planned(OPENING, slide(2), slide(3), chosen={3})
    assert plans[2].slot is None
    assert "--slides" in plans[2].reason
    assert plans[3].slot


def test_our_picture_is_not_doubled_whatever_the_notes_say():
    plan = planned(OPENING, slide(2, OURS, notes="illustrate: yes"), chosen={2})[2]
    assert plan.slot is None
    assert "earlier run" in plan.reason


def test_a_finished_deck_is_left_but_for_what_is_asked():
    slides = (OPENING, slide(2, OURS), slide(3), slide(4, notes="illustrate: yes"))
    assert [number for number, plan in planned(*slides).items() if plan.slot] == [4]
    assert [number for number, plan in planned(*slides, chosen={3}).items() if plan.slot] == [3]
    open_again = Settings(rules=Rules(skip_finished_deck=False))
    assert [number for number, plan in planned(*slides, settings=open_again).items() if plan.slot] == [3, 4]


def test_what_the_notes_ask_for_travels_with_the_plan():
    override = planned(OPENING, slide(2, notes="style: photo\nImage prompt: a fox"))[2].override
    assert (override.style, override.prompt) == ("photo", "a fox")


def test_a_prompt_in_the_notes_asks_for_its_slide():
    """Whoever writes a prompt wants the picture, whatever a rule would say."""
    hidden = slide(2, is_hidden=True, notes="Image prompt: A fox in a forest")
    assert planned(slide(1), hidden, slide(3))[1].slot


def test_the_slots_do_not_depend_on_which_slides_are_chosen():
    texts = [shape(box(1, 2, width, 3), shape_id=3, text="words") for width in (4, 5, 6)]
    slides = [OPENING, *(slide(number, text) for number, text in enumerate(texts, start=2))]
    whole = planned(*slides)
    for number in (2, 3, 4):
        assert planned(*slides, chosen={number})[number].slot == whole[number].slot


def test_the_slots_do_not_depend_on_which_slides_have_their_picture():
    texts = [shape(box(1, 2, width, 3), shape_id=3, text="words") for width in (4, 5, 6)]
    bare = [OPENING, *(slide(number, text) for number, text in enumerate(texts, start=2))]
    whole = planned(*bare)
    told = OurPicture(content="0000000000", last_slide_id=300, was_moved=False, was_replaced=False)
    old = shape(whole[2].slot.box, ShapeKind.PICTURE, 9, ours=told)
    renewed = planned(OPENING, slide(2, texts[0], old), *bare[2:])[2]
    assert renewed.slot == whole[2].slot
    assert renewed.renews == old


def test_a_picture_that_a_person_moved_keeps_its_place():
    """A turned one its own sides, not those of the box round it."""
    frame = box(8, 1, 2, 1)
    told = OurPicture(content="0000000000", last_slide_id=300, was_moved=True, was_replaced=False, frame=frame)
    moved = shape(box(7.9, 0.5, 2.2, 2), ShapeKind.PICTURE, 9, ours=told)
    assert planned(OPENING, slide(2, moved))[2].slot.box == frame


def in_its_place(**changes: object) -> SlideShape:
    """A picture of ours that filled the layout's own place for one, made for other words."""
    where = box(7, 4, 5, 2)
    told = OurPicture(
        content="0000000000",
        last_slide_id=300,
        was_moved=False,
        was_replaced=False,
        frame=where,
        is_in_place_of_another=True,
    )
    return shape(where, ShapeKind.PICTURE, 9, ours=told, **changes)


def test_a_picture_that_filled_a_place_of_the_deck_stays_in_it():
    filled, stood_in = in_its_place(placeholder="pic"), in_its_place()
    slots = [planned(OPENING, slide(2, one))[2].slot for one in (filled, stood_in)]
    assert [(slot.kind, slot.box) for slot in slots] == [
        (SlotKind.PLACEHOLDER, filled.box),
        (SlotKind.STAND_IN, filled.box),
    ]


def test_unless_something_stands_there_now():
    text = shape(box(6, 3, 6, 3.5), shape_id=3, text="words")
    slot = planned(OPENING, slide(2, text, in_its_place(placeholder="pic")))[2].slot
    assert slot.kind is SlotKind.FREE
    assert not slot.box.meets(text.box)


def test_the_reason_names_a_marked_place():
    frame = shape(box(7, 1.8, 5, 4.8), shape_id=5, placeholder="pic", is_empty=True)
    assert planned(OPENING, slide(2, frame))[2].reason == "an empty placeholder for a picture"
    stand_in = shape(box(7, 1.8, 5, 4.8), shape_id=5, text="[image]")
    assert planned(OPENING, slide(2, stand_in))[2].reason == "a text that says where the picture goes"
