"""The last look at a new picture, by what its slide's own file says after the insert."""

from __future__ import annotations

from pipeline.planning.scene import ink_of
from pipeline.records import Deck, FittedPicture, Slide, SlotKind

# A picture's sides are whole pixels and its box whole EMU: more than this is no rounding, it is stretched.
MOST_STRETCHED = 0.02


def fault_of(slide: Slide, deck: Deck, shape_id: int, kind: SlotKind, picture: FittedPicture) -> str | None:
    """What is wrong with our picture `shape_id` on `slide`, as read from the finished slide; None where nothing is.

    A picture that a person moved may reach off the slide and lie on whatever they moved it to.
    """
    ours = next((shape for shape in slide.shapes if shape.shape_id == shape_id), None)
    if ours is None or ours.box is None or ours.ours is None or ours.ours.frame is None:
        return "the picture is not on its slide"
    is_stretched = abs(ours.ours.frame.aspect_ratio / (picture.width_px / picture.height_px) - 1) > MOST_STRETCHED
    is_the_persons = ours.ours.was_moved
    is_over = kind is not SlotKind.COVER and any(ours.box.meets(ink) for ink in ink_of(slide, deck, but=ours))
    faults = {
        "the picture has no alt text": not ours.alt_text,
        "the picture is stretched": is_stretched,
        "the picture reaches off the slide": not is_the_persons and not deck.canvas.holds(ours.box),
        "the picture covers something": not is_the_persons and is_over,
    }
    return next((fault for fault, is_so in faults.items() if is_so), None)
