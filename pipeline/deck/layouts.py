"""What all slides of one layout share: its name, its design and what it and its master draw themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from pipeline.deck import tree
from pipeline.deck.colours import Palette
from pipeline.deck.geometry import bounding_box
from pipeline.deck.ink.surfaces import Paper
from pipeline.deck.ooxml import Element, flag, qualified, required, root_of
from pipeline.deck.package.parts import Part
from pipeline.deck.placeholders import TEXTS, frame_of, placeholder_type
from pipeline.deck.shapes import read_art
from pipeline.deck.theme import overrides_colours, read_background, read_palette, theme_in, theme_of
from pipeline.records import TITLES, Box, Theme

_COMMON_DATA = qualified("p:cSld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A slide layout with its master and theme.

    `type` is the file's `ST_SlideLayoutType`, "" if it states none. `drawn` are the boxes of what layout and master
    draw, `art` where it would be in a picture's way.
    """

    part: Part
    master: Part
    theme_part: Part | None
    name: str
    type: str
    palette: Palette
    theme: Theme
    guides: tuple[Box, ...]
    drawn: tuple[Box, ...]
    art: tuple[Box, ...]

    @property
    def theme_root(self) -> Element | None:
        return None if self.theme_part is None else root_of(self.theme_part)

    @property
    def root(self) -> Element:
        return root_of(self.part)

    @property
    def master_root(self) -> Element:
        return root_of(self.master)

    def colours_on(self, slide: Part) -> tuple[Palette, Theme]:
        """The design as one slide sees it, which may override colours.

        Raises DeckError, without the deck's path, where the slide's theme override is malformed.
        """
        if not overrides_colours(slide):
            return self.palette, self.theme
        palette = read_palette(self.theme_root, self.master, (self.part, slide))
        return palette, theme_in(palette)


def read_layout(part: Part, canvas: Box) -> Layout:
    """The layout of slides as large as `canvas`.

    Raises DeckError, without the deck's path, where the master is missing or the theme malformed.
    """
    master = required(part, RT.SLIDE_MASTER)
    root = root_of(part)
    theme_part = theme_of(master)
    theme = None if theme_part is None else root_of(theme_part)
    palette = read_palette(theme, master, (part,))
    background = read_background((part, master), palette, theme_part)
    paper = Paper(canvas=canvas, colour=background.plain_colour, palette=palette, is_art=True)
    drawing = (master, part) if flag(root, "showMasterSp", default=True) else (part,)
    art = [shown for one in drawing for shown in read_art(one, paper)]
    common = root.find(_COMMON_DATA)
    return Layout(
        part=part,
        master=master,
        theme_part=theme_part,
        name="" if common is None else common.get("name", ""),
        type=root.get("type", ""),
        palette=palette,
        theme=theme_in(palette),
        guides=tuple(_guides(root, master)),
        drawn=tuple(box for box, _ in art),
        art=tuple(one for _, ink in art for one in ink),
    )


def _guides(layout: Element, master: Part) -> Iterator[Box]:
    """The boxes of the title and the text placeholders."""
    for leaf in tree.leaves(layout):
        if placeholder_type(leaf.element) in TITLES | TEXTS:
            frame = frame_of(leaf.element, layout, root_of(master))
            if frame is not None:
                yield bounding_box(frame, leaf.parent)
