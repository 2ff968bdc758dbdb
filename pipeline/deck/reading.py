"""Reads a whole deck into frozen records. Nothing in the presentation is changed by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from pipeline.deck.backdrops import backdrop_ink
from pipeline.deck.colours import Palette
from pipeline.deck.ink.narrowing import narrowings
from pipeline.deck.ink.surfaces import Paper
from pipeline.deck.ink.text_settings import TextSettings
from pipeline.deck.language import language_votes, majority
from pipeline.deck.layouts import Layout, read_layout
from pipeline.deck.ooxml import Element, flag, integer, qualified, related_by, required, root_of, slide_parts
from pipeline.deck.order import in_reading_order
from pipeline.deck.package.parts import Package, Part
from pipeline.deck.pictures.finishes import Design, Edge, agreed_finish, is_content, read_edge
from pipeline.deck.placeholders import ancestors, placeholder_type
from pipeline.deck.shapes import PlacedShape, read_shapes
from pipeline.deck.text import holds_only_fields, paragraph_text
from pipeline.deck.theme import Background, read_background
from pipeline.deck.titles import core_title, find_title
from pipeline.deck.tree import PICTURE, leaves
from pipeline.errors import DeckError
from pipeline.records import FURNITURE, Box, Deck, Narrowing, Slide

_SLIDE_SIZE = qualified("p:sldSz")
_PARAGRAPHS = qualified("p:txBody/a:p")

_DEFAULT_SIZE = (9_144_000, 6_858_000)
"""What PowerPoint takes where `p:sldSz` is missing: ten by seven and a half inches."""


def read_deck(path: Path, package: Package) -> Deck:
    """Everything the later stages know of a deck. `path` names it in the record and in messages.

    Raises DeckError where a part it needs is missing or malformed.
    """
    return DeckReader(path, package).read()


class DeckReader:
    """Reads one deck, and slides of it again once they were changed.

    Raises DeckError where a part it needs is missing or malformed.
    """

    def __init__(self, path: Path, package: Package) -> None:
        self._path = path
        self._package = package
        with self._naming_the_deck():
            self._presentation = required(package, RT.OFFICE_DOCUMENT)
            size = root_of(self._presentation).find(_SLIDE_SIZE)
        width_emu = integer(size, "cx") or _DEFAULT_SIZE[0]
        height_emu = integer(size, "cy") or _DEFAULT_SIZE[1]
        self._canvas = Box(left_emu=0, top_emu=0, width_emu=width_emu, height_emu=height_emu)
        self._slides = _SlideReader(self._canvas, root_of(self._presentation))

    def read(self) -> Deck:
        """The whole deck."""
        with self._naming_the_deck():
            slides = tuple(
                self._slides.read(number, slide_id, part)
                for number, (slide_id, part) in enumerate(slide_parts(self._presentation), start=1)
            )
            first_title = slides[0].title if slides else ""
            text = "\n".join(line for slide in slides for line in (slide.title, *slide.body))
            return Deck(
                path=self._path,
                title=core_title(self._package, text) or first_title or self._path.stem,
                language=majority(self._slides.votes),
                width_emu=self._canvas.width_emu,
                height_emu=self._canvas.height_emu,
                slides=slides,
                finish=agreed_finish(self._slides.edges),
            )

    def read_again(self, slide: Slide, part: Part) -> Slide:
        """`slide` as `part` has it now."""
        with self._naming_the_deck():
            return self._slides.read(slide.number, slide.slide_id, part)

    def narrowings(self, numbers: Container[int]) -> dict[int, tuple[Narrowing, ...]]:
        """The frames that could be narrower on the slides of these numbers, the best first."""
        with self._naming_the_deck():
            return {
                number: self._slides.narrowings(part)
                for number, (_, part) in enumerate(slide_parts(self._presentation), start=1)
                if number in numbers
            }

    @contextmanager
    def _naming_the_deck(self) -> Iterator[None]:
        try:
            yield
        except DeckError as error:
            raise DeckError(f"{self._path}: {error}") from error


class _SlideReader:
    """Reads the slides of one deck; remembers the layouts they share, the language and the pictures' edges."""

    def __init__(self, canvas: Box, presentation: Element) -> None:
        self.votes: Counter[str] = Counter()
        self.edges: list[Edge] = []
        self._canvas = canvas
        self._presentation = presentation
        self._layouts: dict[Part, Layout] = {}
        self._settings: dict[Part, TextSettings] = {}

    def read(self, number: int, slide_id: int, part: Part) -> Slide:
        root = root_of(part)
        layout = self._layout(required(part, RT.SLIDE_LAYOUT))
        palette, theme = layout.colours_on(part)
        background, paper = self._ground(part, layout, palette)
        placed = list(read_shapes(part, layout.root, layout.master_root, paper, self._settings[layout.part]))
        self.edges += _edges(placed, layout, Design(palette=palette, theme=layout.theme_root), self._canvas)
        title = find_title(placed, self._canvas.height_emu)
        votes = language_votes(root)
        self.votes += votes
        language = majority(votes)
        in_order = in_reading_order(placed, self._canvas.height_emu, language)
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
            has_picture_background=background.is_picture,
            has_plain_background=background.is_plain,
            shapes=tuple(one.shape for one in placed),
            art=(*(layout.art if _has_art(part) else ()), *self._painted_art(background)),
        )

    def narrowings(self, part: Part) -> tuple[Narrowing, ...]:
        layout = self._layout(required(part, RT.SLIDE_LAYOUT))
        palette, _ = layout.colours_on(part)
        _, paper = self._ground(part, layout, palette)
        settings = self._settings[layout.part]
        return tuple(narrowings(root_of(part), layout.root, layout.master_root, settings, paper))

    def _ground(self, part: Part, layout: Layout, palette: Palette) -> tuple[Background, Paper]:
        """What a slide's shapes stand on."""
        background = read_background((part, layout.part, layout.master), palette, layout.theme_part)
        drawn = layout.drawn if _has_art(part) else ()
        return background, Paper(canvas=self._canvas, colour=background.plain_colour, palette=palette, art=drawn)

    def _layout(self, part: Part) -> Layout:
        if part not in self._layouts:
            layout = read_layout(part, self._canvas)
            self._layouts[part] = layout
            self._settings[part] = TextSettings(layout.root, layout.master_root, layout.theme_root, self._presentation)
        return self._layouts[part]

    def _painted_art(self, background: Background) -> tuple[Box, ...]:
        if background.drawing is None or background.owner is None:
            return ()
        return backdrop_ink(background.owner, background.drawing, self._canvas)


def _edges(placed: Sequence[PlacedShape], layout: Layout, design: Design, canvas: Box) -> Iterator[Edge]:
    for one in placed:
        if one.element.tag == PICTURE and is_content(one.shape, canvas):
            yield read_edge(one.element, ancestors(one.element, layout.root, layout.master_root), design)


def _has_art(slide: Part) -> bool:
    """True where a slide shows what its layout and master draw."""
    return flag(root_of(slide), "showMasterSp", default=True)


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
