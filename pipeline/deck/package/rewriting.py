"""Writes the package anew: what did not change is copied as it lies in the zip file, compressed bytes and all.

zipfile can neither copy an entry raw nor write a header it has read; nothing on PyPI that is kept up does either. It
finds the entries; the few structures that are written here are those of PKWARE's APPNOTE.TXT 4.3 and 4.5.3.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipInfo

from pipeline.deck.package.media import CHUNK_BYTES, Media, MediaSpool
from pipeline.deck.package.parts import Package

_LOCAL = struct.Struct("<4s2B4HL2L2H")
_RECORD = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL_MAGIC, _RECORD_MAGIC, _DESCRIPTOR_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_HAS_DESCRIPTOR, _NAME_IS_UTF8 = 0x8, 0x800
_ELSEWHERE, _ELSEWHERE_COUNT = 0xFFFF_FFFF, 0xFFFF
"""These stand for numbers that are to be read from the zip64 extra field or the zip64 end record (4.3.9.2)."""
_LIMIT, _COUNT_LIMIT = _ELSEWHERE, _ELSEWHERE_COUNT
_ZIP64, _ZIP64_VERSION, _VERSION = 1, 45, 20
_FIRST_OF_1980 = 0x21
"""The earliest day zip can say, as Office writes it: the same run gives the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be different: entries with other bytes, entries that go, media that come. Names are the zip's own."""

    replaced: Mapping[str, bytes]
    dropped: frozenset[str]
    added: Mapping[str, Media]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One entry of the central directory (APPNOTE 4.3.12), its name and extra field as bytes."""

    created_by: tuple[int, int]
    version: tuple[int, int]
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    unpacked: int
    disk: int
    attributes: tuple[int, int]
    offset: int
    name: bytes
    extra: bytes
    comment: bytes

    def pack(self) -> bytes:
        lengths = (len(self.name), len(self.extra), len(self.comment))
        sizes = (self.crc, self.packed, self.unpacked)
        moment = (self.flags, self.method, self.time, self.date)
        head = _RECORD.pack(
            _RECORD_MAGIC, *self.created_by, *self.version, *moment, *sizes, *lengths, self.disk, *self.attributes,
            self.offset,
        )  # fmt: skip
        return head + self.name + self.extra + self.comment

    def local_header(self) -> bytes:
        moment = (self.flags, self.method, self.time, self.date)
        sizes = (self.crc, self.packed, self.unpacked)
        return _LOCAL.pack(_LOCAL_MAGIC, *self.version, *moment, *sizes, len(self.name), 0) + self.name


def write_package(package: Package, changes: Changes, spool: MediaSpool, target: BinaryIO) -> None:
    """Write `package` with `changes` to the empty file `target`.

    Raises OSError where that fails, and BadZipFile where the package's file became another meanwhile.
    """
    entries = package.archive.infolist()
    _copy(package.file, 0, min((entry.header_offset for entry in entries), default=0), target)
    records = []
    for entry, record in zip(entries, _read_records(package, len(entries)), strict=True):
        if entry.filename in changes.dropped:
            continue
        # Where two entries share a name, readers take the last: that one is the part.
        data = changes.replaced.get(entry.filename)
        if data is None or package.archive.NameToInfo[entry.filename] is not entry:
            records.append(_copied(package.file, entry, record, target))
        else:
            records.append(_deflated(record, data, target))
    records += [_stored(name, media, spool, target) for name, media in changes.added.items()]
    _write_directory(records, package.archive.comment, target)


def _read_records(package: Package, count: int) -> Iterator[_Record]:
    """The central directory as bytes; zipfile, which decodes it, has found where it begins."""
    position = package.archive.start_dir
    for _ in range(count):
        package.file.seek(position)
        values = _RECORD.unpack(_read(package.file, _RECORD.size))
        name, extra, comment = (_read(package.file, length) for length in values[12:15])
        position += _RECORD.size + len(name) + len(extra) + len(comment)
        yield _Record(
            created_by=values[1:3],
            version=values[3:5],
            flags=values[5],
            method=values[6],
            time=values[7],
            date=values[8],
            crc=values[9],
            packed=values[10],
            unpacked=values[11],
            disk=values[15],
            attributes=values[16:18],
            offset=values[18],
            name=name,
            extra=extra,
            comment=comment,
        )


def _copied(source: BinaryIO, entry: ZipInfo, record: _Record, target: BinaryIO) -> _Record:
    """The entry as it lies there. Only where it begins is another matter; and zip64 may say that in the extra field."""
    offset = target.tell()
    source.seek(entry.header_offset)
    header = _LOCAL.unpack(_read(source, _LOCAL.size))
    flags, name_length, extra_length = header[3], *header[10:]
    head_length = _LOCAL.size + name_length + extra_length
    source.seek(name_length, os.SEEK_CUR)
    is_zip64 = any(kind == _ZIP64 for kind, _ in _extra_fields(_read(source, extra_length)))
    _copy(source, entry.header_offset, head_length + entry.compress_size, target)
    if flags & _HAS_DESCRIPTOR:
        sizes = struct.pack("<QQ" if is_zip64 else "<LL", entry.compress_size, entry.file_size)
        target.write(_DESCRIPTOR_MAGIC + struct.pack("<L", entry.CRC) + sizes)
    if record.offset < _ELSEWHERE and offset < _LIMIT:
        return replace(record, offset=offset)
    return _with_zip64(replace(record, offset=offset, packed=entry.compress_size, unpacked=entry.file_size))


def _deflated(record: _Record, data: bytes, target: BinaryIO) -> _Record:
    """Other bytes in the entry's place, under its name and with its date."""
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    changed = replace(
        record,
        version=(max(record.version[0], _VERSION), record.version[1]),
        flags=record.flags & _NAME_IS_UTF8,
        method=ZIP_DEFLATED,
        crc=zlib.crc32(data),
        packed=len(packed),
        unpacked=len(data),
        offset=target.tell(),
        extra=_without_zip64(record.extra),
    )
    target.write(changed.local_header() + packed)
    return _with_zip64(changed)


def _stored(name: str, media: Media, spool: MediaSpool, target: BinaryIO) -> _Record:
    """A picture at the end, streamed as it is: JPEG and PNG are packed already."""
    record = _Record(
        created_by=(_VERSION, 0),
        version=(_VERSION, 0),
        flags=0,
        method=ZIP_STORED,
        time=0,
        date=_FIRST_OF_1980,
        crc=media.crc,
        packed=media.length,
        unpacked=media.length,
        disk=0,
        attributes=(0, 0),
        offset=target.tell(),
        name=name.encode("ascii"),
        extra=b"",
        comment=b"",
    )
    target.write(record.local_header())
    target.writelines(spool.chunks(media))
    return _with_zip64(record)


def _write_directory(records: Sequence[_Record], comment: bytes, target: BinaryIO) -> None:
    """The central directory and its end records (APPNOTE 4.3.14 to 4.3.16)."""
    start = target.tell()
    target.writelines(record.pack() for record in records)
    end, count = target.tell(), len(records)
    size = end - start
    if count >= _COUNT_LIMIT or size >= _LIMIT or start >= _LIMIT:
        version = (_ZIP64_VERSION, _ZIP64_VERSION)
        target.write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, *version, 0, 0, count, count, size, start))
        target.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
    counts = (count if count < _COUNT_LIMIT else _ELSEWHERE_COUNT,) * 2
    places = (_plain(size), _plain(start))
    target.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *counts, *places, len(comment)) + comment)


def _with_zip64(record: _Record) -> _Record:
    """Numbers too large for their fields moved to the zip64 extra field, in its order (APPNOTE 4.5.3)."""
    large = [value for value in (record.unpacked, record.packed, record.offset) if value >= _LIMIT]
    extra = _without_zip64(record.extra)
    if not large:
        return replace(record, extra=extra)
    return replace(
        record,
        version=(max(record.version[0], _ZIP64_VERSION), record.version[1]),
        unpacked=_plain(record.unpacked),
        packed=_plain(record.packed),
        offset=_plain(record.offset),
        extra=struct.pack(f"<2H{len(large)}Q", _ZIP64, 8 * len(large), *large) + extra,
    )


def _plain(number: int) -> int:
    return number if number < _LIMIT else _ELSEWHERE


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(field for kind, field in _extra_fields(extra) if kind != _ZIP64)


def _extra_fields(extra: bytes) -> Iterable[tuple[int, bytes]]:
    """Each field with its kind; what is no field at the end, as some programs leave, is kept as kind 0."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        yield kind, extra[position : position + 4 + length]
        position += 4 + length
    if position < len(extra):
        yield 0, extra[position:]


def _copy(source: BinaryIO, start: int, length: int, target: BinaryIO) -> None:
    source.seek(start)
    while length > 0:
        piece = _read(source, min(CHUNK_BYTES, length))
        target.write(piece)
        length -= len(piece)


def _read(source: BinaryIO, length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise BadZipFile("the deck became shorter while it was read")
    return data
