"""A deck as it was read: what later stages know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.records.boxes import Box

TITLES = frozenset({"title", "ctrTitle"})
"""Placeholders that head a slide, as `SlideShape.placeholder` names them."""

FURNITURE = frozenset({"dt", "ftr", "hdr", "sldNum"})
"""Placeholders that say the same at the edges of every slide: date, footer, header and slide number."""


class ShapeKind(StrEnum):
    """What a shape on a slide holds."""

    TEXT = "text"
    PICTURE = "picture"
    CHART = "chart"
    TABLE = "table"
    SMARTART = "smartart"
    MEDIA = "media"
    OLE = "ole"
    INK = "ink"
    CONNECTOR = "connector"
    DRAWING = "drawing"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OurPicture:
    """What a picture of an earlier run tells of itself.

    `content` is a digest of what the slide said then (see `planning.renewal`), `last_slide_id` the largest slide id
    the deck had. `frame` is its rectangle as it would stand unturned, None where the file gives no geometry.
    `was_moved` and `was_replaced` are true where a person moved, turned or resized it, or put another picture in its
    place; `is_in_place_of_another` where it filled a placeholder or took the place of a shape.
    """

    content: str
    last_slide_id: int
    was_moved: bool
    was_replaced: bool
    frame: Box | None = None
    is_in_place_of_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideShape:
    """One shape as it stands on a slide; a group's members are listed one by one, the group is not.

    `box` bounds the shape after its rotation and its groups' transforms; None where the file gives no geometry.
    `ink` are the rectangles in which it shows anything, lines of text one by one; they may reach beyond the box.
    `placeholder` is the placeholder's type as the file spells it (`title`, `body`, `pic`, …), "" for none.
    `text_colours` are the plain colours of letters that stand on the slide itself, () where it has a fill or outline,
    no text, or a letter that is not in one colour.
    `is_drawn` is true for boxes, arrows and freeforms with a fill or an outline, placeholders and lines apart.
    `is_empty` is true for a placeholder without content: it shows nothing in a presentation.
    `ours` tells of a picture that an earlier run put there; None for every other shape.
    """

    shape_id: int
    name: str
    kind: ShapeKind
    box: Box | None
    ink: tuple[Box, ...] = ()
    placeholder: str = ""
    text: str = ""
    text_colours: tuple[str, ...] = ()
    alt_text: str = ""
    is_drawn: bool = False
    is_empty: bool = False
    ours: OurPicture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What the deck's design offers a picture, resolved through the master's colour map."""

    background: str
    text: str
    accents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """The soft shadow a picture throws. `direction_deg` runs clockwise from the right, `opacity` from 0 to 1."""

    blur_emu: int
    distance_emu: int
    direction_deg: float
    colour: str
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFinish:
    """How a picture's edge looks.

    `corner_share` is the corners' radius as a share of the shorter side, from 0 to 0.5; `outline` a colour, "" for
    none.
    """

    corner_share: float = 0.0
    outline: str = ""
    outline_emu: int = 0
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One slide, read.

    `number` counts from 1 in the deck's order. `body` is every text but the title in reading order, one entry
    a paragraph, table row, chart category list or SmartArt node. `layout_type` is the layout's own
    `ST_SlideLayoutType` ("title", "secHead", "obj", …), "" if it has none. `layout_id` tells the deck's layouts apart,
    `guides` are the boxes of the layout's title and text placeholders: the lines the design keeps to. `language` is
    an ISO 639 code ("ru") or "". `art` is where layout and master show anything themselves. `has_picture_background`
    is true where the slide, its layout or its master is painted with an image, `has_plain_background` where it is one
    colour.
    """

    number: int
    slide_id: int
    title: str
    body: tuple[str, ...]
    notes: str
    layout_name: str
    layout_type: str
    layout_id: str
    guides: tuple[Box, ...]
    is_hidden: bool
    language: str
    theme: Theme
    background: str
    has_picture_background: bool
    shapes: tuple[SlideShape, ...]
    art: tuple[Box, ...]
    has_plain_background: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """A deck, read: everything the later stages know of it.

    `finish` is what the deck's own pictures agree in; None where they do not, or where there are too few.
    """

    path: Path
    title: str
    language: str
    width_emu: int
    height_emu: int
    slides: tuple[Slide, ...]
    finish: PictureFinish | None = None

    @property
    def canvas(self) -> Box:
        """The whole of any slide."""
        return Box(left_emu=0, top_emu=0, width_emu=self.width_emu, height_emu=self.height_emu)
