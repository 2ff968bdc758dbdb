"""How far a text reaches beyond the box it stands in: boxes that do not fit their text let it run out of them.

An estimate from letter counts, on the generous side: it may keep a picture a line further away than need be.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence

from pipeline.deck.ooxml import Element, integer, qualified
from pipeline.deck.text import paragraph_text
from pipeline.records import Box

_EMU_PER_POINT = 12_700
_LINE_SPACING = 1.2
# Widths in em: what wide faces such as Verdana or a bold Arial need on average, and East Asian characters always.
_LETTER_EM, _WIDE_LETTER_EM = 0.56, 1.0
_DEFAULT_HUNDREDTHS = 1_800
_DEFAULT_INSETS = {"lIns": 91_440, "rIns": 91_440, "tIns": 45_720, "bIns": 45_720}

_BODY, _PARAGRAPH = qualified("p:txBody"), qualified("a:p")
_BODY_PROPERTIES, _LIST_STYLE = qualified("a:bodyPr"), qualified("a:lstStyle")
_SHRINKS = qualified("a:normAutofit")
_FITTINGS = (_SHRINKS, qualified("a:spAutoFit"), qualified("a:noAutofit"))
_RUN_PROPERTIES = tuple(map(qualified, ("a:rPr", "a:endParaRPr")))
_PARAGRAPH_PROPERTIES = qualified("a:pPr")
_LEVELS = [qualified(f"a:lvl{level}pPr/a:defRPr") for level in range(1, 10)]


def text_extent(element: Element, box: Box, inherited: Sequence[Element], style: Element | None) -> Box:
    """`box`, grown to what the text of the upright shape `element` needs.

    `inherited` are the placeholders of layout and master it takes after, nearest first; `style` is the master's text
    style for its kind (`p:titleStyle`, `p:bodyStyle`, `p:otherStyle`).
    """
    body = element.find(_BODY)
    if body is None:
        return box
    bodies = [found for found in (body, *(one.find(_BODY) for one in inherited)) if found is not None]
    properties = [found for one in bodies if (found := one.find(_BODY_PROPERTIES)) is not None]
    if _inherited(properties, "vert", "horz") != "horz" or _shrinks(properties):
        return box
    insets = {side: _inset(properties, side, default) for side, default in _DEFAULT_INSETS.items()}
    wraps = _inherited(properties, "wrap", "square") != "none"
    styles = [found for one in bodies if (found := one.find(_LIST_STYLE)) is not None]
    lines = list(_lines(body, [*styles, *([style] if style is not None else [])]))
    room = (box.width_emu - insets["lIns"] - insets["rIns"]) / _EMU_PER_POINT
    height = sum(size * _LINE_SPACING * (_wrapped(width, room) if wraps else 1) for width, size in lines)
    needed_height = round(height * _EMU_PER_POINT) + insets["tIns"] + insets["bIns"]
    widest = 0.0 if wraps else max((width for width, _ in lines), default=0.0)
    needed_width = round(widest * _EMU_PER_POINT) + insets["lIns"] + insets["rIns"]
    return _grown(box, needed_width, needed_height, _inherited(properties, "anchor", "t"))


def _lines(body: Element, styles: Sequence[Element]) -> Iterator[tuple[float, float]]:
    """Width and letter size in points of each line as it was typed; an empty line has its height too."""
    for paragraph in body.iterfind(_PARAGRAPH):
        size = _size(paragraph, styles)
        for line in paragraph_text(paragraph).split("\n"):
            yield sum(map(_letter_em, line)) * size, size


def _size(paragraph: Element, styles: Sequence[Element]) -> float:
    """The largest letters in a paragraph, in points."""
    stated = [size for run in paragraph.iter(*_RUN_PROPERTIES) if (size := integer(run, "sz")) is not None]
    if stated:
        return max(stated) / 100
    level = integer(paragraph.find(_PARAGRAPH_PROPERTIES), "lvl") or 0
    sizes = (integer(style.find(_LEVELS[min(max(level, 0), 8)]), "sz") for style in styles)
    return next((size for size in sizes if size is not None), _DEFAULT_HUNDREDTHS) / 100


def _wrapped(width: float, room: float) -> int:
    return max(1, math.ceil(width / room)) if room > 0 else 1


def _letter_em(letter: str) -> float:
    return _WIDE_LETTER_EM if unicodedata.east_asian_width(letter) in "WF" else _LETTER_EM


def _inherited(properties: Sequence[Element], name: str, default: str) -> str:
    return next((value for one in properties if (value := one.get(name)) is not None), default)


def _inset(properties: Sequence[Element], side: str, default: int) -> int:
    return next((value for one in properties if (value := integer(one, side)) is not None), default)


def _shrinks(properties: Sequence[Element]) -> bool:
    """True where the text is made smaller until it fits."""
    stated = (child.tag for one in properties for child in one if child.tag in _FITTINGS)
    return next(stated, None) == _SHRINKS


def _grown(box: Box, width: int, height: int, anchor: str) -> Box:
    """`box` at least so large: text runs out at the foot, at the head or at both, as it is anchored."""
    more_wide, more_high = max(0, width - box.width_emu), max(0, height - box.height_emu)
    above = {"t": 0, "b": more_high}.get(anchor, more_high // 2)
    return Box(
        left_emu=box.left_emu - more_wide,
        top_emu=box.top_emu - above,
        width_emu=box.width_emu + 2 * more_wide,
        height_emu=box.height_emu + more_high,
    )
