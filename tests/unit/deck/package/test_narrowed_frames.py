"""A frame that makes room for a picture changes its place and nothing else, and has it back when the picture goes."""

from __future__ import annotations

import pytest
from lxml import etree

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package.narrowed_frames import narrow
from pipeline.deck.package.nodes import SpliceError
from pipeline.deck.package.picture_shapes import Label, add, find_picture, remove
from pipeline.deck.package.splicing import Document
from pipeline.records import Narrowing
from tests.unit.deck.build import box

LABEL = Label(name="Ours", alt_text="A wall", relationship_id="rId9")
BEFORE, AFTER, PICTURE = box(100, 200, 9000, 700), box(100, 200, 5400, 700), box(5600, 200, 3000, 700)
SP_PR = "{http://schemas.openxmlformats.org/presentationml/2006/main}spPr"


def shape(properties, shape_id=4):
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr id='{shape_id}' name='Body'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>{properties}"
        "<p:txBody><a:bodyPr/><a:p/></p:txBody></p:sp>"
    )


def slide(*shapes):
    names = " ".join(f"xmlns:{prefix}='{NAMESPACES[prefix]}'" for prefix in ("p", "a", "r"))
    inside = "<p:nvGrpSpPr/><p:grpSpPr/>" + "".join(shapes)
    return f"<?xml version='1.0'?>\r\n<p:sld {names}><p:cSld><p:spTree>{inside}</p:spTree></p:cSld></p:sld>".encode()


def narrowing(shape_id=4):
    return Narrowing(shape_id=shape_id, name="Body", before=BEFORE, box=AFTER, ink=())


def with_picture(data):
    return add(Document(data), LABEL, PICTURE, "", behind=False, narrowed=[narrowing()])[0]


def without(data):
    document = Document(data)
    return remove(document, next(node for node in document.root.walk() if node.tag.endswith("}pic")))


STATED = (
    "<p:spPr bwMode='auto'><a:xfrm><a:off y='200' x='100'/><a:ext cx='9000'  cy='700' /></a:xfrm><a:noFill/></p:spPr>"
)
KINDS = [STATED, "<p:spPr/>", "<p:spPr ></p:spPr>", "<p:spPr><a:noFill/></p:spPr>", "<p:spPr><a:xfrm/></p:spPr>"]


@pytest.mark.parametrize("properties", KINDS)
def test_the_frame_has_its_new_place_and_all_else_is_as_it_was(properties):
    data = slide(shape("<p:spPr/>", 3), shape(properties))
    found = etree.fromstring(with_picture(data)).iter(SP_PR)
    first, changed = (next(found), next(found))
    assert len(first) == 0
    frame = changed.find("a:xfrm", NAMESPACES)
    assert changed.index(frame) == 0
    off, ext = frame.find("a:off", NAMESPACES).attrib, frame.find("a:ext", NAMESPACES).attrib
    assert {**off, **ext} == {"x": "100", "y": "200", "cx": "5400", "cy": "700"}
    if "noFill" in properties:
        assert changed.find("a:noFill", NAMESPACES) is not None
    assert changed.get("bwMode") == ("auto" if "bwMode" in properties else None)


@pytest.mark.parametrize("properties", KINDS)
def test_when_the_picture_goes_the_slide_is_the_original_to_the_byte(properties):
    data = slide(shape("<p:spPr/>", 3), shape(properties))
    assert without(with_picture(data)) == data


def test_a_frame_that_somebody_changed_since_then_stays_as_they_want_it():
    changed = with_picture(slide(shape(STATED))).replace(b'cx="5400"', b'cx="7000"')
    assert b'cx="7000"' in without(changed)
    assert b"<p:pic" not in without(changed)


def test_a_frame_that_was_deleted_since_then_is_not_missed():
    data = with_picture(slide(shape(STATED)))
    start, end = data.index(b"<p:sp>"), data.index(b"</p:sp>") + len(b"</p:sp>")
    assert without(data[:start] + data[end:]) == slide()


@pytest.mark.parametrize("spoilt", [b"AAAA", b"", b"!"])
def test_a_spoilt_extension_only_keeps_the_frame_from_going_back(spoilt):
    data = with_picture(slide(shape(STATED)))
    start = data.index(b">", data.index(b"<di:narrowed")) + 1
    end = data.index(b"</di:narrowed>")
    assert b'cx="5400"' in without(data[:start] + spoilt + data[end:])


@pytest.mark.parametrize("shapes", [[], [shape(STATED), shape("<p:spPr/>")]], ids=["none", "two"])
def test_an_id_that_does_not_name_one_shape_is_refused(shapes):
    with pytest.raises(SpliceError, match="exactly one shape with the id 4"):
        narrow(Document(slide(*shapes)), [narrowing()])


def test_a_picture_that_needs_no_room_made_says_nothing_of_it():
    data = add(Document(slide(shape(STATED))), LABEL, PICTURE, "", behind=False)[0]
    assert b"narrowed" not in data
    assert find_picture(Document(data), 5, "Ours") is not None
