"""The frozen records that cross from one stage to the next. Imports nothing of ours.

Lengths are EMU (914,400 to the inch) where the name ends in `_emu`, pixels in `_px`, seconds in `_s`, US dollars
in `_usd`. Colours are six upper-case hexadecimal digits, "RRGGBB".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

EMU_PER_INCH = 914_400
EMU_PER_POINT = 12_700

# What spans so much of the slide both ways is its background by another name.
BACKDROP_SHARE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle in slide coordinates."""

    left_emu: int
    top_emu: int
    width_emu: int
    height_emu: int

    @property
    def right_emu(self) -> int:
        return self.left_emu + self.width_emu

    @property
    def bottom_emu(self) -> int:
        return self.top_emu + self.height_emu

    @property
    def area_emu2(self) -> int:
        return self.width_emu * self.height_emu

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return self.width_emu / self.height_emu

    def meets(self, other: Box) -> bool:
        """True where the two share more than an edge."""
        return (
            self.left_emu < other.right_emu
            and other.left_emu < self.right_emu
            and self.top_emu < other.bottom_emu
            and other.top_emu < self.bottom_emu
        )

    def holds(self, other: Box) -> bool:
        """True where no side of `other` is outside."""
        return (
            self.left_emu <= other.left_emu
            and self.top_emu <= other.top_emu
            and self.right_emu >= other.right_emu
            and self.bottom_emu >= other.bottom_emu
        )

    def is_backdrop_of(self, canvas: Box) -> bool:
        """True where it is so large on a slide of that size that it is a background by another name."""
        return (
            self.width_emu >= BACKDROP_SHARE * canvas.width_emu
            and self.height_emu >= BACKDROP_SHARE * canvas.height_emu
        )


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


class Ground(StrEnum):
    """What the subject of a picture stands on: a scene of its own, the slide's background colour, nothing at all."""

    SCENE = "scene"
    PLAIN = "plain"
    TRANSPARENT = "transparent"


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


class SlotKind(StrEnum):
    """Why a slot is free."""

    PLACEHOLDER = "placeholder"
    STAND_IN = "stand_in"
    FREE = "free"
    COVER = "cover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The rectangle a picture may take.

    A `PLACEHOLDER` is empty and gets filled; a `STAND_IN` is a shape that only says "image here" and is replaced;
    `shape_id` names either. A `COVER` lies behind everything else on the slide.
    """

    kind: SlotKind
    box: Box
    shape_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """Where text of one colour stands, which has to be read on what is under it."""

    box: Box
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a picture behind everything has to respect: the slide's own colour under it, the texts over it."""

    ground: str
    texts: tuple[TextPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """A text's frame that can be narrower with its text at its present size and nothing clipped.

    `before` and `box` are the frame as it is and as it would be, `ink` is where the text would then show.
    """

    shape_id: int
    name: str
    before: Box
    box: Box
    ink: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesOverride:
    """What a person decided for one slide in its speaker notes; None or "" where nothing was said."""

    illustrate: bool | None = None
    style: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidePlan:
    """What will happen to one slide, and why.

    `slot` is None exactly where the slide is skipped. `renews` is our picture that is made anew, None where the slide
    has none yet. `narrowed` are the slide's own frames that make room for the picture.
    """

    slide: Slide
    reason: str
    slot: Slot | None
    override: NotesOverride
    renews: SlideShape | None = None
    narrowed: tuple[Narrowing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the prompt writer is told of one slide.

    `wish` is a person's own prompt in the notes that was not English, "" for none. `complaint` says what was
    wrong with the writer's last answer, "" at the first asking. `seed` is the same for the same slide always.
    `is_cover` is true where the picture lies behind the slide's text.
    """

    slide_number: int
    deck_title: str
    outline: tuple[str, ...]
    title: str
    body: tuple[str, ...]
    language: str
    theme: Theme
    aspect_ratio: float
    style: str
    seed: int
    wish: str = ""
    complaint: str = ""
    is_cover: bool = False
    ground: Ground = Ground.SCENE


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterAnswer:
    """What a prompt writer answered, before cleaning. `prompt` and `alt_text` are "" where not worth it."""

    worth_illustrating: bool
    reason: str
    prompt: str
    alt_text: str
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The clean English text for one slide's picture.

    `subject` is what is to be seen; `text` is the whole that is sent: subject, style and what must not be in it.
    """

    slide_number: int
    text: str
    subject: str
    alt_text: str
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The writer found a slide not worth a picture."""

    slide_number: int
    reason: str
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture asked of an image provider.

    `aspect_ratio` is the slot's width over height, `width_px` how many pixels across it can show: more is paid for in
    vain. `theme`, `style`, `subject`, `seed` and `is_cover` are for providers that draw themselves; services see
    `prompt` alone.
    """

    prompt: str
    subject: str
    aspect_ratio: float
    width_px: int
    style: str
    theme: Theme
    seed: int
    is_cover: bool = False
    ground: Ground = Ground.SCENE


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedImage:
    """What a provider delivered, as it came. `cost_usd` is None where the price is not known."""

    data: bytes = field(repr=False)
    provider: str
    model: str
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPicture:
    """A picture cut to its slot and encoded, ready to be put in. `extension` is "png" or "jpg"."""

    data: bytes = field(repr=False)
    extension: str
    width_px: int
    height_px: int
