"""The text of one shape, line by line: paragraphs, table rows, charts and SmartArt."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.deck import charts, smartart, tree
from pipeline.deck.ooxml import Element, qualified
from pipeline.deck.package.parts import Part

_PARAGRAPHS = qualified("p:txBody/a:p")
_CELL_PARAGRAPHS = qualified("a:txBody/a:p")
_ROWS, _CELL = qualified("a:graphic/a:graphicData/a:tbl/a:tr"), qualified("a:tc")
_TEXT, _BREAK, _FORMULA_TEXT = qualified("a:t"), qualified("a:br"), qualified("m:t")
_RUN, _FIELD = qualified("a:r"), qualified("a:fld")
_GRAPHIC = qualified("a:graphic/a:graphicData")

_CELL_SEPARATOR = " | "


def lines_of(element: Element, part: Part) -> Iterator[str]:
    """The lines of a shape that hold text, whitespace tidied; `part` is the slide's, which charts are related to.

    A table row reads "a | b | c". Raises DeckError, without the deck's path, where a chart's or diagram's part is
    malformed.
    """
    if element.tag != tree.GRAPHIC_FRAME:
        return _tidied(paragraph_text(paragraph) for paragraph in element.iterfind(_PARAGRAPHS))
    graphic = element.find(_GRAPHIC)
    kind = "" if graphic is None else graphic.get("uri", "")
    if kind in (charts.CHART_URI, charts.EXTENDED_CHART_URI):
        return _tidied(charts.chart_lines(graphic, part))
    if kind == smartart.DIAGRAM_URI:
        return _tidied(map(paragraph_text, smartart.diagram_paragraphs(graphic, part)))
    return _tidied(_table_rows(element))


def paragraph_text(paragraph: Element) -> str:
    """The text of an `a:p`, its line breaks as newlines, formulas as their characters in a row."""
    pieces = ("\n" if node.tag == _BREAK else node.text or "" for node in paragraph.iter(_TEXT, _BREAK, _FORMULA_TEXT))
    return "".join(pieces)


def holds_only_fields(element: Element) -> bool:
    """True where a text box shows nothing but a slide number or a date."""
    paragraphs = element.findall(_PARAGRAPHS)
    fields = [paragraph for paragraph in paragraphs if paragraph.find(_FIELD) is not None]
    return bool(fields) and all(paragraph.find(_RUN) is None for paragraph in paragraphs)


def _table_rows(frame: Element) -> Iterator[str]:
    for row in frame.iterfind(_ROWS):
        cells = (
            " ".join(_tidied(map(paragraph_text, cell.iterfind(_CELL_PARAGRAPHS)))) for cell in row.iterfind(_CELL)
        )
        yield _CELL_SEPARATOR.join(cell for cell in cells if cell)


def _tidied(lines: Iterator[str]) -> Iterator[str]:
    words = (" ".join(line.split()) for line in lines)
    return (line for line in words if line)
