"""Delivering the finished deck: to a temporary file beside the target, reopened and checked, then renamed."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml.etree import LxmlError
from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from pipeline.deck.ooxml import related, required, slide_parts
from pipeline.deck.package import picture_shapes
from pipeline.deck.package.media import CHUNK_BYTES
from pipeline.deck.package.nodes import SpliceError
from pipeline.deck.package.parts import Package, Part
from pipeline.deck.package.rewriting import Changes, write_package
from pipeline.deck.package.splicing import Document
from pipeline.deck.writing import DeckFile, PlacedPicture
from pipeline.errors import DeckError, DeliveryError, FileAccessError
from pipeline.files import file_digest, sync_folder

log = logging.getLogger(__name__)


def check_target(target: Path, *, may_overwrite: bool) -> None:
    """Raise FileAccessError where `target` could not be written at the end; asked before any money is spent."""
    try:
        if target.is_dir():
            raise FileAccessError(f"{target}: is a folder; give a file name with -o")
        _check_not_there(target, may_overwrite=may_overwrite)
        if not target.parent.is_dir():
            raise FileAccessError(f"{target.parent}: no such folder; make it first or give another output with -o")
        with tempfile.TemporaryFile(dir=target.parent):  # nameless where the system can: nothing stays if we die here
            pass
    except OSError as error:
        raise _cannot_write(target, error) from error


def _unheard(_sha256: str) -> None:
    """Nobody needs to know."""


def deliver(
    deck: DeckFile,
    source: Path,
    target: Path,
    *,
    may_overwrite: bool,
    owner: str = "",
    announce: Callable[[str], None] = _unheard,
) -> str:
    """Save `deck`, opened from `source`, as `target` with the same access rights, whole or not at all.

    The temporary file is named ".{random}.{owner}.tmp". `announce` hears the SHA-256 of what is about to be renamed,
    which is given back. Raises DeliveryError where the saved file fails its check or `source` was written to since it
    was opened, and FileAccessError where `target` cannot be written. `source` may have been renamed, replaced or
    deleted meanwhile.
    """
    with _in_place_of(target, owner, may_overwrite=may_overwrite) as temporary:
        changes = _write(deck, source, temporary)
        _check(temporary, deck, changes)
        temporary.chmod(deck.package.permissions)
        digest = file_digest(temporary)
        announce(digest)
    return digest


def copy_whole(source: Path, target: Path, *, may_overwrite: bool, owner: str) -> None:
    """Put a copy of `source`, access rights included, at `target`, whole or not at all. Raises FileAccessError."""
    with _in_place_of(target, owner, may_overwrite=may_overwrite) as temporary:
        shutil.copy(source, temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def _in_place_of(target: Path, owner: str, *, may_overwrite: bool) -> Iterator[Path]:
    """A temporary file's name; what the block writes there is renamed to `target`. Raises FileAccessError."""
    temporary = target.with_name(f".{secrets.token_hex(8)}.{owner}.tmp")  # the target's name may be as long as can be
    try:
        yield temporary
        _check_not_there(target, may_overwrite=may_overwrite)  # another program may have written it meanwhile
        temporary.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(deck: DeckFile, source: Path, temporary: Path) -> Changes:
    try:
        with temporary.open("xb") as file:
            changes = deck.changes()
            write_package(deck.package, changes, deck.spool, file)
            file.flush()
            os.fsync(file.fileno())
        is_written_to = deck.package.is_written_to
    except (zipfile.BadZipFile, zlib.error):
        is_written_to = True
    if is_written_to:
        raise DeliveryError(f"{source}: was written to during the run; run again when it is at rest")
    return changes


def _check_not_there(target: Path, *, may_overwrite: bool) -> None:
    if not may_overwrite and target.exists():
        raise FileAccessError(f"{target}: exists already; give --force to overwrite it or another name with -o")


def _sync(folder: Path) -> None:
    """Have the new name on the disk too, where that can be had."""
    try:
        sync_folder(folder)
    except OSError:  # the file itself is whole in any case
        log.debug("%s cannot be synced", folder, exc_info=True)


def _cannot_write(target: Path, error: OSError) -> FileAccessError:
    return FileAccessError(f"{target}: cannot be written ({error.strerror}); choose another place with -o")


def _check(path: Path, deck: DeckFile, changes: Changes) -> None:
    """The saved file opens, has all its slides, each picture of ours to the byte, and else what the source has."""
    try:
        with path.open("rb") as file:
            saved = Package(file)
            _check_entries(saved, deck.package, changes)
            slides = [part for _, part in slide_parts(required(saved, RT.OFFICE_DOCUMENT))]
            if len(slides) != deck.slide_count:
                raise DeliveryError(f"the finished deck has {len(slides)} slides, not {deck.slide_count}")
            for (number, shape_id), placed in sorted(deck.placed.items()):
                _check_picture(slides[number - 1], number, shape_id, placed)
    except (LxmlError, zipfile.BadZipFile, DeckError, SpliceError, KeyError) as error:
        raise DeliveryError(f"the finished deck does not open: {error}; please report this") from error


def _check_entries(saved: Package, source: Package, changes: Changes) -> None:
    """All entries in their order; what was not to be changed has the size and the checksum it had."""
    kept = [entry for entry in source.archive.infolist() if entry.filename not in changes.dropped]
    found = saved.archive.infolist()
    expected = [*(entry.filename for entry in kept), *changes.added]
    if [entry.filename for entry in found] != expected:
        raise DeliveryError("the finished deck has other parts than it should; please report this")
    for before, after in zip(kept, found, strict=False):
        is_same = (before.CRC, before.file_size) == (after.CRC, after.file_size)
        if not is_same and before.filename not in changes.replaced:
            raise DeliveryError(f"{before.filename} changed in the finished deck; please report this")


def _check_picture(slide: Part, number: int, shape_id: int, placed: PlacedPicture) -> None:
    document = Document(slide.blob)
    shape = picture_shapes.find_picture(document, shape_id, placed.label.name)
    media = None if shape is None else related(slide, picture_shapes.embedded(shape))
    if shape is None or media is None or _digest(media) != placed.sha256:
        raise DeliveryError(f"slide {number} of the finished deck lacks its picture")
    if picture_shapes.alt_text_of(shape) != placed.label.alt_text:
        raise DeliveryError(f"slide {number} of the finished deck lacks its picture's description")


def _digest(part: Part) -> str:
    digest = hashlib.sha256()
    with part.package.open(part.partname) as stream:
        while piece := stream.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()
