"""Where on a slide a picture may stand: an empty picture placeholder, else the largest free rectangle."""

from __future__ import annotations

from pipeline.config.settings import Layout
from pipeline.planning.rectangles import grown, largest_free, meets
from pipeline.records import BACKDROP_SHARE, EMU_PER_INCH, Box, Deck, Slide, SlideShape, Slot, SlotKind

# Wider or taller pictures look like slivers, whatever the image models can make.
MAX_RATIO = 2.5
# A picture that keeps to the lines of title and body looks placed; it may be so much smaller than one that does not.
ALIGNED_SHARE = 0.6
TITLES = {"title", "ctrTitle"}
BODIES = {"body", "obj", "subTitle"}


def find_slot(slide: Slide, deck: Deck, layout: Layout) -> Slot | None:
    """The rectangle a picture may take on `slide`; None where there is no room."""
    return _empty_placeholder(slide, deck) or _free_rectangle(slide, deck, layout)


def _empty_placeholder(slide: Slide, deck: Deck) -> Slot | None:
    """The largest empty picture placeholder that lies on the slide and under nothing."""
    best: tuple[int, Slot] | None = None
    for shape in slide.shapes:
        box = shape.box
        if shape.placeholder != "pic" or not shape.is_empty or box is None or not box.area_emu2:
            continue
        if not _inside(box, deck) or _is_shared(shape, box, slide):
            continue
        if best is None or box.area_emu2 > best[0]:
            best = (box.area_emu2, Slot(kind=SlotKind.PLACEHOLDER, box=box, shape_id=shape.shape_id))
    return best[1] if best else None


def _inside(box: Box, deck: Deck) -> bool:
    return (
        box.left_emu >= 0 and box.top_emu >= 0 and box.right_emu <= deck.width_emu and box.bottom_emu <= deck.height_emu
    )


def _is_shared(placeholder: SlideShape, box: Box, slide: Slide) -> bool:
    same_id = sum(shape.shape_id == placeholder.shape_id for shape in slide.shapes) > 1
    return same_id or any(
        shape is not placeholder and any(meets(box, ink) for ink in shape.ink) for shape in slide.shapes
    )


def _free_rectangle(slide: Slide, deck: Deck, layout: Layout) -> Slot | None:
    """The largest free rectangle between the lines that title and body draw, or of the whole slide if much larger."""
    gap = round(layout.gap_in * EMU_PER_INCH)
    obstacles = [grown(box, gap) for box in _occupied(slide, deck)]
    smallest = layout.min_slot_share * deck.width_emu * deck.height_emu

    def largest(area: Box | None) -> Box | None:
        return largest_free(area, obstacles, max_ratio=MAX_RATIO, min_area_emu2=smallest) if area else None

    within_margins = _within_margins(deck, layout)
    anywhere = largest(within_margins)
    if anywhere is None or within_margins is None:
        return None
    aligned = largest(_between_the_lines(slide, within_margins))
    is_worth_it = aligned is not None and aligned.area_emu2 >= ALIGNED_SHARE * anywhere.area_emu2
    return Slot(kind=SlotKind.FREE, box=aligned if aligned and is_worth_it else anywhere)


def _within_margins(deck: Deck, layout: Layout) -> Box | None:
    margin = round(layout.margin_in * EMU_PER_INCH)
    return _spanning(margin, margin, deck.width_emu - margin, deck.height_emu - margin)


def _between_the_lines(slide: Slide, area: Box) -> Box | None:
    """The part of `area` between the outer edges of title and body, from the body's top to its bottom."""
    boxes = {shape.placeholder: shape.box for shape in slide.shapes if shape.placeholder and shape.box}
    titles = [box for kind, box in boxes.items() if kind in TITLES]
    bodies = [box for kind, box in boxes.items() if kind in BODIES]
    if not bodies:
        return None
    return _spanning(
        max(area.left_emu, min(box.left_emu for box in titles + bodies)),
        max(area.top_emu, min(box.top_emu for box in bodies)),
        min(area.right_emu, max(box.right_emu for box in titles + bodies)),
        min(area.bottom_emu, max(box.bottom_emu for box in bodies)),
    )


def _spanning(left: int, top: int, right: int, bottom: int) -> Box | None:
    if right <= left or bottom <= top:
        return None
    return Box(left_emu=left, top_emu=top, width_emu=right - left, height_emu=bottom - top)


def _occupied(slide: Slide, deck: Deck) -> list[Box]:
    shapes = [ink for shape in slide.shapes for ink in shape.ink]
    art = [
        box
        for box in slide.art
        if box.width_emu < BACKDROP_SHARE * deck.width_emu or box.height_emu < BACKDROP_SHARE * deck.height_emu
    ]
    return shapes + art
