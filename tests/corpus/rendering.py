"""Pages of decks, rendered once for each content; writes to its cache folder only."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.deck.rendering import Pages, render_pdfs

CACHE = Path.home() / ".cache" / "deck-illustrator-corpus"

Page = npt.NDArray[np.int16]
"""Height, width and the three colours of a page, 96 pixels an inch."""


def render(deck: Path) -> Pages:
    """The pages of `deck`, from the cache where the same bytes were rendered before with the same fonts."""
    digest = hashlib.sha256(_fonts())
    digest.update(deck.read_bytes())
    kept = CACHE / f"{digest.hexdigest()[:32]}.pdf"
    if not kept.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        (pdf,) = render_pdfs(deck)
        fresh.write_bytes(pdf)
        fresh.replace(kept)
    return Pages(kept.read_bytes())


@cache
def _fonts() -> bytes:
    """What fontconfig says is installed; nothing where there is none. A font more or less sets text another way."""
    command = shutil.which("fc-list")
    if command is None:
        return b""
    listed = subprocess.run([command], capture_output=True, check=True).stdout
    return b"\n".join(sorted(listed.splitlines()))


def page(pages: Pages, index: int) -> Page:
    return np.asarray(pages[index]).astype(np.int16)
