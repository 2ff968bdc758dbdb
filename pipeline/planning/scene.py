"""A slide as the search for room sees it: its ink, its texts and the lines its design keeps to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from pipeline.config.settings import Layout
from pipeline.planning.lines import Lines, lines_across, lines_down
from pipeline.planning.rectangles import bounding
from pipeline.planning.stand_ins import says_image_here
from pipeline.records import EMU_PER_INCH, FURNITURE, TITLES, Box, Deck, ShapeKind, Slide, SlideShape

# Where keeping the distances as set leaves no room, so much of them is kept: 0.08 and 0.16 inches by default, the
# least that still looks placed. Never less.
TIGHT_SHARE = 8 / 15
# What is no wider or no higher than these shares of the slide is a bar, a dot or a rule.
_LEAST_WIDTH_SHARE, _LEAST_HEIGHT_SHARE = 0.1, 0.05

_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """How far a picture stays from ink and from the slide's edge; `tight` is the least of both."""

    gap_emu: int
    margin_emu: int
    tight_gap_emu: int
    tight_margin_emu: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One slide, prepared. `lines_across` are places from left to right, `lines_down` from top to bottom.

    `ink` is everything that shows, each once, `ink_edges` its left, top, right and bottom edges. `texts` are the boxes
    of the ink of each text but the title's, `title` is that; `text_weight` is what their lines cover, `text_moment`
    twice that times how far to the right of the slide's middle. `vacant` are the boxes of empty placeholders.
    """

    width_emu: int
    height_emu: int
    spacing: Spacing
    smallest_emu2: float
    reads_right_to_left: bool
    ink: tuple[Box, ...]
    ink_edges: tuple[tuple[int, int, int, int], ...]
    title: Box | None
    texts: tuple[Box, ...]
    text_weight: int
    text_moment: int
    vacant: tuple[Box, ...]
    lines_across: Lines
    lines_down: Lines

    @property
    def area_emu2(self) -> int:
        return self.width_emu * self.height_emu


def spacing_of(layout: Layout) -> Spacing:
    gap, margin = layout.gap_in * EMU_PER_INCH, layout.margin_in * EMU_PER_INCH
    return Spacing(
        gap_emu=round(gap),
        margin_emu=round(margin),
        tight_gap_emu=round(TIGHT_SHARE * gap),
        tight_margin_emu=round(TIGHT_SHARE * margin),
    )


def prepare_scene(slide: Slide, deck: Deck, layout: Layout) -> Scene:
    """What the search for room needs to know of `slide`."""
    title = _title(slide)
    inks = [
        shape.ink
        for shape in slide.shapes
        if shape.ink and shape.text and shape is not title and shape.placeholder not in FURNITURE
    ]
    texts = [bounding(ink) for ink in inks]
    lines_of_text = tuple(chain.from_iterable(inks))
    ink = tuple(dict.fromkeys(ink_of(slide, deck)))
    spacing = spacing_of(layout)
    standing = list(_standing(slide, deck))
    return Scene(
        width_emu=deck.width_emu,
        height_emu=deck.height_emu,
        spacing=spacing,
        smallest_emu2=layout.min_slot_share * deck.width_emu * deck.height_emu,
        reads_right_to_left=(slide.language or deck.language) in _RIGHT_TO_LEFT,
        ink=ink,
        ink_edges=tuple((box.left_emu, box.top_emu, box.right_emu, box.bottom_emu) for box in ink),
        title=bounding(title.ink) if title else None,
        texts=tuple(texts),
        text_weight=sum(line.area_emu2 for line in lines_of_text),
        text_moment=sum(line.area_emu2 * (line.left_emu + line.right_emu - deck.width_emu) for line in lines_of_text),
        vacant=tuple(shape.box for shape in slide.shapes if shape.is_empty and shape.box),
        lines_across=lines_across(deck.width_emu, spacing.margin_emu, slide.guides, standing, lines_of_text),
        lines_down=lines_down(deck.height_emu, spacing.margin_emu, slide.guides, standing, texts),
    )


def ink_of(slide: Slide, deck: Deck, but: SlideShape | None = None) -> Iterator[Box]:
    """Where the slide shows anything, leaving out the shape `but` and backdrops that its layout paints."""
    for shape in slide.shapes:
        if shape is not but:
            yield from shape.ink
    yield from (box for box in slide.art if not box.is_backdrop_of(deck.canvas))


def is_stand_in(shape: SlideShape) -> bool:
    """True for a shape that only says that a picture goes here."""
    return (
        shape.kind in {ShapeKind.TEXT, ShapeKind.DRAWING}
        and shape.placeholder not in TITLES | FURNITURE
        and bool(shape.text)
        and says_image_here(shape.text)
    )


def _title(slide: Slide) -> SlideShape | None:
    """The title's shape: the placeholder for it, else the shape that says what was read as the title."""
    with_ink = [shape for shape in slide.shapes if shape.ink and shape.text]
    titles = [shape for shape in with_ink if shape.placeholder in TITLES]
    named = [shape for shape in with_ink if slide.title and " ".join(shape.text.split()) == slide.title]
    return min(titles or named, key=_place, default=None)


def _place(shape: SlideShape) -> tuple[int, int, int]:
    """The same for a shape and its mirror image; topmost and largest first."""
    box = bounding(shape.ink)
    return box.top_emu, -box.height_emu, -box.width_emu


def _standing(slide: Slide, deck: Deck) -> Iterator[Box]:
    """The boxes of the slide's shapes that a designer would keep in line with: not bars, dots or backdrops."""
    for shape in slide.shapes:
        box = shape.box
        if box is None or shape.placeholder in FURNITURE or shape.kind is ShapeKind.CONNECTOR:
            continue
        is_wide = box.width_emu > _LEAST_WIDTH_SHARE * deck.width_emu
        is_high = box.height_emu > _LEAST_HEIGHT_SHARE * deck.height_emu
        if is_wide and is_high and not box.is_backdrop_of(deck.canvas):
            yield box
