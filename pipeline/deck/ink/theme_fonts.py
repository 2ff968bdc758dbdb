"""The typefaces a theme offers, and which of them sets a letter: Latin, East Asian or complex script. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.deck.ooxml import Element, qualified

_SCHEME = qualified("a:themeElements/a:fontScheme")
_FACES = {
    slot: {kind: qualified(f"a:{slot}Font/a:{kind}") for kind in ("latin", "ea", "cs")} for slot in ("major", "minor")
}
_SCRIPT_FONTS = {slot: qualified(f"a:{slot}Font/a:font") for slot in ("major", "minor")}
_SLOTS = {"+mj": "major", "+mn": "minor"}
_KINDS = {"-lt": "latin", "-ea": "ea", "-cs": "cs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A group of letters that share a font: a letter of it, its ISO 15924 code, and the `a:rPr` child that sets it."""

    sample: str
    code: str
    slot: str


LATIN = Script(sample="", code="Latn", slot="latin")
_HAN = Script(sample="一", code="Hans", slot="ea")
_KANA = Script(sample="あ", code="Jpan", slot="ea")
_HANGUL = Script(sample="가", code="Hang", slot="ea")
_HEBREW = Script(sample="א", code="Hebr", slot="cs")
_ARABIC = Script(sample="ا", code="Arab", slot="cs")
_INDIC = ("Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Thai", "Laoo", "Tibt")

_RANGES = (
    (0x0590, 0x05FF, _HEBREW), (0xFB1D, 0xFB4F, _HEBREW),
    (0x0600, 0x07FF, _ARABIC), (0xFB50, 0xFDFF, _ARABIC), (0xFE70, 0xFEFF, _ARABIC),
    # From Devanagari to Tibetan, a script fills 128 code points, its letter KA among the first.
    *((0x0900 + 0x80 * place, 0x097F + 0x80 * place, Script(sample=chr(0x0915 + 0x80 * place), code=code, slot="cs"))
      for place, code in enumerate(_INDIC)),
    (0x1100, 0x11FF, _HANGUL), (0xAC00, 0xD7AF, _HANGUL), (0x3130, 0x318F, _HANGUL),
    (0x3040, 0x30FF, _KANA), (0x31F0, 0x31FF, _KANA), (0xFF66, 0xFF9F, _KANA),
    (0x2E80, 0x303F, _HAN), (0x3100, 0x312F, _HAN), (0x31A0, 0x9FFF, _HAN), (0xF900, 0xFAFF, _HAN),
    (0xFE30, 0xFE4F, _HAN), (0xFF00, 0xFF65, _HAN), (0xFFA0, 0xFFEF, _HAN), (0x20000, 0x3FFFF, _HAN),
)  # fmt: skip

_LATIN_RANGE = "\\0-\u058f\u1e00-\u206f\u20a0-\u20bf\u2116\u2122"
IS_LATIN = re.compile(f"[{_LATIN_RANGE}]*").fullmatch
"""True for text that a Latin typeface sets alone: Latin, Greek, Cyrillic and common punctuation."""


@lru_cache(maxsize=4096)
def script_of(letter: str) -> Script:
    """The script of one letter. A symbol is a script of its own: few typefaces hold it."""
    if IS_LATIN(letter):
        return LATIN
    point = ord(letter)
    found = (script for first, last, script in _RANGES if first <= point <= last)
    return next(found, Script(sample=letter, code="Zsym", slot="latin"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeFonts:
    """A theme's typefaces by slot and kind, and by slot and script where it lists them (`a:font`)."""

    faces: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_script: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def typeface(self, stated: str, script: Script) -> str:
        """The typeface a stated one such as `+mn-ea` means for a script (ECMA-376 part 1, 20.1.4.1.16); "" for none."""
        slot = _SLOTS.get(stated[:3])
        if slot is None:
            return stated
        kind = _KINDS.get(stated[3:], "latin")
        return self.faces.get((slot, kind), "") or self.by_script.get((slot, script.code), "")


def read_theme_fonts(theme: Element | None) -> ThemeFonts:
    """The font scheme of a theme's root element."""
    scheme = None if theme is None else theme.find(_SCHEME)
    if scheme is None:
        return ThemeFonts()
    faces = {
        (slot, kind): font.get("typeface", "")
        for slot, paths in _FACES.items()
        for kind, path in paths.items()
        if (font := scheme.find(path)) is not None
    }
    by_script = {
        (slot, font.get("script", "")): font.get("typeface", "")
        for slot, path in _SCRIPT_FONTS.items()
        for font in scheme.iterfind(path)
    }
    return ThemeFonts(faces=faces, by_script=by_script)
