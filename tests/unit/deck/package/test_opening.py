"""Whatever is given as a deck is opened, or refused in one line that says what it is and what to do."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest

from pipeline.deck.ooxml import slide_parts
from pipeline.deck.package import archive
from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.parts import MAIN_TYPES
from pipeline.errors import DeckError, ExitCode, FileAccessError
from tests.unit.deck.build import deck, part, rewritten, saved

MAIN = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
SLIDE = "ppt/slides/slide1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return saved(deck(), tmp_path / "talk.pptx")


def refusal(path: Path) -> str:
    with pytest.raises(DeckError) as caught:
        open_deck(path)
    message = str(caught.value)
    assert caught.value.exit_code is ExitCode.BAD_DECK
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert ";" in message, "what to do comes after the semicolon"
    return message


def slides_in(path: Path) -> int:
    main = open_deck(path).main_part
    assert main is not None
    return len(list(slide_parts(main)))


def test_a_deck_stays_what_it_was_when_opened_whatever_becomes_of_its_file(path: Path) -> None:
    package = open_deck(path)
    path.unlink()
    path.write_bytes(b"another deck")
    assert package.read("/ppt/slides/slide1.xml").startswith(b"<?xml")
    assert not package.is_written_to


def test_a_deck_that_is_written_to_while_it_is_open_is_known(path: Path) -> None:
    package = open_deck(path)
    with path.open("ab") as file:
        file.write(b"more")
    assert package.is_written_to


@pytest.mark.parametrize("content_type", sorted(MAIN_TYPES))
def test_shows_templates_and_decks_with_macros_are_decks(path: Path, content_type: str) -> None:
    types = part(path, "[Content_Types].xml").replace(MAIN, content_type.encode())
    assert slides_in(rewritten(path, {"[Content_Types].xml": types})) == 1


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "talk.pptx")


def test_a_folder_is_not_a_deck(tmp_path: Path) -> None:
    assert "not a file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"Dear all,\n", "not a PowerPoint file"),
        (b"%PDF-1.7\n", "is a PDF"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "remove it"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "old .ppt format"),
        (OLE + "WordDocument".encode("utf-16-le"), "old Office file"),
    ],
)
def test_a_file_of_another_kind_is_named_for_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "talk.pptx"
    path.write_bytes(content)
    assert said in refusal(path)


def test_an_office_file_of_another_kind_is_told_by_content_whatever_its_name(path: Path) -> None:
    word = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = part(path, "[Content_Types].xml").replace(MAIN, word)
    assert "another kind" in refusal(rewritten(path, {"[Content_Types].xml": types}))


def test_a_strict_deck_is_told_how_to_be_saved(path: Path) -> None:
    strict = part(path, "_rels/.rels").replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006", b"http://purl.oclc.org/ooxml/officeDocument"
    )
    assert "not Strict" in refusal(rewritten(path, {"_rels/.rels": strict}))


def test_a_zip_of_something_else_is_not_a_deck(tmp_path: Path) -> None:
    path = tmp_path / "talk.pptx"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("holiday.txt", "sun")
    assert "not a presentation" in refusal(path)


def test_a_deck_without_slides_is_refused(tmp_path: Path) -> None:
    presentation = deck()
    presentation.slides._sldIdLst.remove(presentation.slides._sldIdLst[0])
    assert "no slides" in refusal(saved(presentation, tmp_path / "talk.pptx"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_off_deck_is_damaged(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("missing", [10, 1_000])
def test_a_deck_whose_first_bytes_are_missing_is_damaged(path: Path, missing: int) -> None:
    path.write_bytes(path.read_bytes()[missing:])
    with pytest.raises(DeckError, match="is damaged"):
        open_deck(path)


def test_a_flipped_byte_inside_a_part_is_noticed_and_the_part_named(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("ppt/media/image1.png", b"picture" * 9)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"picturepicture", b"picturePicture", 1))
    assert "ppt/media/image1.png" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"<p:sld", b"<a/>", None])
def test_a_damaged_or_missing_slide_is_refused(path: Path, content: bytes | None) -> None:
    assert "damaged" in refusal(rewritten(path, {SLIDE: content}))


@pytest.mark.parametrize("name", ["[Content_Types].xml", "ppt/presentation.xml", "_rels/.rels"])
def test_a_deck_without_a_part_it_hangs_on_is_refused(path: Path, name: str) -> None:
    refusal(rewritten(path, {name: None}))


def test_an_entity_bomb_ends_in_a_message_and_not_in_all_memory(path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    slide = part(path, SLIDE).decode().partition("?>")[2].replace("<p:cNvPr id=", '<p:cNvPr descr="&e11;" id=', 1)
    bomb = f'<!DOCTYPE p:sld [<!ENTITY e0 "boom">{entities}]>{slide}'
    assert "entity" in refusal(rewritten(path, {SLIDE: bomb.encode()}))


def test_a_part_cannot_pull_in_files_of_the_machine(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret", encoding="utf-8")
    slide = part(path, SLIDE).decode().partition("?>")[2].replace('name=""', 'name="&file;"', 1)
    reaching = f'<!DOCTYPE p:sld [<!ENTITY file SYSTEM "{secret.as_uri()}">]>{slide}'
    refusal(rewritten(path, {SLIDE: reaching.encode()}))


def test_an_archive_that_says_it_is_enormous_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 10_000)
    assert "zip bomb" in refusal(path)


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "RATIO_MATTERS_FROM_BYTES", 1_000_000)
    assert "zip bomb" in refusal(rewritten(path, {"ppt/media/image1.bmp": bytes(20_000_000)}))


def test_an_archive_that_lies_about_its_size_is_damaged(path: Path) -> None:
    """The directory says 64 bytes, the part holds 20 million: no more than the 64 are unpacked."""
    size = 20_000_000
    rewritten(path, {"ppt/media/image1.bmp": bytes(size)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", size), struct.pack("<L", 64)))
    assert "damaged" in refusal(path)


def test_a_chain_of_links_of_any_length_is_no_hindrance(path: Path) -> None:
    """python-pptx follows relationships by recursion and fails on decks of 1,100 slides that link each to the next."""
    link = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    entry = '<Relationship Id="rIdNext" Type="http://example.org/next" Target="{}"/>'
    chain: dict[str, bytes | None] = {}
    for number in range(1_100):
        chain[f"ppt/link{number}.xml"] = b"<a/>"
        chain[f"ppt/_rels/link{number}.xml.rels"] = link.format(entry.format(f"link{number + 1}.xml")).encode()
    first = part(path, "ppt/_rels/presentation.xml.rels").replace(
        b"</Relationships>", entry.format("link0.xml").encode() + b"</Relationships>"
    )
    assert slides_in(rewritten(path, {**chain, "ppt/_rels/presentation.xml.rels": first})) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_one_may_not_read_is_an_access_error(path: Path) -> None:
    path.chmod(0)
    with pytest.raises(FileAccessError, match="permissions"):
        open_deck(path)


def test_a_name_the_system_does_not_take_is_an_access_error(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="cannot be read"):
        open_deck(tmp_path / ("x" * 300 + ".pptx"))
