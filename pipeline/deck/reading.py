"""Reads a whole deck into frozen records. Nothing in the presentation is changed by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.presentation import Presentation

from pipeline.deck.backdrops import backdrop_ink
from pipeline.deck.language import language_votes, majority
from pipeline.deck.layouts import Layout, read_layout
from pipeline.deck.ooxml import flag, integer, qualified, related_by, required, root_of, slide_parts
from pipeline.deck.order import in_reading_order
from pipeline.deck.placeholders import FURNITURE, placeholder_type
from pipeline.deck.shapes import PlacedShape, read_shapes
from pipeline.deck.text import holds_only_fields, paragraph_text
from pipeline.deck.theme import Background, read_background
from pipeline.deck.titles import core_title, find_title
from pipeline.deck.tree import leaves
from pipeline.errors import DeckError
from pipeline.records import Box, Deck, Slide

_SLIDE_SIZE = qualified("p:sldSz")
_PARAGRAPHS = qualified("p:txBody/a:p")

_DEFAULT_SIZE = (9_144_000, 6_858_000)
"""What PowerPoint takes where `p:sldSz` is missing: ten by seven and a half inches."""


def read_deck(path: Path, presentation: Presentation) -> Deck:
    """Everything the later stages know of a deck. `path` names it in the record and in messages.

    Raises DeckError where a part it needs is missing or malformed.
    """
    try:
        return _read_deck(path, presentation.part)
    except DeckError as error:
        raise DeckError(f"{path}: {error}") from error


def _read_deck(path: Path, presentation: Part) -> Deck:
    root = root_of(presentation)
    size = root.find(_SLIDE_SIZE)
    width_emu = integer(size, "cx") or _DEFAULT_SIZE[0]
    height_emu = integer(size, "cy") or _DEFAULT_SIZE[1]
    reader = _SlideReader(Box(left_emu=0, top_emu=0, width_emu=width_emu, height_emu=height_emu))
    slides = tuple(
        reader.read(number, slide_id, part)
        for number, (slide_id, part) in enumerate(slide_parts(presentation), start=1)
    )
    first_title = slides[0].title if slides else ""
    text = "\n".join(line for slide in slides for line in (slide.title, *slide.body))
    return Deck(
        path=path,
        title=core_title(presentation.package, text) or first_title or path.stem,
        language=majority(reader.votes),
        width_emu=width_emu,
        height_emu=height_emu,
        slides=slides,
    )


class _SlideReader:
    """Reads the slides of one deck; remembers the layouts they share and counts the deck's language."""

    def __init__(self, canvas: Box) -> None:
        self.votes: Counter[str] = Counter()
        self._canvas = canvas
        self._layouts: dict[Part, Layout] = {}

    def read(self, number: int, slide_id: int, part: Part) -> Slide:
        root = root_of(part)
        layout = self._layout(required(part, RT.SLIDE_LAYOUT))
        placed = list(read_shapes(part, layout.root, layout.master_root))
        title = find_title(placed, self._canvas.height_emu)
        votes = language_votes(root)
        self.votes += votes
        language = majority(votes)
        in_order = in_reading_order(placed, self._canvas.height_emu, language)
        palette, theme = layout.colours_on(part)
        background = read_background((part, layout.part, layout.master), palette, layout.theme_part)
        drawn = layout.art if flag(root, "showMasterSp", default=True) else ()
        return Slide(
            number=number,
            slide_id=slide_id,
            title="" if title is None else " ".join(title.shape.text.split()),
            body=tuple(_body(in_order, title)),
            notes=_notes(part),
            layout_name=layout.name,
            layout_type=layout.type,
            layout_id=layout.part.partname,
            guides=layout.guides,
            is_hidden=not flag(root, "show", default=True),
            language=language,
            theme=theme,
            background=background.colour,
            has_picture_background=background.picture is not None,
            shapes=tuple(one.shape for one in placed),
            art=(*drawn, *self._painted_art(background)),
        )

    def _layout(self, part: Part) -> Layout:
        if part not in self._layouts:
            self._layouts[part] = read_layout(part, self._canvas)
        return self._layouts[part]

    def _painted_art(self, background: Background) -> tuple[Box, ...]:
        if background.picture is None or background.owner is None:
            return ()
        return backdrop_ink(background.owner, background.picture, self._canvas)


def _body(in_order: Sequence[PlacedShape], title: PlacedShape | None) -> Iterator[str]:
    """What the slide itself says: neither its title nor what stands on every slide."""
    for one in in_order:
        is_own = one.shape.placeholder not in FURNITURE and not holds_only_fields(one.element)
        if one is not title and is_own and one.shape.text:
            yield from one.shape.text.split("\n")


def _notes(slide: Part) -> str:
    """The speaker notes, a line a paragraph. `Slide.notes_slide` would add a notes page to a slide that has none."""
    part = related_by(slide, RT.NOTES_SLIDE)
    if part is None:
        return ""
    for leaf in leaves(root_of(part)):
        if placeholder_type(leaf.element) == "body":
            return "\n".join(paragraph_text(paragraph) for paragraph in leaf.element.iterfind(_PARAGRAPHS)).strip()
    return ""
