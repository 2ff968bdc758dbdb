"""A picture that did not come to stand as planned is found by what the finished slide says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.planning.inspection import fault_of
from pipeline.records import FittedPicture, OurPicture, ShapeKind, Slide, SlideShape, SlotKind
from tests.builders import box, deck, shape, slide

PICTURE = FittedPicture(data=b"", extension="png", width_px=800, height_px=600)
TOLD = OurPicture(content="0123456789", last_slide_id=300, was_moved=False, was_replaced=False)
TEXT = shape(box(1, 1, 6, 1), ShapeKind.TEXT, 2)


def ours(left: float = 7.5, top: float = 2, width: float = 4, height: float = 3, **changes: object) -> SlideShape:
    where = box(left, top, width, height)
    changes = {"alt_text": "A wall", "ours": replace(TOLD, frame=where)} | changes
    return shape(where, ShapeKind.PICTURE, 9, **changes)


def fault(*shapes: SlideShape, kind: SlotKind = SlotKind.FREE, **changes: object) -> str | None:
    return fault_of(finished(*shapes, **changes), deck(), 9, kind, PICTURE)


def finished(*shapes: SlideShape, **changes: object) -> Slide:
    return slide(2, *shapes, **changes)


def test_a_picture_beside_the_text_has_no_fault() -> None:
    assert fault(TEXT, ours()) is None


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (shape(box(7, 2, 4, 3), ShapeKind.PICTURE, 9), "not on its slide"),
        (ours(alt_text=""), "no alt text"),
        (ours(left=10), "off the slide"),
        (ours(top=-0.1), "off the slide"),
        (ours(width=4.2), "stretched"),
        (ours(left=5, top=1.5), "covers something"),
    ],
)
def test_each_fault_is_told(picture: SlideShape, complaint: str) -> None:
    assert complaint in (fault(TEXT, picture) or "")


def test_a_picture_that_was_moved_may_lie_anywhere_but_not_be_stretched() -> None:
    moved = replace(TOLD, was_moved=True, frame=box(5, 1.5, 4, 3))
    assert fault(TEXT, ours(left=5, top=1.5, ours=moved)) is None
    turned = replace(TOLD, was_moved=True, frame=box(5, 1.5, 3, 4))
    assert fault(TEXT, ours(left=5, top=1.5, ours=turned)) == "the picture is stretched"


def test_a_layouts_art_is_in_the_way_and_its_backdrop_is_not() -> None:
    assert "covers" in (fault(ours(), art=(box(8, 3, 1, 1),)) or "")
    assert fault(ours(), art=(box(0, 0, 13.3, 7.5),)) is None


def test_a_cover_lies_behind_the_text() -> None:
    assert fault(TEXT, ours(left=0.5, top=0.5), kind=SlotKind.COVER) is None
