"""Opens a deck, or says in one line what is wrong with the file and what to do about it."""

from __future__ import annotations

import errno
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path

from lxml import etree

from pipeline.deck.ooxml import REPAIR, slide_parts
from pipeline.deck.package import signatures
from pipeline.deck.package.archive import SAVE_AS, check_archive
from pipeline.deck.package.parts import MAIN_TYPES, Package
from pipeline.errors import DeckError, FileAccessError

_DAMAGE = (
    zipfile.BadZipFile,  # a directory or header that is wrong
    zlib.error,  # a part whose compressed bytes are wrong
    EOFError,  # a part that ends too early
    NotImplementedError,  # a compression method zipfile does not know
    etree.XMLSyntaxError,  # a part that is not XML, or an entity bomb
    KeyError,  # no [Content_Types].xml
    ValueError,  # a part name that cannot be
)
"""What zipfile and lxml raise on files that are not whole; they share no base class for it."""


def open_deck(path: Path, *, drop_signature: bool = False) -> Package:
    """The package in `path`. It holds the file open: what was read stays what will be saved.

    Raises DeckError where the file is missing, damaged, protected or no presentation with slides, where it is signed
    unless `drop_signature` says that the signature may go, and FileAccessError where it cannot be read.
    """
    try:
        _refuse_non_files(path)
        package = _opened(path)
        if signatures.is_signed(package):
            _unsign(package, is_agreed=drop_signature)
    except DeckError as error:
        raise DeckError(f"{path}: {error}") from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    return package


def _unsign(package: Package, *, is_agreed: bool) -> None:
    if not is_agreed:
        raise DeckError("is digitally signed, and any change breaks the signature; give --force to drop it")
    signatures.drop_signature(package)


def _refuse_non_files(path: Path) -> None:
    if not path.exists():
        raise DeckError("there is no such file; check the path")
    if not path.is_file():
        raise DeckError("is not a file; give the path of one .pptx file")


def _opened(path: Path) -> Package:
    """One handle for the check and for all that follows: what was checked cannot be another file meanwhile."""
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        try:
            check_archive(file)
            package = Package(file)
            _check_parts(package)
        except _DAMAGE as error:
            raise DeckError(f"is damaged ({_one_line(error)}); {REPAIR}") from error
        except OSError as error:
            if error.errno == errno.EINVAL:  # a part that would begin before the file does
                raise DeckError(f"is damaged (its beginning is missing); {REPAIR}") from error
            raise
        stack.pop_all()
    return package


def _check_parts(package: Package) -> None:
    main = package.main_part
    if main is None:
        raise DeckError(f"is damaged (it does not say where its presentation is); {REPAIR}")
    if main.content_type not in MAIN_TYPES:
        raise DeckError(f"is an Office file of another kind, not a presentation; {SAVE_AS}")
    if not list(slide_parts(main)):
        raise DeckError("has no slides; add some")


def _one_line(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())
