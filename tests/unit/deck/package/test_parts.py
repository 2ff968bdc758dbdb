"""Parts are found as OPC names them, read when asked for, and not kept."""

from __future__ import annotations

import gc
import tempfile
import zipfile
from pathlib import Path

import pytest

from pipeline.deck.ooxml import related, related_by, required, root_of, slide_parts
from pipeline.deck.package import parts
from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.parts import Package, absolute_name, relationships_name
from pipeline.deck.reading import read_deck
from pipeline.errors import DeckError
from tests.unit.deck.build import PICTURE_WITH_CAPTION, deck, part, rewritten, saved

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
SLIDE = "ppt/slides/slide1.xml"


def package(entries: dict[str, str]) -> Package:
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the package closes it
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return Package(file)


def relations(*entries: str) -> str:
    return f'<Relationships xmlns="{RELATIONS}">{"".join(entries)}</Relationships>'


def relation(new_id: str, target: str, mode: str = "") -> str:
    return f'<Relationship Id="{new_id}" Type="urn:{new_id}" Target="{target}" {mode}/>'


TYPES = (
    '<Types xmlns="urn:t"><Default Extension="XML" ContentType="plain"/>'
    '<Override PartName="/ppt/A.xml" ContentType="own"/></Types>'
)


@pytest.fixture
def odd() -> Package:
    targets = relations(
        relation("up", "../docs/b%20c.xml"),
        relation("case", "A.XML"),
        relation("whole", "/docs/b c.xml"),
        relation("gone", "gone.xml"),
        relation("note", "#_ftn1"),
        relation("null", "NULL"),
        relation("empty", ""),
        relation("web", "http://example.org/A.xml", 'TargetMode="External"'),
    )
    return package(
        {
            "[Content_Types].xml": TYPES,
            "ppt/a.xml": "<a/>",
            "docs/b%20c.xml": "<b/>",
            "ppt/": "",
            "ppt/_rels/a.xml.rels": targets,
        }
    )


@pytest.mark.parametrize(
    ("relationship_id", "found"),
    [
        ("up", "/docs/b%20c.xml"),
        ("case", "/ppt/a.xml"),
        ("whole", "/docs/b%20c.xml"),
        ("gone", None),
        ("note", None),
        ("null", None),
        ("empty", None),
        ("web", None),
        ("rId99", None),
        (None, None),
    ],
)
def test_a_relationship_leads_to_its_part_or_nowhere(odd: Package, relationship_id: str, found: str | None) -> None:
    source = odd.part("/ppt/a.xml")
    assert source is not None
    there = related(source, relationship_id)
    assert (there and there.partname) == found


def test_a_part_is_one_object_however_it_is_spelled(odd: Package) -> None:
    assert odd.part("/ppt/a.xml") is odd.part("/PPT/a.xml")
    assert odd.part("/ppt") is None
    assert odd.part("") is None


def test_a_part_has_the_type_of_its_name_before_that_of_its_extension(odd: Package) -> None:
    assert [odd.content_type_of(name) for name in ("/ppt/a.xml", "/docs/B.XML", "/c.bin", "/d")] == [
        "own",
        "plain",
        "",
        "",
    ]


def test_the_first_relationship_of_a_type_that_leads_somewhere_is_taken(odd: Package) -> None:
    source = odd.part("/ppt/a.xml")
    assert source is not None
    assert related_by(source, "urn:up") is odd.part("/docs/b%20c.xml")
    assert related_by(source, "urn:gone") is None
    with pytest.raises(DeckError, match=r"/ppt/a\.xml has no gone"):
        required(source, "urn:/gone")


def test_names_of_parts_and_of_their_relationships_follow_from_each_other() -> None:
    assert relationships_name("/") == "/_rels/.rels"
    assert relationships_name("/ppt/slides/slide1.xml") == "/ppt/slides/_rels/slide1.xml.rels"
    assert absolute_name("/", "ppt/presentation.xml") == "/ppt/presentation.xml"
    assert absolute_name("/ppt/slides/slide1.xml", "../media/a.png") == "/ppt/media/a.png"


def test_a_blob_is_read_each_time_and_not_kept(tmp_path: Path) -> None:
    opened = open_deck(saved(deck(), tmp_path / "deck.pptx"))
    slide = opened.part(f"/{SLIDE}")
    assert slide is not None
    assert slide.blob == slide.blob == part(tmp_path / "deck.pptx", SLIDE)
    assert slide.blob is not slide.blob


def test_trees_of_slides_are_let_go_and_those_of_layouts_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_deck(saved(deck(*[PICTURE_WITH_CAPTION] * 20), tmp_path / "deck.pptx"))
    main = opened.main_part
    assert main is not None
    slides = [slide for _, slide in slide_parts(main)]
    layout = required(slides[0], next(one.reltype for one in slides[0].rels.values()))
    first, design = root_of(slides[0]), root_of(layout)
    assert root_of(slides[0]) is first
    for slide in slides:
        root_of(slide)
    assert root_of(layout) is design
    assert len(opened._recent) <= parts._TREES_AT_HAND < len(slides)
    assert root_of(slides[0]) is not first


def test_a_malformed_part_is_named(tmp_path: Path) -> None:
    path = saved(deck(), tmp_path / "deck.pptx")
    opened = open_deck(rewritten(path, {"ppt/theme/theme1.xml": b"<a>"}))
    theme = opened.part("/ppt/theme/theme1.xml")
    assert theme is not None
    with pytest.raises(DeckError, match=r"/ppt/theme/theme1\.xml is damaged"):
        root_of(theme)


@pytest.mark.parametrize("name", ["ppt/slides/_rels/slide1.xml.rels", "ppt/_rels/presentation.xml.rels", "_rels/.rels"])
def test_malformed_relationships_are_damage(tmp_path: Path, name: str) -> None:
    path = rewritten(saved(deck(), tmp_path / "deck.pptx"), {name: b"<Relationships"})
    with pytest.raises(DeckError, match="damaged"):
        read_deck(path, open_deck(path))


def test_a_forgotten_package_closes_its_file(tmp_path: Path) -> None:
    opened = open_deck(saved(deck(), tmp_path / "deck.pptx"))
    file = opened.file
    del opened
    gc.collect()
    assert file.closed
