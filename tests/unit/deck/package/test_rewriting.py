"""What is not to change lies in the new zip file as it lay in the old one, compressed bytes and all."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.deck.package import rewriting
from pipeline.deck.package.media import MediaSpool
from pipeline.deck.package.parts import Package
from pipeline.deck.package.rewriting import Changes, write_package

TYPES = "[Content_Types].xml"
NOISE = random.Random(1).randbytes(3_000)
NOTHING = Changes(replaced={}, dropped=frozenset(), added={})
UNTOUCHED = ("CRC", "compress_size", "file_size", "compress_type", "date_time", "extra", "comment", "flag_bits",
             "create_system", "create_version", "external_attr", "internal_attr", "filename")  # fmt: skip


def build(path: Path) -> Path:
    """A zip file of odd entries: a folder, foreign letters, extra fields, every method, comments."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(TYPES, "<Types/>")
        archive.mkdir("ppt")
        archive.writestr("ppt/noise.bin", NOISE, zipfile.ZIP_STORED)
        archive.writestr("ppt/слайд.xml", "<a/>" * 99)
        odd = zipfile.ZipInfo("ppt/odd.xml", (2019, 7, 3, 11, 22, 34))
        odd.comment, odd.extra, odd.external_attr = b"a comment", struct.pack("<2H3s", 0xA220, 3, b"pad"), 0o644 << 16
        archive.writestr(odd, "<odd/>" * 500, zipfile.ZIP_DEFLATED, 1)
        archive.writestr("ppt/bz.xml", "<bz/>" * 50, zipfile.ZIP_BZIP2)
        archive.writestr("ppt/empty.xml", "")
        archive.comment = b"the archive's comment"
    return path


def streamed(path: Path) -> Path:
    """Written as to a pipe: sizes stand in data descriptors behind the entries."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(TYPES, "<Types/>")
        with archive.open(zipfile.ZipInfo("ppt/large.xml"), "w", force_zip64=True) as entry:
            entry.write(b"<large/>" * 999)
        archive.writestr("ppt/noise.bin", NOISE)
    path.write_bytes(pipe.getvalue())
    return path


def prefixed(path: Path) -> Path:
    path.write_bytes(b"#!/bin/sh\nexit\n" + build(path).read_bytes())
    return path


def with_a_name_in_cp437(path: Path) -> Path:
    """As programs write names that know no UTF-8; the letters mean something else."""
    data = build(path).read_bytes().replace("слайд".encode(), b"sl\x84id\x81\x82abc")
    path.write_bytes(without_utf8_flag(data))
    return path


def without_utf8_flag(data: bytes) -> bytes:
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(magic, start)) >= 0:
            (flags,) = struct.unpack_from("<H", data, start + place)
            data = data[: start + place] + struct.pack("<H", flags & ~0x800) + data[start + place + 2 :]
            start += 4
    return data


def with_twins(path: Path) -> Path:
    build(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ppt/noise.bin", b"the second of that name")
    return path


BUILDERS = [build, streamed, prefixed, with_a_name_in_cp437, with_twins]


def rewritten(source: Path, changes: Changes, spool: MediaSpool | None = None) -> Path:
    package, target = Package(source.open("rb")), source.with_name(f"new-{source.name}")
    with target.open("wb") as file:
        write_package(package, changes, spool or MediaSpool(), file)
    package.close()
    return target


def raw(path: Path, entry: zipfile.ZipInfo) -> bytes:
    """The compressed bytes."""
    data = path.read_bytes()
    name_length, extra_length = struct.unpack_from("<2H", data, entry.header_offset + 26)
    start = entry.header_offset + 30 + name_length + extra_length
    return data[start : start + entry.compress_size]


def entries(path: Path) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        found = [(*(getattr(entry, name) for name in UNTOUCHED), raw(path, entry)) for entry in archive.infolist()]
        return [*found, (archive.comment,)]


@pytest.mark.parametrize("make", BUILDERS)
def test_a_package_without_changes_has_the_same_entries_bit_by_bit(tmp_path: Path, make) -> None:
    source = make(tmp_path / "deck.zip")
    assert entries(rewritten(source, NOTHING)) == entries(source)


@pytest.mark.parametrize("make", [build, prefixed, with_twins])
def test_what_is_written_twice_is_the_same_file(tmp_path: Path, make) -> None:
    once = rewritten(make(tmp_path / "deck.zip"), NOTHING)
    assert rewritten(once, NOTHING).read_bytes() == once.read_bytes()


def test_a_plain_package_without_changes_is_the_same_file(tmp_path: Path) -> None:
    source = build(tmp_path / "deck.zip")
    assert rewritten(source, NOTHING).read_bytes() == source.read_bytes()


@pytest.mark.parametrize("make", BUILDERS)
@pytest.mark.parametrize("at", [0, -1])
def test_an_entry_that_changes_stays_in_its_place_and_the_others_as_they_were(tmp_path: Path, make, at: int) -> None:
    source = make(tmp_path / "deck.zip")
    with zipfile.ZipFile(source) as archive:
        name = archive.namelist()[at]
    new = rewritten(source, Changes(replaced={name: b"<new/>" * 99}, dropped=frozenset(), added={}))
    with zipfile.ZipFile(new) as archive:
        assert archive.read(name) == b"<new/>" * 99
        assert archive.getinfo(name).compress_type == zipfile.ZIP_DEFLATED
    position = len(entries(source)) - 2 if at else 0
    was, now = entries(source), entries(new)
    assert len(was) == len(now)
    assert [one for k, one in enumerate(now) if k != position] == [one for k, one in enumerate(was) if k != position]
    assert now[position][4] == was[position][4], "the date stays"


def test_of_two_entries_with_one_name_the_one_that_readers_take_is_changed(tmp_path: Path) -> None:
    source = with_twins(tmp_path / "deck.zip")
    new = rewritten(source, Changes(replaced={"ppt/noise.bin": b"new"}, dropped=frozenset(), added={}))
    with zipfile.ZipFile(new) as archive:
        twins = [entry for entry in archive.infolist() if entry.filename == "ppt/noise.bin"]
        assert [archive.read(entry) for entry in twins] == [NOISE, b"new"]


def test_new_pictures_come_last_stored_and_what_is_dropped_is_gone(tmp_path: Path) -> None:
    source, spool = build(tmp_path / "deck.zip"), MediaSpool()
    added = {f"ppt/media/{n}.jpg": spool.add(NOISE * n, "jpg") for n in (3, 1)}
    new = rewritten(source, Changes(replaced={}, dropped=frozenset({"ppt/odd.xml"}), added=added), spool)
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(new) as after:
        assert after.namelist() == [*(name for name in before.namelist() if name != "ppt/odd.xml"), *added]
        assert after.testzip() is None
        assert after.read("ppt/media/3.jpg") == NOISE * 3
        assert after.getinfo("ppt/media/3.jpg").compress_type == zipfile.ZIP_STORED
        assert after.getinfo("ppt/media/3.jpg").date_time == (1980, 1, 1, 0, 0, 0)


def test_an_archive_too_large_for_plain_zip_becomes_a_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limits lowered: zipfile itself reads the result, as 7-Zip and PowerPoint read four gigabytes."""
    source = build(tmp_path / "deck.zip")
    monkeypatch.setattr(rewriting, "_COUNT_LIMIT", 3)
    monkeypatch.setattr(rewriting, "_LIMIT", 1_000)
    new = rewritten(source, Changes(replaced={TYPES: b"<T/>"}, dropped=frozenset(), added={}))
    with zipfile.ZipFile(new) as archive, zipfile.ZipFile(source) as before:
        assert archive.testzip() is None
        assert archive.namelist() == before.namelist()
        assert archive.read("ppt/noise.bin") == NOISE
        assert archive.comment == before.comment
    assert b"PK\x06\x06" in new.read_bytes()


def test_a_source_that_got_shorter_is_not_read_on(tmp_path: Path) -> None:
    source = build(tmp_path / "deck.zip")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("ppt/large.bin", NOISE * 100)
    package = Package(source.open("rb"))
    with source.open("rb+") as file:
        file.truncate(100_000)
    with (tmp_path / "new").open("wb") as file, pytest.raises(zipfile.BadZipFile):
        write_package(package, NOTHING, MediaSpool(), file)
    package.close()


def test_equal_pictures_are_kept_once_and_read_back_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.deck.package.media.CHUNK_BYTES", 1_000)
    spool = MediaSpool()
    first, second, again = (spool.add(data, "png") for data in (NOISE, b"other", NOISE))
    assert first is again
    assert b"".join(spool.chunks(first)) == NOISE
    assert b"".join(spool.chunks(second)) == b"other"
    assert first.crc == zlib.crc32(NOISE)
    assert max(map(len, spool.chunks(first))) <= 1_000
    spool.close()
