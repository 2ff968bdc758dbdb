"""Pictures come and go; of the rest of the deck not a byte changes, and taking them out gives the deck back."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from pipeline.deck.ooxml import NAMESPACES, related
from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.parts import MAIN_TYPES
from pipeline.deck.package.picture_shapes import embedded
from pipeline.deck.package.saving import deliver
from pipeline.deck.package.splicing import Document
from pipeline.deck.writing import DeckFile
from pipeline.errors import DeckError
from pipeline.records import FittedPicture, PictureFinish, Slot, SlotKind
from tests.conftest import DECKS, ROOT
from tests.unit.deck.build import (
    BLANK,
    PICTURE_WITH_CAPTION,
    add_xml,
    alternatives,
    box,
    deck,
    group,
    only,
    part,
    rewritten,
    saved,
    text_box,
)

SLIDE, RELATIONS, TYPES = "ppt/slides/slide1.xml", "ppt/slides/_rels/slide1.xml.rels", "[Content_Types].xml"
PLACE = box(914_400, 914_400, 1_828_800, 1_371_600)
FREE, COVER = (Slot(kind=kind, box=PLACE) for kind in (SlotKind.FREE, SlotKind.COVER))
ODD_TEXT = """He said "it's <b>fine</b>" & left\x07\x00\n\ttwice \U0001f600 ]]> \ufffe"""
SAMPLES = sorted((ROOT / "samples").glob("*.pptx"))
REAL = ["talk-013.pptx", "talk-016.pptx", "odd-021.pptx", "odd-030.pptm", "odd-049.pptx", "odd-052.ppsm"]


def picture(shade: int = 9, extension: str = "png") -> FittedPicture:
    encoded = BytesIO()
    Image.new("RGB", (16, 12), (shade, 99, 200)).save(encoded, "PNG" if extension == "png" else "JPEG")
    return FittedPicture(data=encoded.getvalue(), extension=extension, width_px=16, height_px=12)


def insert(file: DeckFile, number: int, slot: Slot = FREE, image: FittedPicture | None = None, **words: str) -> int:
    words = {"name": "Ours", "alt_text": "A wall", **words}
    return file.insert(number, slot, image or picture(), finish=PictureFinish(), **words)


def delivered(file: DeckFile, source: Path, name: str = "out.pptx") -> Path:
    target = source.with_name(name)
    deliver(file, source, target, may_overwrite=True)
    file.close()
    return target


def opened(path: Path) -> DeckFile:
    return DeckFile(open_deck(path))


def entries(path: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def tree(path: Path, name: str = SLIDE) -> etree._Element:
    return etree.fromstring(part(path, name))


def tags(path: Path) -> list[str]:
    """Names of what stands in the shape tree, in its order."""
    shapes = tree(path).find("p:cSld/p:spTree", NAMESPACES)
    return [etree.QName(child).localname for child in shapes]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Slide 1 has a text box, slide 2 nothing, slide 3 an empty picture placeholder with a place of its own."""
    presentation = deck(BLANK, BLANK, PICTURE_WITH_CAPTION)
    add_xml(only(presentation), text_box("Image here", 100, 200, 300, 400, "[image]"))
    frame = next(one for one in presentation.slides[2].placeholders if one.placeholder_format.idx == 1)
    frame.left, frame.top, frame.width, frame.height = 10, 20, 30, 40
    return saved(presentation, tmp_path / "deck.pptx")


def placeholder(source: Path) -> Slot:
    xml = tree(source, "ppt/slides/slide3.xml")
    mark = xml.xpath("//p:sp[p:nvSpPr/p:nvPr/p:ph/@type='pic']/p:nvSpPr/p:cNvPr/@id", namespaces=NAMESPACES)
    return Slot(kind=SlotKind.PLACEHOLDER, box=box(10, 20, 30, 40), shape_id=int(mark[0]))


STAND_IN = Slot(kind=SlotKind.STAND_IN, box=box(100, 200, 300, 400), shape_id=7)


class TestInserting:
    def test_only_the_slide_its_relationships_and_the_content_types_change(self, source: Path) -> None:
        file = opened(source)
        insert(file, 2)
        before, after = entries(source), entries(delivered(file, source))
        changed = [name for (name, was), (_, now) in zip(before, after, strict=False) if was != now]
        assert changed == [TYPES, "ppt/slides/slide2.xml", "ppt/slides/_rels/slide2.xml.rels"] or set(changed) == {
            TYPES,
            "ppt/slides/slide2.xml",
            "ppt/slides/_rels/slide2.xml.rels",
        }
        assert [name for name, _ in after[: len(before)]] == [name for name, _ in before]
        ((name, data),) = after[len(before) :]
        assert name.startswith("ppt/media/illustration-")
        assert data == picture().data

    def test_the_slides_own_bytes_stay_round_the_picture(self, source: Path) -> None:
        file = opened(source)
        insert(file, 1)
        was, now = part(source, SLIDE), part(delivered(file, source), SLIDE)
        start, end = now.index(b"<p:pic"), now.index(b"</p:pic>") + len(b"</p:pic>")
        assert now[:start] + now[end:] == was

    def test_a_picture_lies_before_all_others_and_a_cover_behind(self, source: Path) -> None:
        file = opened(source)
        insert(file, 1)
        insert(file, 1, COVER)
        assert tags(delivered(file, source)) == ["nvGrpSpPr", "grpSpPr", "pic", "sp", "pic"]

    def test_what_extends_the_tree_stays_last(self, source: Path) -> None:
        extended = part(source, SLIDE).replace(b"</p:spTree>", b"<p:extLst><p:ext uri='u'/></p:extLst></p:spTree>")
        file = opened(rewritten(source, {SLIDE: extended}))
        insert(file, 1)
        assert tags(delivered(file, source))[-2:] == ["pic", "extLst"]

    def test_its_words_are_read_back_as_they_were_but_for_what_xml_cannot_hold(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 1, name=f"Ours {ODD_TEXT}", alt_text=ODD_TEXT)
        head = tree(delivered(file, source)).find(".//p:pic/p:nvPicPr/p:cNvPr", NAMESPACES)
        clean = ODD_TEXT.replace("\x07", "").replace("\x00", "").replace("\ufffe", "")
        assert head.attrib == {"id": str(shape_id), "name": f"Ours {clean}", "descr": clean}

    def test_its_id_is_above_all_others_those_of_other_alternatives_included(self, source: Path) -> None:
        presentation = deck()
        hidden = text_box("A", 1, 1, 1, 1).replace('id="7"', 'id="4711"')
        add_xml(only(presentation), alternatives(hidden, text_box("B", 1, 1, 1, 1)))
        file = opened(saved(presentation, source))
        assert insert(file, 1) == 4712
        assert insert(file, 1) == 4713

    def test_an_id_as_large_as_ids_can_be_leaves_the_smallest_free_one(self, source: Path) -> None:
        largest = part(source, SLIDE).replace(b'id="7"', b'id="4294967295"')
        assert insert(opened(rewritten(source, {SLIDE: largest})), 1) == 2

    @pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "iso-8859-1"])
    def test_a_slide_in_another_encoding_keeps_it(self, source: Path, codec: str) -> None:
        text = part(source, SLIDE).decode()
        text = text.replace("[image]", "é").replace("UTF-8", codec.removesuffix("-sig")).replace("utf-8", codec)
        before = entries(rewritten(source, {SLIDE: text.encode(codec)}))
        file = opened(source)
        shape_id = insert(file, 1, alt_text=ODD_TEXT)
        out = delivered(file, source)
        assert part(out, SLIDE).startswith(text[:20].encode(codec))
        again = opened(out)
        again.remove(1, shape_id, "Ours")
        assert entries(delivered(again, source, "back.pptx")) == before

    def test_equal_pictures_are_one_part_and_others_are_others(self, source: Path) -> None:
        file = opened(source)
        for number, shade in ((1, 1), (2, 1), (2, 2), (3, 3)):
            insert(file, number, image=picture(shade))
        added = [name for name, _ in entries(delivered(file, source)) if "illustration-" in name]
        assert len(added) == 3
        assert added == sorted(added)

    def test_a_name_that_another_picture_has_is_not_taken(self, source: Path) -> None:
        file = opened(source)
        insert(file, 1)
        (name,) = (name for name, _ in entries(delivered(file, source)) if "illustration-" in name)
        other = opened(rewritten(source, {name: b"another picture"}))
        insert(other, 1)
        after = dict(entries(delivered(other, source)))
        assert after[name] == b"another picture"
        assert after[f"ppt/media/{next(n for n in after if 'illustration-' in n and n != name)[10:]}"] == picture().data

    def test_a_slide_without_a_shape_tree_cannot_take_one(self, source: Path) -> None:
        file = opened(source)
        file._current["/" + SLIDE] = b"<p:sld xmlns:p='urn:p'/>"
        with pytest.raises(DeckError, match="slide 1 cannot be changed"):
            insert(file, 1)

    def test_what_failed_leaves_nothing_behind(self, source: Path) -> None:
        file = opened(source)
        with pytest.raises(DeckError, match="no shape with the id 99"):
            insert(file, 1, replace(STAND_IN, shape_id=99))
        assert file.changes().replaced == {}
        assert file.changes().added == {}


class TestReplacing:
    def test_a_filled_placeholder_follows_its_layout_or_keeps_its_own_place(self, source: Path) -> None:
        file = opened(source)
        slot = placeholder(source)
        assert insert(file, 3, slot) == slot.shape_id
        out = tree(delivered(file, source), "ppt/slides/slide3.xml")
        (shape,) = out.findall(".//p:pic", NAMESPACES)
        assert shape.find("p:nvPicPr/p:nvPr/p:ph", NAMESPACES).get("type") == "pic"
        assert shape.find("p:spPr/a:xfrm/a:off", NAMESPACES).attrib == {"x": "10", "y": "20"}

    def test_a_placeholder_without_a_place_of_its_own_gets_none(self, source: Path) -> None:
        xml = etree.fromstring(part(source, "ppt/slides/slide3.xml"))
        for frame in xml.iterfind(".//a:xfrm", NAMESPACES):
            frame.getparent().remove(frame) if frame.getparent().tag.endswith("}spPr") else None
        file = opened(rewritten(source, {"ppt/slides/slide3.xml": etree.tostring(xml)}))
        insert(file, 3, placeholder(source))
        (shape,) = tree(delivered(file, source), "ppt/slides/slide3.xml").findall(".//p:pic", NAMESPACES)
        assert list(shape.find("p:spPr", NAMESPACES)) == []

    def test_a_stand_in_gives_its_place_its_order_and_its_id(self, source: Path) -> None:
        xml = part(source, SLIDE).replace(b"</p:spTree>", b"<p:cxnSp/></p:spTree>")
        file = opened(rewritten(source, {SLIDE: xml}))
        assert insert(file, 1, STAND_IN) == 7
        out = delivered(file, source)
        assert tags(out) == ["nvGrpSpPr", "grpSpPr", "pic", "cxnSp"]
        place = tree(out).find(".//p:pic/p:spPr/a:xfrm", NAMESPACES)
        assert [dict(child.attrib) for child in place] == [{"x": "100", "y": "200"}, {"cx": "300", "cy": "400"}]

    def test_of_two_shapes_with_one_id_the_one_that_was_meant_is_replaced(self, source: Path) -> None:
        presentation = deck()
        add_xml(
            only(presentation),
            text_box("Silent", 5, 6, 7, 8).replace("<a:t></a:t>", "") + text_box("Image here", 1, 2, 3, 4, "[image]"),
        )
        file = opened(saved(presentation, source))
        insert(file, 1, STAND_IN)
        left = tree(delivered(file, source)).findall(".//p:sp/p:nvSpPr/p:cNvPr", NAMESPACES)
        assert [one.get("name") for one in left] == ["Silent"]

    def test_inside_a_group_the_groups_own_coordinates_count(self, source: Path) -> None:
        presentation = deck()
        inside = text_box("Image here", 5, 6, 7, 8, "[image]")
        add_xml(only(presentation), group((100, 100), (1000, 1000), (0, 0, 10, 10), inside))
        file = opened(saved(presentation, source))
        insert(file, 1, replace(STAND_IN, box=box(600, 700, 700, 800)))
        place = tree(delivered(file, source)).find(".//p:pic/p:spPr/a:xfrm", NAMESPACES)
        assert [dict(child.attrib) for child in place] == [{"x": "5", "y": "6"}, {"cx": "7", "cy": "8"}]

    def test_other_prefixes_than_ours_are_understood_and_given_back(self, source: Path) -> None:
        """A slide may call the namespaces what it likes, even by each other's usual names."""
        swap = {b"<p:": b"<a:", b"</p:": b"</a:", b"<a:": b"<p:", b"</a:": b"</p:", b":p=": b":a=", b":a=": b":p="}
        text = part(source, "ppt/slides/slide3.xml")
        pieces, position = [], 0
        while position < len(text):
            found = next((old for old in swap if text.startswith(old, position)), None)
            pieces.append(text[position : position + 1] if found is None else swap[found])
            position += 1 if found is None else len(found)
        swapped = b"".join(pieces)
        slot = placeholder(source)
        before = entries(rewritten(source, {"ppt/slides/slide3.xml": swapped}))
        file = opened(source)
        insert(file, 3, slot)
        out = delivered(file, source)
        (shape,) = tree(out, "ppt/slides/slide3.xml").findall(".//p:pic", NAMESPACES)
        assert shape.find("p:nvPicPr/p:nvPr/p:ph", NAMESPACES) is not None
        assert shape.find("p:spPr/a:xfrm/a:off", NAMESPACES) is not None
        again = opened(out)
        again.remove(3, slot.shape_id or 0, "Ours")
        assert entries(delivered(again, source, "back.pptx")) == before


class TestRemoving:
    @pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
    def test_our_own_samples_are_given_back_to_the_byte(self, tmp_path: Path, path: Path) -> None:
        assert_given_back(path, tmp_path)

    @pytest.mark.parametrize("name", REAL)
    def test_decks_nobody_here_made_are_given_back_to_the_byte(self, tmp_path: Path, name: str) -> None:
        if not DECKS.is_dir():
            pytest.skip(f"the sample decks are not at {DECKS}")
        assert_given_back(DECKS / name, tmp_path)

    @pytest.mark.parametrize("content_type", sorted(MAIN_TYPES))
    def test_shows_and_templates_are_given_back_to_the_byte(self, source: Path, content_type: str) -> None:
        plain = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
        types = part(source, TYPES).replace(plain, content_type.encode())
        assert_given_back(rewritten(source, {TYPES: types}), source.parent)

    def test_in_one_go_what_comes_and_goes_leaves_nothing(self, source: Path) -> None:
        file = opened(source)
        ids = [insert(file, 1), insert(file, 1, image=picture(3)), insert(file, 1, STAND_IN)]
        file.renew(1, ids[1], "Ours", picture(4), name="Renewed", alt_text="", box=None)
        for shape_id, name in zip(ids, ("Ours", "Renewed", "Ours"), strict=True):
            file.remove(1, shape_id, name)
        assert file.placed == {}
        assert entries(delivered(file, source)) == entries(source)

    def test_media_that_another_picture_still_shows_stay(self, source: Path) -> None:
        file = opened(source)
        ids = {number: insert(file, number) for number in (1, 2)}
        out = delivered(file, source)
        again = opened(out)
        again.remove(1, ids[1], "Ours")
        names = [name for name, _ in entries(delivered(again, out, "one.pptx"))]
        assert sum("illustration-" in name for name in names) == 1

    def test_a_relationship_that_a_copy_of_the_picture_uses_stays(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 1)
        out = delivered(file, source)
        xml = part(out, SLIDE)
        ours = xml[xml.index(b"<p:pic") : xml.index(b"</p:pic>") + 8]
        copy = ours.replace(f'id="{shape_id}"'.encode(), b'id="99"')
        again = opened(rewritten(out, {SLIDE: xml.replace(b"</p:spTree>", copy + b"</p:spTree>")}))
        again.remove(1, shape_id, "Ours")
        slide = open_deck(delivered(again, out, "one.pptx")).part(f"/{SLIDE}")
        assert slide is not None
        document = Document(slide.blob)
        (left,) = (node for node in document.root.walk() if node.tag.endswith("}pic"))
        kept = related(slide, embedded(left))
        assert kept is not None
        assert kept.blob == picture().data

    def test_another_programs_save_costs_what_was_replaced_but_no_more(self, source: Path) -> None:
        """LibreOffice keeps name and id, drops our extension and names the media as it likes."""
        file = opened(source)
        shape_id = insert(file, 1, STAND_IN)
        out = delivered(file, source)
        xml = etree.fromstring(part(out, SLIDE))
        for extension in xml.iterfind(".//p:cNvPr/a:extLst", NAMESPACES):
            extension.getparent().remove(extension)
        again = opened(rewritten(out, {SLIDE: etree.tostring(xml)}))
        again.remove(1, shape_id, "Ours")
        assert tags(delivered(again, out, "one.pptx")) == ["nvGrpSpPr", "grpSpPr"]

    @pytest.mark.parametrize("kept", [b"!!", b"AAAA", b"", b"eJyrrgUAAXUA+Q=="])
    def test_a_damaged_keepsake_is_as_good_as_none(self, source: Path, kept: bytes) -> None:
        file = opened(source)
        shape_id = insert(file, 1, STAND_IN)
        out = delivered(file, source)
        xml = part(out, SLIDE)
        start, end = xml.index(b"<di:replaced"), xml.index(b"</di:replaced>")
        start = xml.index(b">", start) + 1
        again = opened(rewritten(out, {SLIDE: xml[:start] + kept + xml[end:]}))
        again.remove(1, shape_id, "Ours")
        assert tags(delivered(again, out, "one.pptx")) == ["nvGrpSpPr", "grpSpPr"]

    def test_a_picture_that_is_not_there_cannot_be_taken_out(self, source: Path) -> None:
        with pytest.raises(DeckError, match="slide 1 cannot be changed: it has no picture 'Ours'"):
            opened(source).remove(1, 7, "Ours")


class TestRenewing:
    def test_the_image_its_name_and_its_description_are_new_and_all_else_stays(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 2, alt_text="Old")
        out = delivered(file, source)
        again = opened(out)
        again.renew(2, shape_id, "Ours", picture(77, "jpg"), name="New", alt_text="New <words>", box=None)
        new = delivered(again, out, "new.pptx")
        was, now = (etree.fromstring(part(path, "ppt/slides/slide2.xml")) for path in (out, new))
        head = now.find(".//p:pic/p:nvPicPr/p:cNvPr", NAMESPACES)
        assert head.attrib == {"id": str(shape_id), "name": "New", "descr": "New <words>"}
        for root in (was, now):
            head = root.find(".//p:pic/p:nvPicPr/p:cNvPr", NAMESPACES)
            head.set("name", ""), head.set("descr", "")
            root.find(".//a:blip", NAMESPACES).attrib.clear()
        assert etree.tostring(was) == etree.tostring(now)
        media = [data for name, data in entries(new) if "illustration-" in name]
        assert media == [picture(77, "jpg").data]

    def test_a_place_is_changed_only_if_it_is_given(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 2)
        file.renew(2, shape_id, "Ours", picture(5), name="Ours", alt_text="", box=box(1, 2, 3, 4))
        place = tree(delivered(file, source), "ppt/slides/slide2.xml").find(".//p:pic/p:spPr/a:xfrm", NAMESPACES)
        assert [dict(child.attrib) for child in place] == [{"x": "1", "y": "2"}, {"cx": "3", "cy": "4"}]

    def test_a_filled_placeholder_that_follows_its_layout_may_be_given_a_place(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 3, placeholder(source))
        data = file._current["/ppt/slides/slide3.xml"]
        start, end = data.index(b"<p:spPr>"), data.index(b"</p:spPr>")
        file._current["/ppt/slides/slide3.xml"] = data[:start] + b"<p:spPr/>" + data[end + 9 :]
        file.renew(3, shape_id, "Ours", picture(5), name="Ours", alt_text="", box=box(1, 2, 3, 4))
        place = tree(delivered(file, source), "ppt/slides/slide3.xml").find(".//p:pic/p:spPr/a:xfrm", NAMESPACES)
        assert [dict(child.attrib) for child in place] == [{"x": "1", "y": "2"}, {"cx": "3", "cy": "4"}]

    def test_a_crop_goes_with_the_image_it_was_made_for(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 2)
        out = delivered(file, source)
        xml = part(out, "ppt/slides/slide2.xml").replace(b"<a:stretch>", b'<a:srcRect l="9000"/><a:stretch>')
        again = opened(rewritten(out, {"ppt/slides/slide2.xml": xml}))
        again.renew(2, shape_id, "Ours", picture(5), name="Ours", alt_text="", box=None)
        assert b"srcRect" not in part(delivered(again, out, "new.pptx"), "ppt/slides/slide2.xml")

    def test_the_same_image_again_changes_no_media(self, source: Path) -> None:
        file = opened(source)
        shape_id = insert(file, 2)
        out = delivered(file, source)
        again = opened(out)
        again.renew(2, shape_id, "Ours", picture(), name="Ours", alt_text="Better words", box=None)
        before, after = (
            [one for one in entries(path) if "media" in one[0]] for path in (out, delivered(again, out, "new.pptx"))
        )
        assert before == after


def test_a_signature_goes_with_all_that_belongs_to_it_if_that_was_agreed(source: Path) -> None:
    """What the deck looked like before it was signed is what is left."""
    unsigned = entries(source)
    origin = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    kind = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
    entry = f'<Relationship Id="rIdS" Type="{origin}" Target="_xmlsignatures/origin.sigs"/>'.encode()
    override = f'<Override PartName="/_xmlsignatures/sig1.xml" ContentType="{kind}"/>'.encode()
    signed = rewritten(
        source,
        {
            "_rels/.rels": part(source, "_rels/.rels").replace(b"</Relationships>", entry + b"</Relationships>"),
            TYPES: part(source, TYPES).replace(b"</Types>", override + b"</Types>"),
            "_xmlsignatures/origin.sigs": b"",
            "_xmlsignatures/sig1.xml": b"<Signature/>",
            "_xmlsignatures/_rels/origin.sigs.rels": b"<Relationships/>",
        },
    )
    with pytest.raises(DeckError, match=r"digitally signed.*--force"):
        open_deck(signed)
    package = open_deck(signed, drop_signature=True)
    assert package.lost_signature
    assert entries(delivered(DeckFile(package), signed)) == unsigned
    assert not open_deck(source.with_name("out.pptx")).lost_signature


def assert_given_back(path: Path, folder: Path) -> None:
    """A picture on every slide, twice the same on some, renewed, saved, and taken out of the saved deck again."""
    file = opened(path)
    ids = {number: insert(file, number, image=picture(number // 2)) for number in range(1, file.slide_count + 1)}
    out, back = folder / f"out{path.suffix}", folder / f"back{path.suffix}"
    deliver(file, path, out, may_overwrite=True)
    file.close()
    again = opened(out)
    for number, shape_id in ids.items():
        if number % 3:
            again.remove(number, shape_id, "Ours")
            continue
        second = insert(again, number, COVER)
        again.renew(number, shape_id, "Ours", picture(200 + number % 2), name="New", alt_text="", box=box(1, 2, 3, 4))
        again.remove(number, shape_id, "New")
        again.remove(number, second, "Ours")
    deliver(again, out, back, may_overwrite=True)
    again.close()
    assert entries(back) == entries(path)
