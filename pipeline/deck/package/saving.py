"""Delivering the finished deck: to a temporary file beside the target, reopened and checked, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
from pathlib import Path

from lxml.etree import LxmlError
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.shapes.picture import Picture

from pipeline.deck.shapes import OUR_MARK
from pipeline.deck.writing import DeckFile
from pipeline.errors import DeliveryError, FileAccessError


def check_target(target: Path, *, may_overwrite: bool) -> None:
    """Raise FileAccessError where `target` could not be written at the end; asked before any money is spent."""
    try:
        if target.is_dir():
            raise FileAccessError(f"{target}: is a folder; give a file name with -o")
        _check_not_there(target, may_overwrite=may_overwrite)
        if not target.parent.is_dir():
            raise FileAccessError(f"{target.parent}: no such folder; make it first or give another output with -o")
        probe = _temporary_beside(target)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _cannot_write(target, error) from error


def deliver(deck: DeckFile, source: Path, target: Path, *, may_overwrite: bool) -> None:
    """Save `deck` as `target`, with the access rights of `source`, whole or not at all.

    Raises DeliveryError where the saved file fails its check, FileAccessError where it cannot be written.
    """
    temporary = _temporary_beside(target)
    try:
        deck.presentation.save(str(temporary))
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        _check(temporary, deck)
        shutil.copymode(source, temporary)
        _check_not_there(target, may_overwrite=may_overwrite)  # another program may have written it meanwhile
        temporary.replace(target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_not_there(target: Path, *, may_overwrite: bool) -> None:
    if not may_overwrite and target.exists():
        raise FileAccessError(f"{target}: exists already; give --force to overwrite it or another name with -o")


def _temporary_beside(target: Path) -> Path:
    """No part of the target's own name, which may be as long as names can be."""
    return target.with_name(f".{secrets.token_hex(8)}.tmp")


def _cannot_write(target: Path, error: OSError) -> FileAccessError:
    return FileAccessError(f"{target}: cannot be written ({error.strerror}); choose another place with -o")


def _check(path: Path, deck: DeckFile) -> None:
    """The saved file opens, has all its slides, and holds every picture of ours to the byte."""
    try:
        slides = list(Presentation(str(path)).slides)
        if len(slides) != deck.slide_count:
            raise DeliveryError(f"the finished deck has {len(slides)} slides, not {deck.slide_count}")
        for number, data in sorted(deck.inserted.items()):
            ours = [shape for shape in slides[number - 1].shapes if shape.name.endswith(OUR_MARK)]
            if not any(isinstance(shape, Picture) and shape.image.blob == data for shape in ours):
                raise DeliveryError(f"slide {number} of the finished deck lacks its picture")
    except (PythonPptxError, LxmlError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DeliveryError(f"the finished deck does not open: {error}; please report this") from error
