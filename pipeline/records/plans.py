"""What will happen to each slide, and where its picture goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.records.boxes import Box
from pipeline.records.slides import Slide, SlideShape


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
