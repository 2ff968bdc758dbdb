"""Which font file stands in for a typeface on this machine. Reads fontconfig's cache, or the Windows registry.

fontconfig decides as LibreOffice does on Linux: metric-compatible substitutes first (Carlito for Calibri), then what
the system is set up to fall back on, and for a script the typeface lacks a font that has it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

try:
    import fontconfig
except ImportError:  # there is no wheel for Windows
    fontconfig = None  # type: ignore[assignment]

_REGULAR, _BOLD = 80, 200
_ROMAN, _ITALIC = 0, 100
"""Weights and slants as fontconfig counts them."""

_METRIC_COMPATIBLE = {
    "calibri": ("carlito",),
    "cambria": ("caladea",),
    "arial": ("liberation sans", "arimo"),
    "helvetica": ("liberation sans", "arimo"),
    "times new roman": ("liberation serif", "tinos"),
    "times": ("liberation serif", "tinos"),
    "courier new": ("liberation mono", "cousine"),
    "courier": ("liberation mono", "cousine"),
    "arial narrow": ("liberation sans narrow",),
    "georgia": ("gelasio",),
}
"""Fonts drawn to the widths of another, as fontconfig's 30-metric-aliases.conf lists them."""

_WINDOWS_FALLBACKS = ("segoe ui", "verdana", "tahoma", "arial")


@dataclass(frozen=True, slots=True, kw_only=True)
class FontFile:
    """A face in a font file. `is_faithful` where its widths are those of the typeface that was asked for.

    `lacks_bold` where bold letters were asked for and will be thickened ones of a regular face.
    """

    path: str
    index: int
    is_faithful: bool
    lacks_bold: bool


@lru_cache(maxsize=1024)
def find_font(typeface: str, *, is_bold: bool, is_italic: bool, sample: str) -> FontFile | None:
    """The face this machine has for a typeface; None where nothing is known to hold the letter `sample`.

    `sample` is a letter of the script to be set, "" for Latin, Greek and Cyrillic.
    """
    if fontconfig is not None:
        return _by_fontconfig(typeface, is_bold=is_bold, is_italic=is_italic, sample=sample)
    return None if sample else _by_name(_windows_fonts(), typeface, is_bold=is_bold, is_italic=is_italic)


def _by_fontconfig(typeface: str, *, is_bold: bool, is_italic: bool, sample: str) -> FontFile | None:
    pattern = {"family": typeface, "weight": _BOLD if is_bold else _REGULAR, "slant": _ITALIC if is_italic else _ROMAN}
    if sample:
        pattern["charset"] = fontconfig.CharSet.from_codepoints([ord(sample)])
    found = fontconfig.match(properties=pattern, select=("family", "file", "index", "weight"))
    if not found or not Path(found["file"]).is_file():
        return None
    return FontFile(
        path=found["file"],
        # The upper half numbers the instances of a variable font.
        index=found["index"] & 0xFFFF,
        is_faithful=_is_faithful(typeface.casefold(), found["family"].casefold()),
        lacks_bold=is_bold and found["weight"] < (_REGULAR + _BOLD) / 2,
    )


def _is_faithful(asked: str, found: str) -> bool:
    return found == asked or found in _METRIC_COMPATIBLE.get(asked, ())


def _by_name(fonts: Mapping[str, str], typeface: str, *, is_bold: bool, is_italic: bool) -> FontFile | None:
    style = f"{' bold' if is_bold else ''}{' italic' if is_italic else ''}"
    asked = typeface.casefold()
    for family in (asked, *_METRIC_COMPATIBLE.get(asked, ()), *_WINDOWS_FALLBACKS):
        for name in (family + style, family):
            if name in fonts:
                is_plain = name == family
                return FontFile(
                    path=fonts[name],
                    index=0,
                    is_faithful=_is_faithful(asked, family),
                    lacks_bold=is_bold and is_plain,
                )
    return None


@cache
def _windows_fonts() -> Mapping[str, str]:
    """Lower-case names such as "calibri bold" and the files that hold them; empty on other systems."""
    found: dict[str, str] = {}
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  (there is none elsewhere)

        folder = os.path.join(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")  # noqa: PTH118
        for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            try:
                key = winreg.OpenKey(hive, r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts")
            except OSError:
                continue
            with key:
                for place in range(winreg.QueryInfoKey(key)[1]):
                    name, file, _ = winreg.EnumValue(key, place)
                    for family in name.partition(" (")[0].casefold().split(" & "):
                        found[family] = os.path.join(folder, file)  # noqa: PTH118  (joins absolute paths too)
    return found
