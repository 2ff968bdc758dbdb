"""The deck is delivered whole and checked, or not at all; a filled placeholder stays the placeholder it was."""

from __future__ import annotations

import resource
import stat
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.util import Inches

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package import saving
from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.picture_shapes import Label
from pipeline.deck.package.rewriting import write_package
from pipeline.deck.package.saving import check_target, deliver
from pipeline.deck.reading import read_deck
from pipeline.deck.writing import DeckFile, PlacedPicture
from pipeline.errors import DeliveryError, FileAccessError
from pipeline.records import Box, FittedPicture, PictureFinish, Slot, SlotKind

SHADOW = '<a:effectLst xmlns:a="{a}"><a:outerShdw blurRad="40000" dist="20000"/></a:effectLst>'


def picture(colour="teal"):
    buffer = BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "PNG")
    return FittedPicture(data=buffer.getvalue(), extension="png", width_px=400, height_px=300)


def free(left=1.0, top=1.0):
    box = Box(left_emu=Inches(left), top_emu=Inches(top), width_emu=Inches(4), height_emu=Inches(3))
    return Slot(kind=SlotKind.FREE, box=box)


MISSING = PlacedPicture(
    label=Label(name="Gone", alt_text="", relationship_id="rId9"),
    sha256="0",
)
"""A picture that is promised and is not there."""


def insert(deck, number, slot, image, alt_text):
    name = f"Illustration {number} (deck-illustrator)"
    return deck.insert(number, slot, image, name=name, alt_text=alt_text, finish=PictureFinish())


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
    return DeckFile(open_deck(source))


def placeholder_slot(source):
    shapes = read_deck(source, open_deck(source)).slides[2].shapes
    frame = next(shape for shape in shapes if shape.placeholder == "pic")
    return Slot(kind=SlotKind.PLACEHOLDER, box=frame.box, shape_id=frame.shape_id)


def test_a_delivered_deck_opens_with_its_pictures_described_and_marked(source, deck, tmp_path):
    insert(deck, 1, free(), picture(), "A teal <wall> & more")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    shape = next(iter(Presentation(str(tmp_path / "out.pptx")).slides)).shapes[0]
    assert shape._element.nvPicPr.cNvPr.get("descr") == "A teal <wall> & more"
    assert shape.name == "Illustration 1 (deck-illustrator)"


def test_a_filled_placeholder_keeps_its_place_its_effects_and_its_kind(source, deck, tmp_path):
    insert(deck, 3, placeholder_slot(source), picture(), "A wall")
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
    insert(deck, 1, free(), picture(), "One")
    insert(deck, 2, free(), picture(), "Two")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    slides = list(Presentation(str(tmp_path / "out.pptx")).slides)
    names = {
        slide.shapes[0]._parent.part.related_part(slide.shapes[0]._element.blip_rId).partname for slide in slides[:2]
    }
    assert len(names) == 1


def test_the_deck_is_the_same_to_the_byte_whatever_came_first(source, tmp_path):
    outputs = []
    for order in ((1, 2), (2, 1)):
        deck = DeckFile(open_deck(source))
        for number in order:
            insert(deck, number, free(), picture("teal" if number == 1 else "navy"), "A wall")
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
        outputs.append((tmp_path / "out.pptx").read_bytes())
    assert outputs[0] == outputs[1]


def test_the_output_has_the_access_rights_of_the_input(source, deck, tmp_path):
    source.chmod(0o640)
    insert(deck, 1, free(), picture(), "A wall")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert stat.S_IMODE((tmp_path / "out.pptx").stat().st_mode) == 0o640


def test_a_deck_that_fails_its_check_is_not_delivered_and_leaves_nothing(source, deck, tmp_path):
    deck.placed[2, 9] = MISSING
    with pytest.raises(DeliveryError, match="slide 2"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


def test_a_failed_delivery_leaves_the_old_output_as_it_was(source, deck, tmp_path):
    (tmp_path / "out.pptx").write_bytes(b"old")
    deck.placed[2, 9] = MISSING
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
    insert(deck, 1, free(), picture(), "A wall")
    with pytest.raises(FileAccessError, match="exists already"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=False)
    assert (tmp_path / "out.pptx").read_bytes() == b"another run's"


def test_a_read_only_input_gives_a_read_only_output(source, deck, tmp_path):
    source.chmod(0o444)
    insert(deck, 1, free(), picture(), "A wall")
    deliver(deck, source, tmp_path / "out.pptx", may_overwrite=False)
    assert stat.S_IMODE((tmp_path / "out.pptx").stat().st_mode) == 0o444


def test_a_name_as_long_as_names_can_be_is_delivered(source, deck, tmp_path):
    target = tmp_path / ("x" * 250 + ".pptx")
    check_target(target, may_overwrite=False)
    insert(deck, 1, free(), picture(), "A wall")
    deliver(deck, source, target, may_overwrite=False)
    assert target.exists()


def test_a_name_that_is_too_long_is_refused_in_a_line(tmp_path):
    with pytest.raises(FileAccessError, match="too long"):
        check_target(tmp_path / ("x" * 260 + ".pptx"), may_overwrite=False)


def test_a_source_that_vanished_or_was_replaced_meanwhile_is_saved_as_it_was_opened(source, deck, tmp_path):
    insert(deck, 1, free(), picture(), "A wall")
    deliver(deck, source, tmp_path / "before.pptx", may_overwrite=True)
    source.unlink()
    deliver(deck, source, tmp_path / "gone.pptx", may_overwrite=True)
    source.write_bytes(b"another deck of that name")
    deliver(deck, source, tmp_path / "replaced.pptx", may_overwrite=True)
    before, *others = ((tmp_path / f"{name}.pptx").read_bytes() for name in ("before", "gone", "replaced"))
    assert others == [before, before]


@pytest.mark.parametrize("written", [lambda file: file.write(b"more"), lambda file: file.truncate(20_000)])
def test_a_source_that_was_written_to_meanwhile_is_not_delivered(source, deck, tmp_path, written):
    insert(deck, 1, free(), picture(), "A wall")
    with source.open("ab") as file:
        written(file)
    with pytest.raises(DeliveryError, match=r"deck\.pptx: was written to during the run"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


@pytest.fixture
def small_disk():
    """No file may grow beyond 20,000 bytes: writing fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_leaves_nothing(source, deck, tmp_path, small_disk):
    insert(deck, 1, free(), picture(), "A wall")
    with pytest.raises(FileAccessError, match=r"out\.pptx: cannot be written"):
        deliver(deck, source, tmp_path / "out.pptx", may_overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


def test_a_full_temporary_folder_is_told(deck, small_disk):
    large = FittedPicture(data=bytes(30_000), extension="png", width_px=1, height_px=1)
    with pytest.raises(FileAccessError, match="TMPDIR"):
        insert(deck, 1, free(), large, "A wall")
    assert (deck.placed, deck.changes().added) == ({}, {})


def test_a_part_that_changed_on_the_way_is_noticed(deck, tmp_path):
    """The check trusts nothing that wrote: here another part of the deck is written over behind its back."""
    insert(deck, 1, free(), picture(), "A wall")
    changes = deck.changes()
    spoilt = replace(changes, replaced={**changes.replaced, "ppt/theme/theme1.xml": b"<a/>"})
    with (tmp_path / "out.pptx").open("wb") as file:
        write_package(deck.package, spoilt, deck.spool, file)
    with pytest.raises(DeliveryError, match=r"theme1\.xml changed"):
        saving._check(tmp_path / "out.pptx", deck, changes)


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        (b'descr="A wall"', b'descr="A well"', "description"),
        (b'name="Illustration 1', b'name="Illustration 2', "lacks its picture"),
        (b"<p:pic ", b"<p:sp ", "does not open"),
    ],
)
def test_a_picture_that_is_not_as_it_was_put_in_is_noticed(deck, tmp_path, was, is_now, said):
    insert(deck, 1, free(), picture(), "A wall")
    changes = deck.changes()
    slide = changes.replaced["ppt/slides/slide1.xml"]
    assert was in slide
    spoilt = replace(changes, replaced={**changes.replaced, "ppt/slides/slide1.xml": slide.replace(was, is_now)})
    with (tmp_path / "out.pptx").open("wb") as file:
        write_package(deck.package, spoilt, deck.spool, file)
    with pytest.raises(DeliveryError, match=said):
        saving._check(tmp_path / "out.pptx", deck, changes)
