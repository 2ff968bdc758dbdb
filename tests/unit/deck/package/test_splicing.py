"""An edit changes the bytes it is about and no other, whatever the XML looks like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.deck.package.nodes import Node, SpliceError
from pipeline.deck.package.splicing import Document, clean, cut, numbered, quoted, with_attributes, with_scope

CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252", "shift_jis")
SPACES = st.sampled_from(["", " ", "\n", "\r\n  ", "\t"])
TEXTS = st.one_of(
    SPACES,
    st.sampled_from(["words & more", "<!-- <a> -->", "<![CDATA[</a>]]>", "<?pi <b/>?>", "x > y", "日本", "é"]),
)
NAMES = st.sampled_from(["a", "b", "x:c", "x:d"])
VALUES = st.sampled_from(["1", "a > b", "'", "/>", ""])

ODD_CHARACTERS = "a \"'<>&;#\x00\x0b\x1f\t\n\r\x85\xa0é\ud800\udfff\ufffe\uffff\U0001f600"


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name, quote = draw(NAMES), draw(st.sampled_from("\"'"))
    value = draw(VALUES).replace(quote, "")
    attribute = draw(st.sampled_from(["", f" k{draw(SPACES)}={draw(SPACES)}{quote}{value}{quote}"]))
    inside = "" if depth == 0 else "".join(draw(st.lists(st.one_of(elements(depth - 1), TEXTS), max_size=3)))
    inside = inside.replace("& ", "&amp; ")
    if not inside and draw(st.booleans()):
        return f"<{name}{attribute}{draw(SPACES)}/>"
    return f"<{name}{attribute}{draw(SPACES)}>{inside}</{name}{draw(SPACES)}>"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    head = draw(st.sampled_from(["", '<?xml version="1.0"?>\n', "<?xml version='1.0' standalone='yes'?>"]))
    inside = draw(st.lists(st.one_of(elements(), TEXTS), max_size=3))
    text = f"{head}<r xmlns:x='urn:x'>{''.join(inside).replace('& ', '&amp; ')}</r>{draw(SPACES)}"
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


def nodes(document: Document) -> list[Node]:
    return list(document.root.walk())


@settings(max_examples=50)
@given(documents(), st.data())
def test_what_is_put_in_and_cut_out_again_leaves_the_bytes_as_they_were(data: bytes, drawn: st.DataObject) -> None:
    document = Document(data)
    at = drawn.draw(st.integers(0, len(nodes(document)) - 1))
    node = nodes(document)[at]
    if node.open_end == node.end:
        return  # it had no end tag, and gets one: see the next test
    edit = drawn.draw(st.sampled_from([document.appended, document.prepended]))(node, b"<new k='1'>\n</new>")
    changed = Document(document.spliced([edit]))
    (new,) = [each for each in nodes(changed) if each.tag == "new"]
    assert new.parent is not None
    assert new.parent.tag == node.tag
    assert changed.source(new) == b"<new k='1'>\n</new>"
    assert changed.spliced([cut(new)]) == data


def test_an_element_without_an_end_tag_gets_one_with_its_first_child() -> None:
    document = Document(b'<r><x:a xmlns:x="u" k="/>" /></r>')
    spliced = document.spliced([document.appended(document.root.children[0], b"<b/>")])
    assert spliced == b'<r><x:a xmlns:x="u" k="/>" ><b/></x:a></r>'


@settings(max_examples=50)
@given(documents())
def test_the_places_are_those_of_the_elements(data: bytes) -> None:
    document = Document(data)
    for node in nodes(document):
        again = Document(with_scope(document.source(node), node.scope, {}))
        assert [each.tag for each in nodes(again)] == [each.tag for each in node.walk()]
        assert again.root.attributes == node.attributes


@pytest.mark.parametrize("codec", CODECS)
def test_a_part_stays_in_its_encoding(codec: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(codec, codec if codec != "utf-16-le" else "utf-16")
    text = f'<?xml version="1.0" encoding="{declared}"?><r><a t="1"/><b>w</b></r>'
    data = text.encode(codec)
    document = Document(data)
    new = '<n t="é ☃"/>' if codec.startswith("utf") else '<n t="&#233; &#9731;"/>'
    if codec in {"iso-8859-1", "windows-1252"}:
        new = '<n t="é &#9731;"/>'
    spliced = document.spliced([document.appended(document.root, '<n t="é ☃"/>'.encode())])
    assert spliced == text.replace("</r>", f"{new}</r>").encode(codec)


@pytest.mark.parametrize(
    "data",
    [b"", b"<a>", b"<a/><b/>", b"plain", b'<?xml version="1.0" encoding="klingon"?><a/>', b"<a>\xff</a>"],
)
def test_what_cannot_be_edited_is_said_to_be_so(data: bytes) -> None:
    with pytest.raises(SpliceError):
        Document(data)


def test_an_element_out_of_an_entity_cannot_be_edited() -> None:
    with pytest.raises(SpliceError, match="entity"):
        Document(b'<!DOCTYPE r [<!ENTITY e "<a/>">]><r>&e;</r>')


@settings(max_examples=50)
@given(st.lists(st.sampled_from(ODD_CHARACTERS)).map("".join))
def test_any_text_can_be_an_attribute_and_is_read_back_without_what_xml_cannot_hold(text: str) -> None:
    document = Document(f"<a k={quoted(text)}/>".encode())
    assert document.root.attributes["k"] == clean(text)


def test_what_xml_cannot_hold_is_left_out_and_nothing_else() -> None:
    assert clean("a\x00b\x1f\ud800c\ufffe\n\t\r\U0001f600") == "abc\n\t\r\U0001f600"


def test_attributes_are_set_where_they_stand_or_added() -> None:
    tag = b"""<p:x  id = '1' r:id="2" name="a>b" />"""
    changed = with_attributes(tag, {"id": "7", "name": 'say "hi"', "descr": "new"})
    assert changed == b"""<p:x  id="7" r:id="2" name='say "hi"'  descr="new"/>"""


def test_prefixes_another_place_does_not_know_go_along() -> None:
    assert with_scope(b"<x:a k='1'><y:b/></x:a>", {"x": "X", "y": "Y", "z": "Z"}, {"x": "X", "y": "other"}) == (
        b"<x:a k='1' xmlns:y=\"Y\"><y:b/></x:a>"
    )


def test_numbers_go_on_behind_the_largest() -> None:
    assert numbered(["rId2", "rId10", "rIdX", "R3", "rId99999999999"], "rId") == "rId11"
    assert numbered([], "rId") == "rId1"
