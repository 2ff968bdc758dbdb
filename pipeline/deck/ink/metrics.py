"""How wide letters are: widths with kerning and shaping from FreeType and Raqm, as Pillow brings them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from PIL import ImageFont

from pipeline.deck.ink.fonts import FontFile, find_font

_SIZE_PX = 200
"""Letters are measured once at this size; widths grow with it in proportion."""

_FAUX_BOLD_EM = 0.02
_BUILT_IN_WIDER = 1.12
"""Aileron, which Pillow brings, is narrower than the faces slides are set in."""

_GUESSED_EM = MappingProxyType({"W": 1.0, "F": 1.0, "A": 1.0, "Na": 0.65, "N": 0.65, "H": 0.6})
"""Widths by `East_Asian_Width` for scripts no font at hand has."""


class Face:
    """One face to measure with. `line_em` is the height of a line it states.

    `is_faithful` where it is as wide as the typeface that was asked for.
    """

    def __init__(self, wanted: FontFile | None, *, has_glyphs: bool = True) -> None:
        file, self._font = _opened(wanted)
        self._widen = 1.0 if file is not None else _BUILT_IN_WIDER
        self._letter_em = _FAUX_BOLD_EM if file is not None and file.lacks_bold else 0.0
        self._has_glyphs = has_glyphs
        self.line_em = self._font.font.height / _SIZE_PX
        self.is_faithful = file is not None and file.is_faithful

    @lru_cache(maxsize=1 << 16)  # noqa: B019  (faces live as long as the process, see `face`)
    def width_em(self, text: str) -> float:
        """The advance of a piece of text without tabs and line breaks."""
        if not self._has_glyphs:
            return sum(_GUESSED_EM[unicodedata.east_asian_width(letter)] for letter in text)
        return self._font.getlength(text) / _SIZE_PX * self._widen + len(text) * self._letter_em


@lru_cache(maxsize=256)
def face(typeface: str, *, is_bold: bool, is_italic: bool, sample: str) -> Face:
    """The face to measure a typeface with; `sample` is a letter of the script to be set, "" for Latin."""
    file = find_font(typeface, is_bold=is_bold, is_italic=is_italic, sample=sample)
    return Face(file, has_glyphs=file is not None or not sample)


def _load(file: FontFile | None) -> ImageFont.FreeTypeFont:
    if file is not None:
        return ImageFont.truetype(file.path, _SIZE_PX, index=file.index)
    # At a size of its own it is Aileron; Pillow types it as the bitmap font it is without one.
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(_SIZE_PX))


def _opened(file: FontFile | None) -> tuple[FontFile | None, ImageFont.FreeTypeFont]:
    """A font file that FreeType cannot read counts as none."""
    try:
        return file, _load(file)
    except OSError:
        return None, _load(None)
