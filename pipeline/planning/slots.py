"""Where on each slide of a deck a picture may stand: where the slide asks for one, else the best free rectangle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.config.settings import Layout
from pipeline.planning.candidates import airy_regions, free_regions, marked_slots, placed_in
from pipeline.planning.consistency import Choice, agree
from pipeline.planning.scene import Scene, prepare_scene
from pipeline.planning.scoring import Scored, best_of, rank, score
from pipeline.records import Deck, Slide, Slot, SlotKind

# So many of a slide's best rectangles may still win by the side the deck's pictures are on.
_RUNNERS_UP = 6


def choose_slots(slides: Sequence[Slide], deck: Deck, layout: Layout) -> Mapping[int, Slot]:
    """The slots of `slides` of `deck`, all together, by slide number; a slide without room is not in it."""
    slots: dict[int, Slot] = {}
    free: list[Choice] = []
    for slide in slides:
        scene = prepare_scene(slide, deck, layout)
        marked = _best_marked(slide, deck, scene)
        if marked:
            slots[slide.number] = marked
            continue
        regions = free_regions(scene)
        boxes = (box for region in (*regions, *airy_regions(regions, scene)) for box in placed_in(region, scene))
        best = best_of(boxes, scene, most=_RUNNERS_UP)
        if best:
            free.append(
                Choice(
                    slide_number=slide.number,
                    layout_id=slide.layout_id,
                    scene=scene,
                    regions=tuple(regions),
                    best=tuple(best),
                )
            )
    for number, box in agree(free).items():
        slots[number] = Slot(kind=SlotKind.FREE, box=box)
    return slots


def _best_marked(slide: Slide, deck: Deck, scene: Scene) -> Slot | None:
    slots = {slot.box: slot for slot in sorted(marked_slots(slide, deck, scene), key=lambda one: one.shape_id or 0)}
    scored = [Scored(score(box, scene), box) for box in slots]
    return slots[min(scored, key=lambda one: rank(one, scene)).box] if scored else None
