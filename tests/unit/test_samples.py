"""The sample decks: what is in git is what the script builds, and holds what the README and other tests count on."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from samples.build_samples import SAMPLES
from samples.building.packing import packed

FOLDER = Path(__file__).parents[2] / "samples"


def parts(file: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_deck_in_git_is_what_the_script_builds_part_by_part(name: str) -> None:
    built, kept = parts(packed(SAMPLES[name]())), parts((FOLDER / name).read_bytes())
    assert list(built) == list(kept)
    assert [part for part in built if built[part] != kept[part]] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_deck_is_small_and_knows_its_title_and_language(name: str) -> None:
    assert (FOLDER / name).stat().st_size < 100_000
    deck = Presentation(str(FOLDER / name))
    assert deck.core_properties.title
    runs = [run for slide in deck.slides for run in slide.element.iter("{*}rPr")]
    assert {run.get("lang") for run in runs} - {"en-US"} <= {deck.core_properties.language}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_text_slide_leaves_a_column_free_of_every_box(name: str) -> None:
    """Wide enough for a picture: a third of the slide's width, beside the text and below the title."""
    deck = Presentation(str(FOLDER / name))
    width = deck.slide_width
    texts = [slide for slide in deck.slides if slide.slide_layout.name == deck.slide_layouts[1].name]
    alone = [slide for slide in texts if not any(shape.has_chart for shape in slide.shapes)]
    assert len(alone) >= 5
    for slide in alone:
        body = slide.placeholders[1]
        assert max(body.left, width - body.left - body.width) > width / 3


def test_the_russian_deck_has_twelve_content_slides_and_a_ready_prompt_on_the_tenth() -> None:
    slides = list(Presentation(str(FOLDER / "neural-networks.pptx")).slides)
    assert len(slides) == 14
    assert slides[-1].shapes.title.text == "Спасибо за внимание"
    assert "DALL-E Prompt:\nNEURAL NETWORK" in slides[9].notes_slide.notes_text_frame.text


def test_between_them_the_decks_hold_what_a_person_decides_by_hand() -> None:
    decks = [Presentation(str(FOLDER / name)) for name in SAMPLES]
    slides = [slide for deck in decks for slide in deck.slides]
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides if slide.has_notes_slide]
    assert "illustrate: no" in notes
    assert "style: watercolour" in notes
    assert any(note.startswith("Image prompt: ") for note in notes)
    assert any(slide.element.get("show") == "0" for slide in slides)
    kinds = [shape.placeholder_format.type for slide in slides for shape in slide.placeholders]
    assert kinds.count(PP_PLACEHOLDER.PICTURE) >= 5
