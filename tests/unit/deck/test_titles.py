"""What heads a slide and what the deck is called, also where no placeholder and no property says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx.util import Inches, Pt

from pipeline.deck.reading import read_deck
from tests.unit.deck.build import (
    TITLE_AND_CONTENT,
    TITLE_ONLY,
    TITLE_SLIDE,
    add_xml,
    box,
    deck,
    only,
    opened,
    read,
    read_only,
    text_box,
)

INCH = 914_400


class TestTitleWithoutPlaceholder:
    """Many decks are drawn on blank layouts; what heads such a slide is its title all the same."""

    def title(self, *boxes: tuple[int, int, str], is_text_box: bool = True) -> str:
        presentation = deck()
        for top_inches, points, text in boxes:
            xml = text_box("", 0, top_inches * INCH, 4 * INCH, INCH, text, run=f'sz="{points * 100}"')
            add_xml(only(presentation), xml if is_text_box else xml.replace(' txBox="1"', ""))
        return read_only(presentation).title

    def test_the_highest_and_largest_text_is_the_title_and_not_body(self) -> None:
        assert self.title((0, 32, "Photosynthesis"), (3, 20, "Light")) == "Photosynthesis"

    def test_a_larger_text_below_makes_it_a_drawing(self) -> None:
        assert self.title((0, 24, "label"), (3, 60, "42 %")) == ""

    def test_text_of_plain_size_is_no_title(self) -> None:
        assert self.title((0, 18, "A remark")) == ""

    def test_text_in_the_middle_is_no_title(self) -> None:
        assert self.title((4, 40, "42 %")) == ""

    def test_a_labelled_rectangle_is_no_title(self) -> None:
        assert self.title((0, 32, "Server"), is_text_box=False) == ""

    def test_a_title_placeholder_that_holds_a_picture_leaves_the_slide_untitled(self) -> None:
        presentation = deck()
        add_xml(
            only(presentation),
            '<p:pic><p:nvPicPr><p:cNvPr id="2" name="Title"/><p:cNvPicPr/>'
            '<p:nvPr><p:ph type="title"/></p:nvPr></p:nvPicPr>'
            "<p:blipFill/><p:spPr/></p:pic>" + text_box("", 0, 0, 9, 9, "Big", run='sz="4000"'),
        )
        read = read_only(presentation)
        assert (read.title, read.body) == ("", ("Big",))
        assert box(0, 0, 9, 9) in [one.box for one in read.shapes]


class TestDeckTitle:
    """What the whole deck is called."""

    def title(self, core: str, first_slide: str) -> str:
        presentation = deck(TITLE_SLIDE, TITLE_AND_CONTENT)
        presentation.core_properties.title = core
        only(presentation).shapes.title.text_frame.text = first_slide
        presentation.slides[1].shapes.title.text_frame.text = "Rivers of Austria"
        return read(presentation).title

    def test_the_files_own_title_is_taken_where_the_slides_speak_of_it(self) -> None:
        assert self.title("Austria", "Welcome") == "Austria"

    @pytest.mark.parametrize("stale", ["PowerPoint-Präsentation", "Untitled", "Real World Polyglot Persistence", ""])
    def test_a_title_left_by_a_program_or_an_older_talk_is_not(self, stale: str) -> None:
        assert self.title(stale, "Welcome") == "Welcome"

    def test_a_deck_without_any_title_is_called_like_its_file(self) -> None:
        assert self.title("", "") == "talk"

    def test_without_properties_the_deck_has_its_first_slides_title(self) -> None:
        presentation = deck(TITLE_ONLY)
        only(presentation).shapes.title.text_frame.text = "Welcome"
        package = presentation.part.package
        core = next(name for name, one in package._rels.items() if one.reltype.endswith("/core-properties"))
        package.drop_rel(core)
        assert read(presentation).title == "Welcome"


def test_text_sizes_are_taken_from_runs(tmp_path: Path) -> None:
    """A deck built the usual way, with python-pptx alone."""
    presentation = deck()
    frame = only(presentation).shapes.add_textbox(0, 0, Inches(5), Inches(1)).text_frame
    frame.text = "Photosynthesis"
    frame.paragraphs[0].runs[0].font.size = Pt(36)
    assert read_deck(tmp_path / "x.pptx", opened(presentation)).title == "Photosynthesis"
