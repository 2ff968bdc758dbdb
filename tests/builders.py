"""Small records for tests, every field that does not matter filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.records import (
    Box,
    Brief,
    Deck,
    NotesOverride,
    ShapeKind,
    Slide,
    SlidePlan,
    SlideShape,
    Slot,
    SlotKind,
    Theme,
)

INCH = 914_400
THEME = Theme(
    background="FFFFFF",
    text="1F2937",
    accents=("2563EB", "F59E0B", "10B981", "EF4444", "8B5CF6", "64748B"),
)


def box(left: float, top: float, width: float, height: float) -> Box:
    """A box given in inches."""
    return Box(
        left_emu=round(left * INCH),
        top_emu=round(top * INCH),
        width_emu=round(width * INCH),
        height_emu=round(height * INCH),
    )


def shape(where: Box | None, kind: ShapeKind = ShapeKind.TEXT, shape_id: int = 2, **changes: object) -> SlideShape:
    """A shape that shows ink all over its box unless it is empty or `ink` says otherwise."""
    ink = () if where is None or changes.get("is_empty") else (where,)
    plain = SlideShape(shape_id=shape_id, name=f"Shape {shape_id}", kind=kind, box=where, ink=ink)
    return replace(plain, **changes)


def slide(number: int = 2, *shapes: SlideShape, **changes: object) -> Slide:
    plain = Slide(
        number=number,
        slide_id=255 + number,
        title=f"How topic {number} works",
        body=("A first point about it", "A second point about it"),
        notes="",
        layout_name="Title and Content",
        layout_type="obj",
        layout_id="/ppt/slideLayouts/slideLayout2.xml",
        guides=(),
        is_hidden=False,
        language="en",
        theme=THEME,
        background="FFFFFF",
        has_picture_background=False,
        shapes=shapes,
        art=(),
    )
    return replace(plain, **changes)


def deck(*slides: Slide) -> Deck:
    """A deck of 13.333 by 7.5 inches."""
    return Deck(
        path=Path("deck.pptx"),
        title="A deck",
        language="en",
        width_emu=12_192_000,
        height_emu=6_858_000,
        slides=slides,
    )


def plan(number: int = 2, **changes: object) -> SlidePlan:
    """A slide that gets a picture on its right."""
    slot = Slot(kind=SlotKind.FREE, box=box(7, 2, 5, 4))
    return replace(SlidePlan(slide=slide(number), reason="room", slot=slot, override=NotesOverride()), **changes)


def brief(number: int = 2, **changes: object) -> Brief:
    plain = Brief(
        slide_number=number,
        deck_title="A deck",
        outline=("One", "Two"),
        title=f"How topic {number} works",
        body=("A first point about it",),
        language="en",
        theme=THEME,
        aspect_ratio=1.25,
        style="flat",
        seed=number,
    )
    return replace(plain, **changes)
