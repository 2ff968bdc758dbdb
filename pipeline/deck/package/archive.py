"""Judges a file before it is unpacked: is it a sound zip archive of bearable size, and if not, what is it."""

from __future__ import annotations

import mmap
import zipfile
from typing import BinaryIO

from pipeline.deck.ooxml import REPAIR
from pipeline.errors import DeckError

SAVE_AS = "open it in PowerPoint and save it as 'PowerPoint Presentation (.pptx)'"
"""What a person can do about a deck in another format."""

MAX_UNPACKED_BYTES = 4 * 1024**3
"""Far above any real deck."""

MAX_RATIO = 200
RATIO_MATTERS_FROM_BYTES = 200 * 1024**2
"""Deflate reaches 1,032 to 1, whole decks stay below 20. What unpacks to less is harmless at any ratio."""

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IS_ENCRYPTED = 0x1
_PACKAGE_RELATIONSHIPS = "_rels/.rels"
_STRICT = b"http://purl.oclc.org/ooxml/"
"""Where relationship types of ISO 29500 Strict begin; Transitional's begin with schemas.openxmlformats.org."""


def check_archive(file: BinaryIO) -> None:
    """Raises DeckError, without the file's path, where `file` is no archive that can be safely unpacked.

    Raises what zipfile does where a part is damaged: BadZipFile, zlib.error, EOFError, NotImplementedError.
    """
    if not zipfile.is_zipfile(file):
        raise DeckError(_what_it_is(file))
    with zipfile.ZipFile(file) as archive:
        _refuse_bombs(archive)
        if any(member.flag_bits & _IS_ENCRYPTED for member in archive.infolist()):
            raise DeckError("is a zip archive with a password; unpack it, it is not a deck as PowerPoint saves one")
        # The directory may lie about sizes. testzip unpacks in small pieces and stops at the size stated there,
        # so that afterwards no part can be larger than what was added up above.
        broken = archive.testzip()
        if broken is not None:
            raise DeckError(f"is damaged (part {broken!r}); {REPAIR}")
        _refuse_strict(archive)


def _what_it_is(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(len(_OLE_MAGIC))
    if not head:
        return "is an empty file; export or copy the deck again"
    if head == _OLE_MAGIC:
        return _what_ole_holds(file)
    if head.startswith(b"%PDF"):
        return "is a PDF, whatever its name says; give the PowerPoint file it was made from"
    if head.startswith(b"PK"):
        return "is cut off or damaged (its zip directory is missing); copy or download it again"
    return f"is not a PowerPoint file, whatever its name says; {SAVE_AS}"


def _what_ole_holds(file: BinaryIO) -> str:
    """An encrypted .pptx is an OLE file with a stream of this name ([MS-OFFCRYPTO] 2.3.4.4); .ppt has its own."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "is protected with a password; open it in PowerPoint, remove it (File > Info > Protect) and save it"
        if content.find("PowerPoint Document".encode("utf-16-le")) >= 0:
            return f"is in the old .ppt format; {SAVE_AS}"
    return f"is an old Office file, but not a presentation; {SAVE_AS}"


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    packed = sum(member.compress_size for member in archive.infolist())
    unpacked = sum(member.file_size for member in archive.infolist())
    is_too_dense = unpacked > RATIO_MATTERS_FROM_BYTES and unpacked > MAX_RATIO * packed
    if unpacked > MAX_UNPACKED_BYTES or is_too_dense:
        size = f"{packed / 1024**2:,.1f} MB unpack to {unpacked / 1024**2:,.0f} MB"
        raise DeckError(f"looks like a zip bomb ({size}); {REPAIR} if you trust where it is from")


def _refuse_strict(archive: zipfile.ZipFile) -> None:
    if _PACKAGE_RELATIONSHIPS not in archive.namelist():
        raise DeckError(f"is a zip archive, but not a presentation; {SAVE_AS}")
    if _STRICT in archive.read(_PACKAGE_RELATIONSHIPS):
        raise DeckError(
            "is saved as 'Strict Open XML Presentation'; open it in PowerPoint and save it as "
            "'PowerPoint Presentation (.pptx)', not Strict"
        )
