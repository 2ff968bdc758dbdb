"""Starting LibreOffice, or saying in one line why not; the pages it makes. LibreOffice itself: ink/test_rendered.py."""

from __future__ import annotations

import os
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pipeline.deck import rendering
from pipeline.deck.rendering import Pages, check_renderer, render_pdfs
from pipeline.errors import UsageError

posix_only = pytest.mark.skipif(os.name == "nt", reason="stands a shell script in for LibreOffice")


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "talk.pptx"
    path.write_bytes(b"not looked at here")
    return path


def office(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program named soffice that does as `script` says, and no other."""
    programs = folder / "programs"
    programs.mkdir()
    program = programs / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_a_machine_without_libreoffice_is_told_what_to_do(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(rendering, "_PLACES", ())
    for needs_it in (check_renderer, lambda: render_pdfs(deck)):
        with pytest.raises(UsageError, match="install it, or let the ink be estimated"):
            needs_it()


@posix_only
def test_a_machine_without_the_pdf_library_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path, monkeypatch, "exit 0")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(UsageError, match=r"pip install 'deck-illustrator\[exact\]'"):
        check_renderer()


@posix_only
def test_what_libreoffice_cannot_open_is_named(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path, monkeypatch, "exit 1")
    with pytest.raises(UsageError, match=r"talk\.pptx: LibreOffice cannot render it"):
        render_pdfs(deck)
    with pytest.raises(UsageError, match=r"^mine\.pptx: "):
        render_pdfs(deck, name=Path("mine.pptx"))


@posix_only
def test_the_deck_is_copied_and_nothing_is_left(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in writes what it was given as the PDF: the last argument is the deck, after --outdir stands where."""
    office(tmp_path, monkeypatch, 'for last; do :; done; cp "$last" "${last%.pptx}.pdf"; echo "$last" > "$HOME/seen"')
    monkeypatch.setenv("HOME", str(tmp_path))
    assert render_pdfs(deck) == [deck.read_bytes()]
    seen = Path((tmp_path / "seen").read_text().strip())
    assert seen.parent != deck.parent
    assert not seen.parent.exists()


@posix_only
def test_all_its_processes_end_with_the_time(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = tmp_path / "alive"
    office(tmp_path, monkeypatch, f"(while :; do touch {alive}; sleep 0.05; done) & wait")
    with pytest.raises(UsageError, match=r"did not render it within 0\.5 s"):
        render_pdfs(deck, timeout_s=0.5)
    assert alive.exists()
    alive.unlink()
    time.sleep(0.2)
    assert not alive.exists(), "a child of the stand-in went on"


def test_pages_are_drawn_one_by_one_at_their_size() -> None:
    pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed; it comes with the extra 'exact'")
    pdf = BytesIO()
    sheets = [Image.new("RGB", (96, 48), colour) for colour in ("red", "blue")]
    sheets[0].save(pdf, "PDF", save_all=True, append_images=sheets[1:], resolution=96)
    pages = Pages(pdf.getvalue())
    assert len(pages) == 2
    assert [page.size for page in pages] == [(96, 48)] * 2
    red, _, blue = pages[1].getpixel((48, 24))
    assert (red, blue) == pytest.approx((0, 255), abs=3)
    assert pages[0].mode == "RGB"
    with pytest.raises(IndexError):
        pages[2]
