"""Builds the context texts on one layout are set in, once for each placeholder they may stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.deck import tree
from pipeline.deck.ink.text_styles import LEVELS, ParagraphStyle, TextContext, with_list_style
from pipeline.deck.ink.theme_fonts import ThemeFonts, read_theme_fonts
from pipeline.deck.ooxml import Element, qualified
from pipeline.deck.placeholders import ancestors, placeholder_type, text_style

_DEFAULTS = qualified("p:defaultTextStyle")
_BODY_PROPERTIES, _LIST_STYLE = qualified("p:txBody/a:bodyPr"), qualified("p:txBody/a:lstStyle")
_FONT_REFERENCE = qualified("p:style/a:fontRef")

_PLAIN = (ParagraphStyle(),) * LEVELS


class TextSettings:
    """What texts on one layout take over from it, its master, the theme and the presentation.

    `layout`, `master`, `theme` and `presentation` are root elements. Contexts are made once and kept.
    """

    def __init__(self, layout: Element, master: Element, theme: Element | None, presentation: Element) -> None:
        self._layout, self._master = layout, master
        self._fonts = read_theme_fonts(theme)
        self._defaults = presentation.find(_DEFAULTS)
        self._known: dict[tuple[str, ...], TextContext] = {}

    def context(self, element: Element) -> TextContext:
        """The context of the text in a shape, or in a table, which takes over nothing from a placeholder it fills."""
        mark = tree.placeholder(element) if element.tag == tree.SHAPE else None
        slot = _font_slot(element)
        key = (slot,) if mark is None else (slot, placeholder_type(element), mark.get("idx", "0"))
        if key not in self._known:
            inherited = () if mark is None else ancestors(element, self._layout, self._master)
            style = None if mark is None else text_style(element, self._master)
            self._known[key] = text_context(inherited, style, self._defaults, self._fonts, font_slot=slot)
        return self._known[key]


def text_context(
    inherited: Sequence[Element],
    style: Element | None,
    defaults: Element | None,
    fonts: ThemeFonts,
    *,
    font_slot: str = "",
) -> TextContext:
    """The styles a text starts from.

    `inherited` are placeholders, nearest first, `style` is the master's text style for their kind, `defaults` the
    presentation's `p:defaultTextStyle`, `font_slot` what the shape's style refers to: "major", "minor" or "".
    """
    levels = with_list_style(_PLAIN, defaults)
    if font_slot in ("major", "minor"):
        prefix = "+mj" if font_slot == "major" else "+mn"
        levels = tuple(
            replace(
                level,
                run=replace(level.run, latin=f"{prefix}-lt", east_asian=f"{prefix}-ea", complex_script=f"{prefix}-cs"),
            )
            for level in levels
        )
    for list_style in (style, *(one.find(_LIST_STYLE) for one in reversed(inherited))):
        levels = with_list_style(levels, list_style)
    bodies = [body for one in inherited if (body := one.find(_BODY_PROPERTIES)) is not None]
    return TextContext(levels=levels, bodies=bodies, fonts=fonts)


def _font_slot(element: Element) -> str:
    reference = element.find(_FONT_REFERENCE)
    return "" if reference is None else str(reference.get("idx", ""))
