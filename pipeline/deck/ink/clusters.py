"""Cuts a paragraph into the pieces a line never breaks inside, and measures them. Pure but for the fonts it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import groupby

from pipeline.deck.ink.metrics import Face, face
from pipeline.deck.ink.text_styles import RunStyle, with_run
from pipeline.deck.ink.theme_fonts import IS_LATIN, LATIN, Script, ThemeFonts, script_of
from pipeline.deck.ooxml import Element, qualified

_FIELD, _LINK = qualified("a:fld"), qualified("a:hlinkClick")
_RUNS = frozenset((qualified("a:r"), _FIELD))
_BREAK, _END = qualified("a:br"), qualified("a:endParaRPr")
_RUN_PROPERTIES, _TEXT = qualified("a:rPr"), qualified("a:t")
_FORMULA_TEXT = qualified("m:t")
_TALL_FORMULA = tuple(map(qualified, ("m:f", "m:nary", "m:m", "m:eqArr", "m:limLow", "m:limUpp")))
_TALL_FORMULA_SHARE = 2.2

ASCENT_EM, DESCENT_EM = 0.96, 0.24
"""A line is 1.2 times as high as its letters' size, four fifths of it above the baseline, whatever the typeface: so
LibreOffice sets slides (measured, 7.4), and PowerPoint comes close to it."""

LINE_EM = ASCENT_EM + DESCENT_EM

_SCRIPT_GAP_EM = 0.25
"""LibreOffice and PowerPoint part East Asian from Latin letters by so much."""

_SMALL_CAPS = 0.8
_RAISED_SIZE = 0.66
"""Superscripts and subscripts are two thirds as large."""

_SPACES = " \u1680\u2000-\u2006\u2008-\u200b\u205f\u3000"
_DASHES = "\\-\u058a\u2010\u2012-\u2014"
_ANYWHERE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7af\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
"""Scripts written without spaces: a line may end after any letter (South East Asian words need a dictionary)."""

_CLOSERS = "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\u2019\u201d%)"
_PIECES = re.compile(
    f"[\t\n\v]|[{_SPACES}]+|[{_ANYWHERE}][{_CLOSERS}]*|[^\t\n\v{_SPACES}{_DASHES}{_ANYWHERE}]+[{_DASHES}]*|[{_DASHES}]+"
).findall
_ENDS_FREELY = re.compile(f"[{_DASHES}]").match
"""A line may end after a dash, and on both sides of a letter of `_ANYWHERE`."""
_BEGINS_FREELY = re.compile(f"[{_ANYWHERE}]").match


class Kind(Enum):
    """What a cluster is."""

    WORD = "word"
    TAB = "tab"
    BREAK = "break"


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A piece that stays on one line: its width, the space after it, and what it needs above and below the baseline.

    All in points. A tab and a break have no width.
    """

    kind: Kind = Kind.WORD
    width: float = 0.0
    space: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0


@lru_cache(maxsize=2048)
def face_for(fonts: ThemeFonts, style: RunStyle, script: Script) -> Face:
    """The face that sets letters of a script in a run."""
    stated = {"ea": style.east_asian, "cs": style.complex_script}.get(script.slot, "")
    typeface = (fonts.typeface(stated, script) if stated else "") or fonts.typeface(style.latin, LATIN)
    return face(typeface, is_bold=style.is_bold, is_italic=style.is_italic, sample=script.sample)


def line_extents(style: RunStyle) -> tuple[float, float]:
    """Ascent and descent in points of a line of letters of one run."""
    return ASCENT_EM * style.size_pt, DESCENT_EM * style.size_pt


def clusters(paragraph: Element, base: RunStyle, fonts: ThemeFonts) -> list[Cluster]:
    """The paragraph's pieces in logical order; empty for a paragraph without text."""
    found: list[Cluster] = []
    is_open = was_dense = False
    for text, style, growth in _runs(paragraph, base, fonts):
        ascent, descent = line_extents(style)
        ascent, descent = ascent * growth, descent * growth
        for piece in _PIECES(text):
            if piece in "\n\v\t":
                kind = Kind.TAB if piece == "\t" else Kind.BREAK
                found.append(Cluster(kind=kind, ascent=ascent, descent=descent))
                is_open = False
                continue
            width = measure(piece, style, fonts)
            if piece[0] in " \u3000" or not piece.strip():
                if found and found[-1].kind is Kind.WORD:
                    found[-1].space += width
                else:
                    found.append(Cluster(space=width, ascent=ascent, descent=descent))
                is_open = False
                continue
            is_dense = _BEGINS_FREELY(piece) is not None
            if is_open and is_dense != was_dense:
                found[-1].space += _SCRIPT_GAP_EM * style.size_pt
            if not is_open or is_dense or was_dense:
                found.append(Cluster())
            was_dense = is_dense
            last = found[-1]
            last.width += width
            last.ascent = max(last.ascent, ascent)
            last.descent = max(last.descent, descent)
            is_open = is_dense or not _ENDS_FREELY(piece[-1])
    return found


def first_style(paragraph: Element, base: RunStyle) -> RunStyle:
    """The letters a paragraph begins with, or would begin with were it not empty: they give it its height."""
    first = next((child for child in paragraph if child.tag in _RUNS), None)
    properties = paragraph.find(_END) if first is None else first.find(_RUN_PROPERTIES)
    return with_run(base, properties)


def measure(piece: str, style: RunStyle, fonts: ThemeFonts) -> float:
    """The width in points of a piece of one run."""
    size = style.size_pt
    if style.caps != "none":
        if style.caps == "small" and piece == piece.lower():
            size *= _SMALL_CAPS
        piece = piece.upper()
    if style.baseline:
        size *= _RAISED_SIZE
    spacing = len(piece) * style.spacing_pt if style.spacing_pt else 0.0
    if IS_LATIN(piece):
        width = face_for(fonts, style, LATIN).width_em(piece)
    else:
        parts = groupby(piece, script_of)
        width = sum(face_for(fonts, style, script).width_em("".join(letters)) for script, letters in parts)
    return width * size + spacing


def _runs(paragraph: Element, base: RunStyle, fonts: ThemeFonts) -> Iterator[tuple[str, RunStyle, float]]:
    """Text, letters and a factor on the height of each run; formulas are set as one, roughly."""
    for child in paragraph.iterchildren("{*}*"):
        if child.tag in _RUNS:
            text = child.findtext(_TEXT)
            if text:
                properties = child.find(_RUN_PROPERTIES)
                style = with_run(base, properties)
                is_linked = properties is not None and properties.find(_LINK) is not None
                yield text, style, _field_growth(style, fonts) if is_linked or child.tag == _FIELD else 1.0
        elif child.tag == _BREAK:
            yield "\v", with_run(base, child.find(_RUN_PROPERTIES)), 1.0
        else:
            formula = "".join(node.text or "" for node in child.iter(_FORMULA_TEXT))
            if formula:
                is_tall = next(child.iter(*_TALL_FORMULA), None) is not None
                yield formula, base, _TALL_FORMULA_SHARE if is_tall else 1.0


def _field_growth(style: RunStyle, fonts: ThemeFonts) -> float:
    """LibreOffice gives lines with links and fields the height their font states (measured, 7.4)."""
    return max(face_for(fonts, style, LATIN).line_em / LINE_EM, 1.0)
