"""The judge's pure parts: the largest free rectangle, what counts as changed, what breaks a bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pptx.util import Inches

from tests.corpus.illustrating import Run
from tests.corpus.ink import Mask, largest_free, share_of
from tests.corpus.measuring import DeckFigures, SlideFigures
from tests.corpus.package import DeckPackage, compare_slides, foreign_changes
from tests.corpus.pictures import PictureFigures, frame_of
from tests.corpus.table import broken_bounds, markdown, with_room
from tests.unit.deck.build import PICTURE_WITH_CAPTION, deck, only, part, png, rewritten, saved


def ink(rows: int, columns: int, *taken: tuple[slice, slice]) -> Mask:
    mask = np.zeros((rows, columns), dtype=bool)
    for area in taken:
        mask[area] = True
    return mask


def largest_by_trying(mask: Mask, max_ratio: float) -> int:
    rows, columns = mask.shape
    areas = [0]
    for top, left in product(range(rows), range(columns)):
        for bottom, right in product(range(top + 1, rows + 1), range(left + 1, columns + 1)):
            height, width = bottom - top, right - left
            is_allowed = max(height, width) <= max_ratio * min(height, width)
            if is_allowed and not mask[top:bottom, left:right].any():
                areas.append(height * width)
    return max(areas)


@pytest.mark.parametrize("seed", range(12))
def test_no_free_rectangle_is_larger_than_the_one_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((9, 14)) < 0.02 * (seed % 5) + 0.03
    found = largest_free(mask, max_ratio=2.5, grid_px=1)
    assert found is not None
    left, top, right, bottom = found
    assert not mask[top:bottom, left:right].any()
    assert (right - left) * (bottom - top) == largest_by_trying(mask, 2.5)


def test_a_band_is_trimmed_to_what_a_picture_can_be() -> None:
    band = ink(80, 400, (slice(40, 80), slice(None)))
    found = largest_free(band, grid_px=4)
    assert found is not None
    assert (found[2] - found[0], found[3] - found[1]) == (100, 40)
    assert share_of(found, band) == pytest.approx(0.125)


def test_a_page_full_of_ink_has_no_room() -> None:
    assert largest_free(ink(40, 40, (slice(None), slice(None)))) is None
    assert share_of(None, ink(40, 40)) == 0


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return saved(deck(PICTURE_WITH_CAPTION), tmp_path / "before.pptx")


@pytest.fixture
def after(tmp_path: Path) -> Path:
    presentation = deck(PICTURE_WITH_CAPTION)
    only(presentation).placeholders[1].insert_picture(png())
    only(presentation).shapes.add_picture(png(), Inches(1), Inches(2), Inches(4))
    return saved(presentation, tmp_path / "after.pptx")


SLIDE = "ppt/slides/slide1.xml"


def test_new_pictures_are_no_change_of_the_shapes_that_were_there(before: Path, after: Path) -> None:
    old, new = DeckPackage(before), DeckPackage(after)
    change = compare_slides(old.items(SLIDE), new.items(SLIDE))
    assert len(change.pictures) == 2
    assert change.changed == 0
    filled, free = (frame_of(item.element, SLIDE, new) for item in change.pictures)
    assert filled == (1792288, 612775, 7278688, 4727575), "the layout's own place"
    assert free == (914400, 1828800, 4572000, 4572000)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'name="Title', b'name="Heading'),
        (b"<p:cSld>", b"<p:cSld><p:bg><p:bgPr><a:noFill/><a:effectLst/></p:bgPr></p:bg>"),
    ],
)
def test_a_touched_shape_or_background_is_a_change(before: Path, after: Path, old: bytes, new: bytes) -> None:
    slide = part(after, SLIDE)
    assert old in slide
    rewritten(after, {SLIDE: slide.replace(old, new)})
    assert compare_slides(DeckPackage(before).items(SLIDE), DeckPackage(after).items(SLIDE)).changed == 1


def test_a_deck_equals_itself_and_its_bare_copy_lacks_shapes_only(before: Path, tmp_path: Path) -> None:
    package = DeckPackage(before)
    assert foreign_changes(package, DeckPackage(before), []) == []
    bare = tmp_path / "bare.pptx"
    bare.write_bytes(package.bare())
    assert len(DeckPackage(bare).items(SLIDE)) < len(package.items(SLIDE))
    assert foreign_changes(package, DeckPackage(bare), []) == [f"{SLIDE}: changed"]
    assert foreign_changes(package, DeckPackage(bare), [SLIDE]) == []


def test_parts_that_are_changed_lost_or_added_are_named(before: Path, after: Path) -> None:
    rewritten(after, {"ppt/presProps.xml": b"<other/>", "ppt/tableStyles.xml": None, "ppt/media/stray.png": b"stray"})
    found = foreign_changes(DeckPackage(before), DeckPackage(after), [SLIDE])
    assert {"ppt/presProps.xml: changed", "ppt/tableStyles.xml: lost", "ppt/media/stray.png: added"} <= set(found)
    assert not any("image1" in line for line in found), "the pictures' own media may come"


def figures(**changes: Any) -> DeckFigures:
    picture = PictureFigures(
        slide=1, slide_share=0.3, ink_shapes=0.0, ink_decor=0.0, off_slide=0.0, aspect_error=0.0, alt="A cat"
    )
    slide = SlideFigures(
        number=1, room=0.3, rectangle=(0, 0, 9, 9), let_through=True, illustrated=True, reason="", new_pictures=1
    )
    run = Run(exit_code=0, seconds=1.0)
    slides = [replace(slide, **{k: v for k, v in changes.items() if k in SlideFigures.__slots__})]
    pictures = [replace(picture, **{k: v for k, v in changes.items() if k in PictureFigures.__slots__})]
    return DeckFigures(deck="talk.pptx", run=run, slides=slides, pictures=pictures)


def test_a_perfect_deck_breaks_no_bound() -> None:
    assert broken_bounds([figures()]) == []
    assert "| talk.pptx | 1 | 1 | 0 |" in markdown([figures()])


@pytest.mark.parametrize(
    "flaw",
    [
        {"ink_shapes": 0.021},
        {"ink_decor": 0.021},
        {"off_slide": 0.01},
        {"aspect_error": 0.03},
        {"alt": ""},
        {"shapes_changed": 1},
        {"changed_outside": 0.01},
        {"new_pictures": 0},
    ],
)
def test_each_flaw_breaks_its_bound(flaw: dict[str, Any]) -> None:
    assert len(broken_bounds([figures(**flaw)])) == 1


def test_only_slides_with_room_that_the_rules_let_through_are_wanted() -> None:
    assert with_room(figures(new_pictures=0)) == (0, 1)
    assert with_room(figures(new_pictures=0, let_through=False)) == (0, 0)
    assert with_room(figures(new_pictures=0, room=0.11)) == (0, 0)
