"""Relationships and content types come and go without a trace."""

from __future__ import annotations

import pytest

from pipeline.deck.package.relations import (
    source_of,
    targets,
    with_overrides,
    with_relationship,
    without_overrides,
    without_relationships,
)

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
ONE = '<{0}Relationship Id="rId3" Type="urn:t" Target="a.xml"/>'


@pytest.mark.parametrize(
    "before",
    [
        f'<?xml version="1.0"?>\n<Relationships xmlns="{RELATIONS}">\r\n  {ONE.format("")}\r\n</Relationships>\n',
        f'<Relationships xmlns="{RELATIONS}"/>',
        f'<Relationships xmlns="{RELATIONS}" ></Relationships >'.replace("></", "> </"),
        f'<q:Relationships xmlns:q="{RELATIONS}">{ONE.format("q:")}</q:Relationships>',
        f'<?xml version="1.0" encoding="utf-16"?><Relationships xmlns="{RELATIONS}">{ONE.format("")}</Relationships>',
    ],
)
def test_a_relationship_added_and_taken_out_leaves_the_bytes_as_they_were(before: str) -> None:
    data = before.encode("utf-16" if "utf-16" in before else "utf-8")
    changed, new_id = with_relationship(data, "urn:image", "../media/a b.png")
    assert new_id == ("rId4" if "rId3" in before else "rId1")
    assert changed != data
    assert without_relationships(changed, lambda one, _: one == new_id) == data
    assert without_relationships(changed, lambda _, reltype: reltype == "urn:image") == data


def test_a_child_has_its_parents_prefix() -> None:
    changed, _ = with_relationship(f'<q:Relationships xmlns:q="{RELATIONS}"/>'.encode(), "urn:t", "b")
    assert changed.endswith(b'><q:Relationship Id="rId1" Type="urn:t" Target="b"/></q:Relationships>')


def test_overrides_are_put_last_and_only_ours_are_taken_out() -> None:
    data = b'<Types xmlns="urn:types"><Default Extension="png" ContentType="image/png"/>\n</Types>'
    changed = with_overrides(data, {"/a.png": "image/png", "/b.jpg": "image/jpeg"})
    assert changed.count(b"<Override") == 2
    assert changed.endswith(b'<Override PartName="/b.jpg" ContentType="image/jpeg"/></Types>')
    assert without_overrides(changed, lambda name: name in {"/a.png", "/b.jpg"}) == data
    assert without_overrides(changed, lambda _: False) == changed


def test_targets_are_the_names_of_parts_in_this_file():
    data = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="t" Target="../media/image1.png"/>'
        b'<Relationship Id="rId2" Type="t" Target="/ppt/theme/theme1.xml"/>'
        b'<Relationship Id="rId3" Type="t" Target="../media/image2.png" TargetMode="External"/></Relationships>'
    )
    source = source_of("/ppt/slides/_rels/slide1.xml.rels")
    assert source == "/ppt/slides/slide1.xml"
    assert list(targets(data, source)) == [("rId1", "/ppt/media/image1.png"), ("rId2", "/ppt/theme/theme1.xml")]
