"""The room a text has in its shape (`a:bodyPr`): insets, anchor, columns, direction and autofit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.deck.ooxml import Element, qualified

_PROPERTIES = qualified("a:bodyPr")
_SHRINKS = qualified("a:normAutofit")
_FITTINGS = frozenset((_SHRINKS, qualified("a:spAutoFit"), qualified("a:noAutofit")))
_WARP = qualified("a:prstTxWarp")
_NOT_WARPED = "textNoShape"

_DEFAULT_INSETS = {"lIns": 91_440, "tIns": 45_720, "rIns": 91_440, "bIns": 45_720}
"""A tenth of an inch at the sides, half of it above and below (ECMA-376 part 1, 21.1.2.1.1)."""

_TURNS_DEG = {"vert": 90.0, "eaVert": 90.0, "mongolianVert": 90.0, "vert270": 270.0}
_STACKED = frozenset({"wordArtVert", "wordArtVertRtl"})
_UNITS_PER_DEGREE = 60_000
_PERCENT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBody:
    """`insets_emu` are left, top, right and bottom. `turn_deg` is how the text is turned in its shape, clockwise.

    `shrinks` where letters are made smaller until they fit, by `font_share` when the file was saved; `is_shaped` for
    word art and stacked letters, which fill their box, `is_stacked` for the latter.
    """

    insets_emu: tuple[int, int, int, int]
    anchor: str
    is_centred: bool
    wraps: bool
    turn_deg: float
    is_upright: bool
    columns: int
    column_gap_emu: int
    shrinks: bool
    font_share: float
    spacing_cut: float
    is_shaped: bool
    is_stacked: bool


def read_text_body(body: Element, inherited: Sequence[Element]) -> TextBody:
    """What the `a:bodyPr` of a `p:txBody` says, and of the placeholders it inherits from, nearest first."""
    properties = [*body.iterchildren(_PROPERTIES), *inherited]
    stated: dict[str, str] = {}
    for one in reversed(properties):
        stated |= {name: value for name, value in one.attrib.items() if isinstance(name, str)}
    fitting = next((child for one in properties for child in one if child.tag in _FITTINGS), None)
    shrink = fitting if fitting is not None and fitting.tag == _SHRINKS else None
    warp = next((found for one in properties if (found := one.find(_WARP)) is not None), None)
    vertical = stated.get("vert", "horz")
    return TextBody(
        insets_emu=(
            _length(stated, "lIns"), _length(stated, "tIns"), _length(stated, "rIns"), _length(stated, "bIns"),
        ),
        anchor=stated.get("anchor", "t"),
        is_centred=stated.get("anchorCtr") in ("1", "true", "on"),
        wraps=stated.get("wrap", "square") != "none",
        turn_deg=_TURNS_DEG.get(vertical, 0.0) + _whole(stated.get("rot"), 0) / _UNITS_PER_DEGREE,
        is_upright=stated.get("upright") in ("1", "true", "on"),
        columns=max(1, _whole(stated.get("numCol"), 1)),
        column_gap_emu=max(0, _whole(stated.get("spcCol"), 0)),
        shrinks=shrink is not None,
        font_share=_percentage(shrink, "fontScale", _PERCENT),
        spacing_cut=_percentage(shrink, "lnSpcReduction", 0),
        is_stacked=vertical in _STACKED,
        is_shaped=vertical in _STACKED or (warp is not None and warp.get("prst") != _NOT_WARPED),
    )  # fmt: skip


def _length(stated: dict[str, str], name: str) -> int:
    return _whole(stated.get(name), _DEFAULT_INSETS[name])


def _whole(text: str | None, default: int) -> int:
    try:
        return default if text is None else int(text)
    except ValueError:
        return default


def _percentage(element: Element | None, name: str, default: int) -> float:
    text = None if element is None else element.get(name)
    if text is not None and text.endswith("%"):
        text = text[:-1].partition(".")[0] + "000"
    return _whole(text, default) / _PERCENT
