"""The deck is delivered whole and checked, or not at all; a filled placeholder stays the placeholder it was."""

from __future__ import annotations

import stat
from io import BytesIO

import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.util import Inches

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.reading import read_deck
from pipeline.deck.saving import check_target, deliver
from pipeline.deck.writing import DeckFile
from pipeline.errors import DeliveryError, FileAccessError
from pipeline.records import Box, FittedPicture, Slot, SlotKind

SHADOW = '<a:effectLst xmlns:a="{a}"><a:outerShdw blurRad="40000" dist="20000"/></a:effectLst>'


def picture(colour="teal"):
    buffer = BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "PNG")
    return FittedPicture(data=buffer.getvalue(), extension="png", width_px=400, height_px=300)


def free(left=1.0, top=1.0):
    box = Box(left_emu=Inches(left), top_emu=Inches(top), width_emu=Inches(4), height_emu=Inches(3))
    return Slot(kind=SlotKind.FREE, box=box)


@pytest.fixture
def source(tmp_path):
    """A deck of three slides; the last has a picture placeholder with a place and a shadow of its own."""
    presentation = Presentation()
    for layout in (6, 6, 8):
        slide = presentation.slides.add_slide(presentation.slide_layouts[layout])
    frame = next(s for s in slide.placeholders if s.placeholder_format.type is PP_PLACEHOLDER.PICTURE)
    frame.left, frame.top, frame.width, frame.height = Inches(1), Inches(1), Inches(3), Inches(3)
    frame._element.spPr.append(parse_xml(SHADOW.format(**NAMESPACES)))
    path = tmp_path / "deck.pptx"
    presentation.save(str(path))
    return path


@pytest.fixture
def deck(source):
    return DeckFile(Presentation(str(source)))


def placeholder_slot(source):
    shapes = read_deck(source, Presentation(str(source))).slides[2].shapes
    frame = next(shape for shape in shapes if shape.placeholder == "pic")
    return Slot(kind=SlotKind.PLACEHOLDER, box=frame.box, shape_id=frame.shape_id)


def test_a_delivered_deck_opens_with_its_pictures_described_and_marked(source, deck, tmp_path):
    deck.insert(1, free(), picture(), "A teal <wall> & more")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    shape = next(iter(Presentation(str(tmp_path / "out.pptx")).slides)).shapes[0]
    assert shape._element.nvPicPr.cNvPr.get("descr") == "A teal <wall> & more"
    assert read_deck(source, Presentation(str(tmp_path / "out.pptx"))).slides[0].shapes[0].is_ours


def test_a_filled_placeholder_keeps_its_place_its_effects_and_its_kind(source, deck, tmp_path):
    deck.insert(3, placeholder_slot(source), picture(), "A wall")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    shape = next(
        s
        for s in list(Presentation(str(tmp_path / "out.pptx")).slides)[2].shapes
        if s.is_placeholder and s._element.tag.endswith("}pic")
    )
    assert (shape.left, shape.top, shape.width, shape.height) == (Inches(1), Inches(1), Inches(3), Inches(3))
    assert shape._element.xpath(".//a:outerShdw")
    assert shape.placeholder_format.type is PP_PLACEHOLDER.PICTURE


def test_the_same_picture_on_two_slides_is_stored_once(source, deck, tmp_path):
    deck.insert(1, free(), picture(), "One")
    deck.insert(2, free(), picture(), "Two")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    slides = list(Presentation(str(tmp_path / "out.pptx")).slides)
    names = {
        slide.shapes[0]._parent.part.related_part(slide.shapes[0]._element.blip_rId).partname for slide in slides[:2]
    }
    assert len(names) == 1


def test_the_media_are_named_by_their_content_whatever_came_first(source, tmp_path):
    names = []
    for order in ((1, 2), (2, 1)):
        deck = DeckFile(Presentation(str(source)))
        for number in order:
            deck.insert(number, free(), picture("teal" if number == 1 else "navy"), "A wall")
        parts = [slide.part.related_part(slide.shapes[0]._element.blip_rId).partname for slide in deck._slides[:2]]
        names.append(parts)
    assert names[0] == names[1]


def test_the_output_has_the_access_rights_of_the_input(source, deck, tmp_path):
    source.chmod(0o640)
    deck.insert(1, free(), picture(), "A wall")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert stat.S_IMODE((tmp_path / "out.pptx").stat().st_mode) == 0o640


def test_a_deck_that_fails_its_check_is_not_delivered_and_leaves_nothing(source, deck, tmp_path):
    deck.inserted[2] = b""  # a picture that is promised and is not there
    with pytest.raises(DeliveryError, match="slide 2"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


def test_a_failed_delivery_leaves_the_old_output_as_it_was(source, deck, tmp_path):
    (tmp_path / "out.pptx").write_bytes(b"old")
    deck.inserted[2] = b""
    with pytest.raises(DeliveryError):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert (tmp_path / "out.pptx").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "match"), [("deck.pptx", "--force"), ("gone/out.pptx", "no such folder"), ("", "folder")]
)
def test_a_target_that_cannot_be_written_is_refused_before_anything_is_paid(source, tmp_path, name, match):
    with pytest.raises(FileAccessError, match=match):
        check_target(tmp_path / name, may_overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


def test_an_output_that_appeared_meanwhile_is_not_overwritten(source, deck, tmp_path):
    (tmp_path / "out.pptx").write_bytes(b"another run's")
    deck.insert(1, free(), picture(), "A wall")
    with pytest.raises(FileAccessError, match="exists already"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=False)
    assert (tmp_path / "out.pptx").read_bytes() == b"another run's"


def test_a_read_only_input_gives_a_read_only_output(source, deck, tmp_path):
    source.chmod(0o444)
    deck.insert(1, free(), picture(), "A wall")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=False)
    assert stat.S_IMODE((tmp_path / "out.pptx").stat().st_mode) == 0o444


def test_a_name_as_long_as_names_can_be_is_delivered(source, deck, tmp_path):
    target = tmp_path / ("x" * 250 + ".pptx")
    check_target(target, may_overwrite=False)
    deck.insert(1, free(), picture(), "A wall")
    deliver(deck, source, target, may_overwrite=False)
    assert target.exists()


def test_a_name_that_is_too_long_is_refused_in_a_line(tmp_path):
    with pytest.raises(FileAccessError, match="too long"):
        check_target(tmp_path / ("x" * 260 + ".pptx"), may_overwrite=False)
