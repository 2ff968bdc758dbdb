"""The plan of a deck: for every slide whether it gets a picture, where, and why."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from pipeline.config.settings import Settings
from pipeline.planning.choosing import our_picture, reason_to_skip
from pipeline.planning.notes import parse_notes
from pipeline.planning.slots import find_slot
from pipeline.records import Deck, Slide, SlidePlan, Slot


def plan_deck(deck: Deck, settings: Settings, chosen: AbstractSet[int] | None = None) -> tuple[SlidePlan, ...]:
    """One plan a slide, in the deck's order. `chosen` are the slide numbers given with --slides, None for all."""
    return tuple(_plan_slide(slide, deck, settings, chosen) for slide in deck.slides)


def _plan_slide(slide: Slide, deck: Deck, settings: Settings, chosen: AbstractSet[int] | None) -> SlidePlan:
    override = parse_notes(slide.notes)

    def plan(reason: str, slot: Slot | None = None) -> SlidePlan:
        return SlidePlan(slide=slide, reason=reason, slot=slot, override=override)

    if chosen is not None and slide.number not in chosen:
        return plan("not among the slides chosen with --slides")
    if override.illustrate is False:
        return plan("the notes say 'illustrate: no'")
    is_asked_for = override.illustrate is True or bool(override.prompt)
    if not is_asked_for or our_picture(slide) is not None:
        reason = reason_to_skip(slide, deck, settings.rules, asked_for=chosen is not None)
        if reason:
            return plan(reason)
    slot = find_slot(slide, deck, settings.layout)
    if slot is None:
        return plan("no room for a picture")
    asked = "the notes ask for it; " if is_asked_for else ""
    return plan(asked + f"room of {_percent_of_slide(slot, deck)} % of the slide", slot)


def _percent_of_slide(slot: Slot, deck: Deck) -> int:
    return round(100 * slot.box.area_emu2 / (deck.width_emu * deck.height_emu))
