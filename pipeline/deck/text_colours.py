"""In which colours a shape's text is written: run, list styles from the shape to the master, the shape's own style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.deck.colours import COLOUR_TAGS, SOLID_FILL, Palette, fill_of
from pipeline.deck.ink.text_styles import LEVELS, level_of
from pipeline.deck.ooxml import Element, integer, qualified

_BODY, _PARAGRAPH, _LIST_STYLE = qualified("p:txBody"), qualified("a:p"), qualified("a:lstStyle")
_RUNS = (qualified("a:r"), qualified("a:fld"))
_TEXT, _RUN_PROPERTIES, _LINK = qualified("a:t"), qualified("a:rPr"), qualified("a:hlinkClick")
_PARAGRAPH_PROPERTIES = qualified("a:pPr")
_LEVELS = [qualified(f"a:lvl{level}pPr/a:defRPr") for level in range(1, LEVELS + 1)]
_FONT = qualified("p:style/a:fontRef")
_ALPHA = qualified("a:alpha")
_OPAQUE = 100_000


def text_colours(
    element: Element, inherited: Sequence[Element], style: Element | None, palette: Palette
) -> tuple[str, ...]:
    """The colours of a `p:sp`'s letters, each once; () where any letter's fill is not one opaque colour.

    `inherited` are the placeholders of layout and master it takes after, nearest first; `style` is the master's text
    style for its kind. A run's own fill counts first, then the list styles (ECMA-376 part 1, 21.1.2.4.12), then the
    font reference of the shape's style (20.1.4.1.17), which comes before the master's text style, then the theme's
    text colour. Links have the theme's.
    """
    body = element.find(_BODY)
    if body is None:
        return ()
    bodies = (body, *(found for one in inherited if (found := one.find(_BODY)) is not None))
    styles = [found for one in bodies if (found := one.find(_LIST_STYLE)) is not None]
    fallback = _reference_colour(element, palette)
    if fallback is None and style is not None:
        styles.append(style)
    plain = fallback or palette.named("tx1")
    of_level: dict[int, str | None] = {}
    colours: dict[str, None] = {}
    for own, level in _written(body):
        if level not in of_level:
            fills = (fill_of(one.find(_LEVELS[level])) for one in styles)
            fill = next((found for found in fills if found is not None), None)
            of_level[level] = plain if fill is None else _plain_colour(fill, palette)
        colour = _stated_colour(own, palette, of_level[level])
        if colour is None:
            return ()
        colours[colour] = None
    return tuple(colours)


def _written(body: Element) -> Iterator[tuple[Element | None, int]]:
    """For each run that shows letters what it states of itself, and its paragraph's level from 0 to 8."""
    for paragraph in body.iterfind(_PARAGRAPH):
        level = level_of(paragraph.find(_PARAGRAPH_PROPERTIES))
        for run in paragraph.iterchildren(*_RUNS):
            if (run.findtext(_TEXT) or "").strip():
                yield run.find(_RUN_PROPERTIES), level


def _stated_colour(run: Element | None, palette: Palette, unstated: str | None) -> str | None:
    if run is not None and run.find(_LINK) is not None:
        return palette.named("hlink")
    fill = fill_of(run)
    return unstated if fill is None else _plain_colour(fill, palette)


def _plain_colour(fill: Element, palette: Palette) -> str | None:
    if fill.tag != SOLID_FILL:
        return None
    is_opaque = all(
        (integer(alpha, "val") or 0) >= _OPAQUE
        for colour in fill.iterchildren(*COLOUR_TAGS)
        for alpha in colour.iterchildren(_ALPHA)
    )
    return palette.first(fill) if is_opaque else None


def _reference_colour(element: Element, palette: Palette) -> str | None:
    reference = element.find(_FONT)
    return None if reference is None else palette.first(reference)
