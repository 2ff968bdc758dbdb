"""Opens a deck, or says in one line what is wrong with the file and what to do about it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from lxml import etree
from pptx.exc import PythonPptxError
from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.package import Part
from pptx.package import Package
from pptx.parts.presentation import PresentationPart
from pptx.presentation import Presentation

from pipeline.deck.archive import SAVE_AS, check_archive
from pipeline.deck.ooxml import REPAIR, slide_parts
from pipeline.errors import DeckError, FileAccessError

_DECKS = (CT.PML_PRESENTATION_MAIN, CT.PML_PRES_MACRO_MAIN)
_COUSINS = {
    CT.PML_TEMPLATE_MAIN: "a template (.potx)",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml": "a template with macros (.potm)",
    CT.PML_SLIDESHOW_MAIN: "a slide show (.ppsx)",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": "a slide show with macros (.ppsm)",
}
"""Content types of the main part ([MS-OFFMACRO2] 2.2.1); the file's extension may say anything."""

_DAMAGE = (
    zipfile.BadZipFile,  # a directory or header that is wrong
    zlib.error,  # a part whose compressed bytes are wrong
    EOFError,  # a part that ends too early
    NotImplementedError,  # a compression method zipfile does not know
    etree.XMLSyntaxError,  # a part that is not XML, or an entity bomb
    PythonPptxError,  # an element without an attribute it must have
    KeyError,  # no [Content_Types].xml, or a part whose type it does not state
    ValueError,  # a part name or attribute that cannot be
    TypeError,  # likewise
)
"""What zipfile, lxml and python-pptx raise on files that are not whole; they share no base class for it."""


def open_deck(path: Path) -> Presentation:
    """The presentation in `path`, whole in memory; the file is closed again.

    Raises DeckError where the file is missing, damaged, protected or not a .pptx or .pptm with slides, and
    FileAccessError where it is there but cannot be read.
    """
    try:
        _refuse_non_files(path)
        with path.open("rb") as file:
            return _checked(_main_part(file))
    except DeckError as error:
        raise DeckError(f"{path}: {error}") from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _refuse_non_files(path: Path) -> None:
    if not path.exists():
        raise DeckError("there is no such file; check the path")
    if not path.is_file():
        raise DeckError("is not a file; give the path of one .pptx file")


def _main_part(file: BinaryIO) -> Part:
    try:
        check_archive(file)
        return Package.open(file).main_document_part
    except RecursionError as error:
        raise DeckError("links its slides to each other in too long a chain; remove some links or split it") from error
    except AttributeError as error:  # a part whose root element python-pptx gave another class
        raise DeckError(f"is damaged (a part holds other XML than its type says); {REPAIR}") from error
    except _DAMAGE as error:
        raise DeckError(f"is damaged ({_one_line(error)}); {REPAIR}") from error


def _checked(main: Part) -> Presentation:
    if main.content_type not in _DECKS or not isinstance(main, PresentationPart):
        what = _COUSINS.get(main.content_type, "an Office file of another kind")
        raise DeckError(f"is {what}, not a presentation; {SAVE_AS}")
    if not list(slide_parts(main)):
        raise DeckError("has no slides; add some")
    presentation: Presentation = main.presentation
    return presentation


def _one_line(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())
