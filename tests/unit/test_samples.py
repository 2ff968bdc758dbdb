"""The sample decks: what is in git is what the script builds, and holds what the README and other tests count on."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageChops
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from samples import build_gallery
from samples.build_samples import SAMPLES
from samples.building.packing import packed

FOLDER = Path(__file__).parents[2] / "samples"
ONE_SIDED = sorted(SAMPLES.keys() - {"river-report.pptx"})
GALLERY = build_gallery.file_names()


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


@pytest.mark.parametrize("name", ONE_SIDED)
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


def test_the_report_holds_a_slide_of_every_kind_a_designer_draws() -> None:
    deck = Presentation(str(FOLDER / "river-report.pptx"))
    slides = list(deck.slides)
    shapes = [shape for slide in slides for shape in slide.shapes]
    assert [slide.element.find("{*}cSld/{*}bg") is not None for slide in slides].count(True) == 1
    assert [shape.has_text_frame and shape.text == "[Image here]" for shape in shapes].count(True) == 1
    assert [shape.has_table for shape in shapes].count(True) == [shape.has_chart for shape in shapes].count(True) == 1
    assert {len(list(slide.element.iter("{*}buAutoNum"))) for slide in slides} == {0, 4}
    width = deck.slide_width
    spanning = [slide for slide in slides if any(body.width > 0.85 * width for body in slide.placeholders)]
    assert len(spanning) >= 5
    master, panel = deck.slide_masters[0], next(one for one in deck.slide_layouts if one.name == "Panel")
    assert all([shape for shape in page.shapes if not shape.is_placeholder] for page in (master, panel))


def test_the_gallery_is_what_its_script_names() -> None:
    assert sorted(path.name for path in build_gallery.GALLERY.iterdir()) == sorted(GALLERY)
    assert len(GALLERY) >= 8
    assert {f"{view.deck}.pptx" for view in GALLERY.values()} == set(SAMPLES)
    assert build_gallery.OVERVIEW.stat().st_size < 500_000


@pytest.mark.parametrize("name", GALLERY)
def test_a_view_shows_a_slide_with_one_thing_changed(name: str) -> None:
    path = build_gallery.GALLERY / name
    assert path.stat().st_size < 120_000
    with Image.open(path) as pair:
        assert pair.width == 2 * build_gallery.SLIDE_WIDTH_PX + build_gallery.GAP_PX
        before, after = (
            pair.convert("RGB").crop((left, 0, left + build_gallery.SLIDE_WIDTH_PX, pair.height))
            for left in (0, build_gallery.SLIDE_WIDTH_PX + build_gallery.GAP_PX)
        )
    # 32: what a palette's rounding is well below, and no picture is everywhere.
    changed = ImageChops.difference(before, after).convert("L").point(lambda level: 255 * (level > 32))
    box = changed.getbbox()
    assert box is not None
    share = (box[2] - box[0]) * (box[3] - box[1]) / (before.width * before.height)
    assert 0.03 < share < 0.7


def test_the_readme_shows_the_overview() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert re.search(r"!\[[^\]]+\]\(samples/before-after\.png\)", readme)
