"""A deck as LibreOffice shows it, page by page. Starts its process in a private folder and leaves nothing behind."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline.errors import UsageError

DPI = 96
"""Pixels an inch a page is looked at with: a hairline still is a pixel wide."""

_COMMANDS = ("soffice", "libreoffice")
_PLACES = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
)
"""Where the installers for macOS and Windows put it, which do not add it to the search path."""

_PDF = (
    'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"},'
    '"ReduceImageResolution":{"type":"boolean","value":"true"},"MaxImageResolution":{"type":"long","value":"150"}}'
)
"""The filter and its options (LibreOffice help, "Command Line Parameters for PDF Export"): with hidden slides page n is
slide n, and photos are written no finer than they are looked at.
"""

_SUFFIXES = {".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"}
_PREFIX = "deck-illustrator-"
_PDF_NAME = "deck.pdf"
_ESTIMATE = "let the ink be estimated (layout.ink: estimated)"


def check_renderer() -> None:
    """Raise UsageError where LibreOffice or pypdfium2 is missing; asked before any money is spent."""
    _find_office()
    _pdf_library()


def render_pdfs(*decks: Path, name: Path | None = None, timeout_s: float = 300.0) -> list[bytes]:
    """The files `decks` as PDFs, a page a slide, hidden slides too; all are rendered at the same time.

    Messages call each of them `name` where that is given. Raises UsageError where LibreOffice is missing, fails or
    takes longer than `timeout_s` for all of them.
    """
    office = _find_office()
    end_s = time.monotonic() + timeout_s
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)))
        folders = [place / str(number) for number in range(len(decks))]
        started = [
            stack.enter_context(_converting(office, deck, folder)) for deck, folder in zip(decks, folders, strict=True)
        ]
        try:
            for process in started:
                process.wait(max(0.0, end_s - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            message = f"{name or decks[0]}: LibreOffice did not render it within {timeout_s:g} s; {_ESTIMATE}"
            raise UsageError(message) from error
        return [_pdf_in(folder, name or deck) for deck, folder in zip(decks, folders, strict=True)]


class Pages:
    """The pages of a PDF as RGB pictures, each drawn when it is asked for: one is 3 MB. Page 0 is slide 1.

    PDFium is not thread-safe: one thread at a time draws, whatever the document.
    """

    def __init__(self, pdf: bytes, *, dpi: float = DPI) -> None:
        self._pdf = pdf
        self._scale = dpi / 72  # a PDF's own unit is an inch's 72nd
        with self._document() as document:
            self._count = len(document)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Image.Image:
        # Opened for each page, which takes no time, so that there is nothing to close.
        with self._document() as document:
            drawn: Image.Image = document[range(self._count)[index]].render(scale=self._scale).to_pil()
            return drawn.convert("RGB")

    def _document(self) -> Any:
        return _pdf_library().PdfDocument(self._pdf)

    def __iter__(self) -> Iterator[Image.Image]:
        return (self[index] for index in range(len(self)))


def _find_office() -> Path:
    found = next((path for name in _COMMANDS if (path := shutil.which(name))), None)
    office = Path(found) if found else next((path for path in _PLACES if path.is_file()), None)
    if office is None:
        raise UsageError(f"rendered ink needs LibreOffice, which is not found: install it, or {_ESTIMATE}")
    return office


def _pdf_library() -> Any:
    try:
        return importlib.import_module("pypdfium2")  # an extra, `exact`: the program runs without it
    except ImportError as error:
        message = f"rendered ink needs pypdfium2: pip install 'deck-illustrator[exact]', or {_ESTIMATE}"
        raise UsageError(message) from error


def _pdf_in(folder: Path, name: Path) -> bytes:
    try:
        return (folder / _PDF_NAME).read_bytes()
    except FileNotFoundError as error:
        message = f"{name}: LibreOffice cannot render it; see whether it opens there, or {_ESTIMATE}"
        raise UsageError(message) from error


@contextmanager
def _converting(office: Path, deck: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """LibreOffice at work on a copy of `deck` in the new folder `folder`; its processes all end with the block."""
    folder.mkdir()
    # A copy: LibreOffice writes a lock file beside what it opens, and goes by the file's extension.
    copy = folder / f"deck{deck.suffix if deck.suffix.lower() in _SUFFIXES else '.pptx'}"
    shutil.copyfile(deck, copy)
    # A profile of its own, since LibreOffice hands a second call on one profile over to the first.
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = ["--headless", "--norestore", "--nolockcheck", profile, "--convert-to", _PDF, "--outdir", str(folder)]
    # A session of its own, so that all the processes LibreOffice starts can be ended together.
    process = subprocess.Popen(  # noqa: S603 -- a program found above, its arguments ours
        [str(office), *options, str(copy)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            _kill_tree(process)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        kill = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(kill, check=False, capture_output=True)  # noqa: S603
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
