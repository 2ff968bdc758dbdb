"""Which title and section slides can have a picture behind everything, and what it has to respect. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.luminance import BLACK, WHITE, carries
from pipeline.planning.choosing import FILLED_SHARE, opens_or_divides
from pipeline.records import Cover, Deck, ShapeKind, Slide, SlideShape, Slot, SlotKind, TextPlace

# Text needs 4.5:1. A colour that reaches little more even on black or on white needs a veil that hides the picture.
LEAST_REACH = 6.0


def plan_cover(slide: Slide, deck: Deck, reason: str | None) -> tuple[Slot | None, str | None]:
    """The slot for a picture behind all of a slide that opens the deck or divides it, and a reason to skip the slide.

    `reason` is the rules' own: where it is only that the slide opens or divides, a cover overrules it. Where there can
    be none it stays, and tells why; other slides are left to it altogether.
    """
    kind = opens_or_divides(slide, deck)
    if kind is None or reason not in (None, kind):
        return None, reason
    against = reason_against_cover(slide, deck)
    if against is None:
        return cover_slot(deck), None
    return None, reason and f"{reason}; no cover: {against}"


def cover_slot(deck: Deck) -> Slot:
    """The whole slide."""
    return Slot(kind=SlotKind.COVER, box=deck.canvas)


def cover_of(slide: Slide) -> Cover:
    """What a picture behind all of `slide` lies under and over."""
    texts = (
        TextPlace(box=box, colour=colour)
        for shape in _own_shapes(slide)
        if shape.text
        for box in shape.ink
        for colour in shape.text_colours
    )
    return Cover(ground=slide.background, texts=tuple(texts))


def reason_against_cover(slide: Slide, deck: Deck) -> str | None:
    """Why `slide` cannot have a picture behind everything; None where it can.

    It is the slide's lowest shape: what layout and master draw would be hidden by it, so that nothing may be there.
    Logos and the like of the slide's own stay on top, and stay readable, since the veil is of the slide's own colour.
    """
    shapes = [shape for shape in _own_shapes(slide) if shape.ink]
    texts = [shape for shape in shapes if shape.kind is ShapeKind.TEXT]
    others = [shape for shape in shapes if shape.kind is not ShapeKind.TEXT]
    colours = [colour for shape in texts for colour in shape.text_colours]
    hindrances = {
        "it has no title": not any(letter.isalpha() for letter in slide.title),
        "its background is a picture already": slide.has_picture_background,
        "it would hide what the layout draws": bool(slide.art),
        "it has a placeholder for a picture": any(map(_awaits_picture, slide.shapes)),
        "it has something to look at already": _area(others) >= FILLED_SHARE * deck.width_emu * deck.height_emu,
        "its text stands on a shape": _meet(texts, others),
        "its text is not in plain colours on a plain ground": not all(shape.text_colours for shape in texts),
        "no picture could be both dark and light enough for its text": not any(
            carries(end, colours, LEAST_REACH) for end in (BLACK, WHITE)
        ),
    }
    return next((why for why, is_so in hindrances.items() if is_so), None)


def _awaits_picture(shape: SlideShape) -> bool:
    return shape.is_empty and shape.kind is ShapeKind.PICTURE


def _own_shapes(slide: Slide) -> Iterator[SlideShape]:
    """Without the picture of an earlier run, which is made anew."""
    return (shape for shape in slide.shapes if shape.ours is None)


def _area(shapes: Sequence[SlideShape]) -> int:
    return sum(shape.box.area_emu2 for shape in shapes if shape.box)


def _meet(some: Sequence[SlideShape], others: Sequence[SlideShape]) -> bool:
    return any(one.meets(other) for shape in some for one in shape.ink for another in others for other in another.ink)
