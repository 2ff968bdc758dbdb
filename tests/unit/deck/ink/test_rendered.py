"""Ink from renders: whose it is, what stays estimated, what a look at new pictures tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline.deck.ink.rendered import Renders, render_package, rendered_ink, with_known_ink
from pipeline.deck.ink.sighting import look_at_pictures
from pipeline.deck.package.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.deck.rendering import Pages, check_renderer, render_pdfs
from pipeline.errors import UsageError
from pipeline.records import Box, Deck, ShapeKind, SlideShape
from tests.builders import INCH, box, shape, slide
from tests.builders import deck as deck_of
from tests.unit.deck.build import TITLE_ONLY, deck, png, saved

PAPER = "#f4f4f4"


def page(*drawn: tuple[Box, str]) -> Image.Image:
    """A page of 13.333 by 7.5 inches with filled rectangles."""
    image = Image.new("RGB", (1280, 720), PAPER)
    for where, colour in drawn:
        edges = (where.left_emu, where.top_emu, where.right_emu, where.bottom_emu)
        left, top, right, bottom = (round(edge * 96 / INCH) for edge in edges)
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=colour)
    return image


def inked(*shapes: SlideShape, whole: Image.Image, bare: Image.Image | None = None) -> Deck:
    renders = Renders(whole=[whole], bare=[bare or page()])
    return rendered_ink(deck_of(slide(1, *shapes, art=(box(0, 7, 1, 0.5),))), renders)


def covers(ink: tuple[Box, ...], x: float, y: float) -> bool:
    return any(one.left_emu <= x * INCH < one.right_emu and one.top_emu <= y * INCH < one.bottom_emu for one in ink)


def test_a_text_has_its_ink_where_it_is_seen() -> None:
    read = inked(shape(box(1, 2, 10, 4)), whole=page((box(1, 2, 4, 1), "black"))).slides[0]
    assert [read.shapes[0].ink] == [(box(1, 2, 4, 1),)]
    assert read.art == (), "the estimate of the design's art is gone with the rest"


def test_ink_belongs_to_the_smallest_shape_that_was_expected_there() -> None:
    body = shape(box(1, 1, 11, 6), shape_id=2, ink=(box(1, 1, 3, 1),))
    stand_in = shape(box(7, 3, 4, 3), shape_id=3)
    read = inked(body, stand_in, whole=page((box(1, 1, 3, 1), "black"), (box(8, 4, 2, 0.5), "black"))).slides[0]
    assert read.shapes[0].ink == (box(1, 1, 3, 1),)
    assert read.shapes[1].ink == (box(8, 4, 2, 0.5),)


def test_ink_of_nobody_and_the_designs_own_are_art() -> None:
    logo, stray = box(12, 0.5, 1, 0.25), box(5, 5, 1, 1)
    read = inked(whole=page((logo, "teal"), (stray, "black")), bare=page((logo, "teal"))).slides[0]
    assert set(read.art) == {logo, stray}


def test_the_core_of_a_large_plain_logo_is_art_too() -> None:
    logo = box(6, 3, 2, 2)
    renders = Renders(whole=[page((logo, "teal"))], bare=[page((logo, "teal"))])
    assert not covers(rendered_ink(deck_of(slide(1)), renders).slides[0].art, 7, 4), "ground, as far as pixels tell"
    assert covers(rendered_ink(deck_of(slide(1, art=(logo,))), renders).slides[0].art, 7, 4)


def test_the_white_in_a_picture_is_no_room() -> None:
    screenshot = shape(box(2, 2, 6, 4), ShapeKind.PICTURE)
    ink = (
        inked(screenshot, whole=page((box(2, 2, 6, 0.5), "black"), (box(8, 4, 1, 1), "black"))).slides[0].shapes[0].ink
    )
    assert covers(ink, 4, 5)
    assert screenshot.box in ink


def test_the_inside_of_a_small_frame_is_its_own_that_of_a_pages_border_is_room() -> None:
    def framed(left: float, top: float, width: float, height: float) -> tuple[Box, ...]:
        where, inside = box(left, top, width, height), box(left + 0.125, top + 0.125, width - 0.25, height - 0.25)
        image = page((where, "black"), (inside, PAPER))
        return inked(shape(where, ShapeKind.DRAWING), whole=image).slides[0].shapes[0].ink

    assert covers(framed(2, 2, 3, 3), 3.5, 3.5)
    assert not covers(framed(0.5, 0.5, 12, 6.5), 6, 3.5)


def test_what_is_not_seen_keeps_its_estimate_unless_it_only_draws() -> None:
    text, line = shape(box(1, 1, 4, 1)), shape(box(1, 4, 4, 1), ShapeKind.DRAWING, shape_id=3)
    read = inked(text, line, whole=page()).slides[0]
    assert read.shapes[0].ink == text.ink
    assert read.shapes[1].ink == ()


def test_ink_all_over_a_page_is_not_taken_for_a_backdrop() -> None:
    everywhere = box(0, 0, 13.333, 7.5)
    read = inked(whole=page((everywhere, "black"))).slides[0]
    assert len(read.art) == 2
    assert covers(read.art, 6, 1)
    assert covers(read.art, 6, 6)


def test_a_slide_read_again_has_the_ink_that_was_seen() -> None:
    text, picture = shape(box(1, 1, 11, 5)), shape(box(7, 2, 4, 3), ShapeKind.PICTURE, shape_id=9)
    known = slide(1, replace(text, ink=(box(1, 1, 3, 1),)), art=(box(12, 7, 1, 0.5),))
    again = with_known_ink(slide(1, text, picture), known)
    assert [one.ink for one in again.shapes] == [(box(1, 1, 3, 1),), picture.ink]
    assert again.art == known.art


def test_a_render_with_other_pages_is_refused() -> None:
    with pytest.raises(UsageError, match="renders 2 of 1 slides"):
        rendered_ink(deck_of(slide(1)), Renders(whole=[page()] * 2, bare=[page()] * 2))


def test_a_look_tells_what_a_picture_covers_and_what_else_changed() -> None:
    text, logo, picture = (box(1, 1, 4, 2), "black"), (box(9, 5, 0.5, 0.5), "teal"), box(3, 1, 7, 5)
    renders = Renders(whole=[page(text, logo)], bare=[page(logo)])
    clean = look_at_pictures(renders, [page(text, logo, (picture, "orange"))], 1, [picture])
    assert clean.over_shapes == (pytest.approx(4 / 35, abs=0.001),)
    assert clean.over_design == (pytest.approx(0.25 / 35, abs=0.001),)
    assert clean.shown[0] > 0.99
    assert clean.elsewhere == 0
    moved = look_at_pictures(renders, [page((box(1, 4, 4, 2), "black"), logo)], 1, [picture])
    assert moved.elsewhere > 0.05
    assert moved.shown[0] < 0.3


def test_a_shadow_is_the_pictures_own() -> None:
    picture, shadow = box(3, 1, 6, 4), box(2.9, 0.9, 6.3, 4.3)
    renders = Renders(whole=[page()], bare=[page()])
    after = [page((shadow, "grey"), (picture, "orange"))]
    assert look_at_pictures(renders, after, 1, [picture]).elsewhere > 0
    assert look_at_pictures(renders, after, 1, [picture], around_emu=INCH // 4).elsewhere == 0


def test_a_missing_page_is_no_clean_bill() -> None:
    renders = Renders(whole=[page()] * 2, bare=[page()] * 2)
    with pytest.raises(UsageError, match="not slide 2"):
        look_at_pictures(renders, [page()], 2, [box(1, 1, 2, 2)])


@pytest.fixture
def _renderer() -> None:
    try:
        check_renderer()
    except UsageError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_renderer")
def test_libreoffice_shows_hidden_slides_and_what_a_picture_covers(tmp_path: Path) -> None:
    presentation = deck(TITLE_ONLY, TITLE_ONLY)
    for one in presentation.slides:
        one.shapes.title.text = "Glaciers"
    presentation.slides[1]._element.set("show", "0")
    path = saved(presentation, tmp_path / "talk.pptx")
    package = open_deck(path)
    estimated = read_deck(path, package)
    renders = render_package(package, path)
    read = rendered_ink(estimated, renders)
    assert len(renders.whole) == 2
    for one in read.slides:
        ink = one.shapes[0].ink
        title = one.shapes[0].box
        assert title is not None
        width_emu = max(part.right_emu for part in ink) - min(part.left_emu for part in ink)
        assert INCH < width_emu < title.width_emu / 2
        assert one.art == ()

    over, beside = ink[0], box(3, 3, 4, 3)
    for where in (over, beside):
        edges = (where.left_emu, where.top_emu, where.width_emu, where.height_emu)
        presentation.slides[1].shapes.add_picture(png(), *edges)
    (after,) = render_pdfs(saved(presentation, tmp_path / "after.pptx"))
    seen = look_at_pictures(renders, Pages(after), 2, [over, beside])
    assert seen.over_shapes[0] > 0.1
    assert seen.over_shapes[1] == 0
    assert min(seen.shown) > 0.9
    assert seen.elsewhere == 0
