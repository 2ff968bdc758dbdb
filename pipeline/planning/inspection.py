"""The last look at a new picture, by what its slide's own file says after the insert."""

from __future__ import annotations

from pipeline.records import BACKDROP_SHARE, Box, Deck, FittedPicture, Slide, SlideShape, SlotKind

# A picture's sides are whole pixels and its box whole EMU: more than this is no rounding, it is stretched.
MOST_STRETCHED = 0.02


def fault_of(slide: Slide, deck: Deck, shape_id: int, kind: SlotKind, picture: FittedPicture) -> str | None:
    """What is wrong with our picture `shape_id` on `slide`, as read from the finished slide; None where nothing is."""
    ours = next((shape for shape in slide.shapes if shape.shape_id == shape_id and shape.ours is not None), None)
    if ours is None or ours.box is None:
        return "the picture is not on its slide"
    if not ours.alt_text:
        return "the picture has no alt text"
    if not _is_inside(ours.box, deck):
        return "the picture reaches off the slide"
    if abs(ours.box.aspect_ratio / (picture.width_px / picture.height_px) - 1) > MOST_STRETCHED:
        return "the picture is stretched"
    if kind is not SlotKind.COVER and _is_over_ink(ours, ours.box, slide, deck):
        return "the picture covers something"
    return None


def _is_inside(box: Box, deck: Deck) -> bool:
    return (
        box.left_emu >= 0 and box.top_emu >= 0 and box.right_emu <= deck.width_emu and box.bottom_emu <= deck.height_emu
    )


def _is_over_ink(ours: SlideShape, box: Box, slide: Slide, deck: Deck) -> bool:
    others = (ink for shape in slide.shapes if shape is not ours for ink in shape.ink)
    art = (
        one
        for one in slide.art
        if one.width_emu < BACKDROP_SHARE * deck.width_emu or one.height_emu < BACKDROP_SHARE * deck.height_emu
    )
    return any(box.meets(ink) for ink in (*others, *art))
