"""What a person may allow: pictures behind title slides, and frames that make room. Neither happens unasked."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches

from pipeline.cli import main
from tests.integration.conftest import FAST

COVERS, MAKE_ROOM = (f"{FAST}layout: {{{name}: true}}\n" for name in ("covers", "make_room"))
LINE = "A river carries what it picks up on its way to the sea, and drops all of it where it slows down"


@pytest.fixture
def opening(tmp_path):
    """A deck that opens with white words on navy."""
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.background.fill.solid()
    first.background.fill.fore_color.rgb = RGBColor(0x0B, 0x1B, 0x3A)
    for shape, text in zip(first.placeholders, ("Rivers of Europe", "Ann Smith"), strict=True):
        shape.text_frame.text = text
        shape.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    second = presentation.slides.add_slide(presentation.slide_layouts[1])
    second.shapes.title.text, second.placeholders[1].text = "Floods", "They come in spring"
    presentation.save(tmp_path / "rivers.pptx")
    return tmp_path / "rivers.pptx"


@pytest.fixture
def full(tmp_path):
    """A slide whose text spans it, and whose foot is taken."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Rivers and what they carry to the sea", f"{LINE}. {LINE}."
    for paragraph in slide.placeholders[1].text_frame.paragraphs:
        paragraph.runs[0].font.size = Inches(0.25)
    bar = slide.shapes.add_shape(1, 0, Inches(4.1), Inches(10), Inches(3.4))
    bar.text_frame.text = "What is known of them"
    presentation.save(tmp_path / "full.pptx")
    return tmp_path / "full.pptx"


def stripped(path):
    target = path.with_name("bare.pptx")
    assert main(["strip", str(path), "-o", str(target), "--quiet"]) == 0
    return target


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def luminance(pixel):
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in pixel))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_cover_lies_behind_everything_and_the_title_can_be_read_on_it(run, opening, tmp_path):
    ran = run(opening, "-o", tmp_path / "out.pptx", config=COVERS)
    assert ran.code == 0
    assert (ran.slide(1)["status"], ran.slide(1)["slot"]["kind"]) == ("illustrated", "cover")
    presentation = Presentation(tmp_path / "out.pptx")
    picture, *texts = presentation.slides[0].shapes
    assert (picture.left, picture.top, picture.width, picture.height) == (0, 0, 9_144_000, 6_858_000)
    image = Image.open(BytesIO(picture.image.blob)).convert("RGB")
    assert len(image.getcolors(image.width * image.height)) > 5, "it is still a picture"
    for text in texts:
        edges = (text.left, text.top, text.left + text.width, text.top + text.height)
        under = image.crop(tuple(edge * image.width // 9_144_000 for edge in edges)).resize((40, 20))
        lightest = max(luminance(under.getpixel((x, y))) for x in range(40) for y in range(20))
        assert 1.05 / (lightest + 0.05) >= 4.5


def test_unasked_a_title_slide_has_no_cover(run, opening, tmp_path):
    ran = run(opening, "-o", tmp_path / "out.pptx")
    assert (ran.slide(1)["status"], ran.slide(1)["reason"]) == ("skipped", "title slide")


def test_a_second_run_leaves_a_cover_as_it_is_and_strip_takes_it_out_again(run, opening, tmp_path):
    out, again = tmp_path / "out.pptx", tmp_path / "again.pptx"
    run(opening, "-o", out, config=COVERS)
    assert run(out, "-o", again, config=COVERS).slide(1)["reason"] == "already illustrated by an earlier run"
    assert parts(stripped(out)) == parts(opening)


def test_room_is_made_when_allowed_told_and_given_back(run, full, tmp_path):
    out = tmp_path / "out.pptx"
    ran = run(full, "-o", out, "--slides", "1", config=MAKE_ROOM)
    assert ran.code == 0
    assert "made by narrowing 'Content Placeholder 2' from 9.0 to " in ran.slide(1)["reason"]
    before, after = (Presentation(path).slides[0].shapes for path in (full, out))
    body = after[1]
    assert (body.left, body.top, body.height) == (before[1].left, before[1].top, before[1].height)
    assert 0.45 * before[1].width <= body.width < before[1].width
    picture = after[len(after) - 1]
    assert picture.left >= body.left + body.width - Inches(0.3)
    assert [(one.left, one.top, one.width, one.height) for one in (after[0], after[2])] == [
        (one.left, one.top, one.width, one.height) for one in (before[0], before[2])
    ]
    assert parts(stripped(out)) == parts(full)


def test_unasked_no_frame_is_narrowed(run, full, tmp_path):
    ran = run(full, "-o", tmp_path / "out.pptx", "--slides", "1")
    assert (ran.code, ran.slide(1)["reason"]) == (3, "no room for a picture")
