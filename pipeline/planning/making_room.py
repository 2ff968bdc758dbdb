"""Room made on a slide that has none, by a text frame that can be narrower. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.config.settings import Layout
from pipeline.planning.choosing import our_picture
from pipeline.planning.plan import NO_ROOM, where
from pipeline.planning.slots import choose_slots
from pipeline.records import EMU_PER_INCH, Box, Deck, Narrowing, Slide, SlidePlan, SlotKind


def lacks_room(plan: SlidePlan) -> bool:
    """True where a slide would have a picture if there were room for one."""
    return plan.reason == NO_ROOM and our_picture(plan.slide) is None


def make_room(plan: SlidePlan, deck: Deck, layout: Layout, offered: Sequence[Narrowing]) -> SlidePlan:
    """`plan` with a slot, made by the first of the `offered` frames that leaves room for one; else as it is."""
    for narrowing in offered:
        if _runs_into_something(narrowing, plan.slide):
            continue
        slide = _with(narrowing, plan.slide)
        slot = choose_slots([slide], deck, layout).get(slide.number)
        if slot is not None and slot.kind is SlotKind.FREE:
            reason = f"{where(slot, deck)}, made by {describe(narrowing)}"
            return replace(plan, slot=slot, reason=reason, narrowed=(narrowing,))
    return plan


def describe(narrowing: Narrowing) -> str:
    """A change in words, lengths in inches."""
    before, after = _width_in(narrowing.before), _width_in(narrowing.box)
    return f"narrowing {narrowing.name!r} from {before} to {after} in"


def _runs_into_something(narrowing: Narrowing, slide: Slide) -> bool:
    """True where the text, which gets more lines, would come to stand on something that it did not stand on before."""
    own = [shape for shape in slide.shapes if shape.shape_id == narrowing.shape_id]
    before = [ink for shape in own for ink in shape.ink]
    others = [*slide.art, *(ink for shape in slide.shapes if shape not in own for ink in shape.ink)]
    return any(_meets_any(other, narrowing.ink) and not _meets_any(other, before) for other in others)


def _meets_any(box: Box, others: Iterable[Box]) -> bool:
    return any(box.meets(other) for other in others)


def _with(narrowing: Narrowing, slide: Slide) -> Slide:
    return replace(
        slide,
        shapes=tuple(
            replace(shape, box=narrowing.box, ink=narrowing.ink) if shape.shape_id == narrowing.shape_id else shape
            for shape in slide.shapes
        ),
    )


def _width_in(box: Box) -> str:
    return f"{box.width_emu / EMU_PER_INCH:.1f}"
