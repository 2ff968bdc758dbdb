"""The plan of a deck: for every slide whether it gets a picture, where, and why."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pipeline.config.settings import Rules, Settings
from pipeline.planning.choosing import our_picture, reason_to_skip
from pipeline.planning.covers import plan_cover
from pipeline.planning.notes import parse_notes
from pipeline.planning.scene import ink_of
from pipeline.planning.slots import choose_slots
from pipeline.records import Deck, NotesOverride, Slide, SlidePlan, Slot, SlotKind

NO_ROOM = "no room for a picture"

_MARKED = {
    SlotKind.PLACEHOLDER: "an empty placeholder for a picture",
    SlotKind.STAND_IN: "a text that says where the picture goes",
    SlotKind.COVER: "a picture behind everything",
}


def plan_deck(deck: Deck, settings: Settings, chosen: AbstractSet[int] | None = None) -> tuple[SlidePlan, ...]:
    """One plan a slide, in the deck's order. `chosen` are the slide numbers given with --slides, None for all.

    The slots are chosen for all slides together that could have a picture, so that they are the same whichever slides
    are chosen and whichever have theirs already.
    """
    slots = choose_slots(list(_candidates(deck, settings.rules)), deck, settings.layout)
    return tuple(_plan_slide(slide, deck, settings, chosen, slots.get(slide.number)) for slide in deck.slides)


def _candidates(deck: Deck, rules: Rules) -> Iterator[Slide]:
    """The slides that the rules let through, or would without our picture; they come without it."""
    for slide in deck.slides:
        bare = replace(slide, shapes=tuple(shape for shape in slide.shapes if shape.ours is None))
        override = parse_notes(slide.notes)
        if any(_reason_to_skip(one, override, deck, rules, is_chosen=True) is None for one in (bare, slide)):
            yield bare


def _plan_slide(
    slide: Slide, deck: Deck, settings: Settings, chosen: AbstractSet[int] | None, slot: Slot | None
) -> SlidePlan:
    override = parse_notes(slide.notes)

    def plan(reason: str, slot: Slot | None = None) -> SlidePlan:
        renews = None if slot is None else our_picture(slide)
        return SlidePlan(slide=slide, reason=reason, slot=slot, override=override, renews=renews)

    if chosen is not None and slide.number not in chosen:
        return plan("not among the slides chosen with --slides")
    reason = _reason_to_skip(slide, override, deck, settings.rules, is_chosen=chosen is not None)
    if settings.layout.covers:
        cover, reason = plan_cover(slide, deck, reason)
        slot = cover or slot
    if reason:
        return plan(reason)
    slot = _kept_place(slide, slot, deck) or slot
    if slot is None:
        return plan(NO_ROOM)
    asked = "the notes ask for it; " if _is_asked_for(override) else ""
    return plan(asked + where(slot, deck), slot)


def _reason_to_skip(slide: Slide, override: NotesOverride, deck: Deck, rules: Rules, *, is_chosen: bool) -> str | None:
    if override.illustrate is False:
        return "the notes say 'illustrate: no'"
    if _is_asked_for(override) and our_picture(slide) is None:
        return None
    return reason_to_skip(slide, deck, rules, asked_for=is_chosen)


def _is_asked_for(override: NotesOverride) -> bool:
    return override.illustrate is True or bool(override.prompt)


def _kept_place(slide: Slide, slot: Slot | None, deck: Deck) -> Slot | None:
    """Where our picture stays: where a person put it, or where the deck has a place for it that is still free.

    None where it was left to us and may be better elsewhere now. A cover is one wherever it stands.
    """
    shape = our_picture(slide)
    if shape is None or shape.ours is None or shape.ours.frame is None:
        return None
    ours, frame = shape.ours, shape.ours.frame
    if ours.was_moved:
        is_cover = slot is not None and slot.kind is SlotKind.COVER
        return Slot(kind=SlotKind.COVER if is_cover else SlotKind.FREE, box=frame)
    if ours.is_in_place_of_another and not any(frame.meets(ink) for ink in ink_of(slide, deck, but=shape)):
        return Slot(kind=SlotKind.PLACEHOLDER if shape.placeholder else SlotKind.STAND_IN, box=frame)
    return None


def where(slot: Slot, deck: Deck) -> str:
    """A slot in words."""
    share = slot.box.area_emu2 / (deck.width_emu * deck.height_emu)
    return _MARKED.get(slot.kind) or f"room of {round(100 * share)} % of the slide"
