"""The words of a chart: its title and its categories, of classic charts and of those since Office 2016."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.deck.ooxml import NAMESPACES, Element, qualified, related, root_of
from pipeline.deck.package.parts import Part

CHART_URI = NAMESPACES["c"]
EXTENDED_CHART_URI = NAMESPACES["cx"]

_REFERENCE_ID = qualified("r:id")
_PARAGRAPH, _TEXT = qualified("a:p"), qualified("a:t")

_TITLE = qualified("c:chart/c:title")
_TITLE_CELLS = qualified("c:tx/c:strRef/c:strCache/c:pt/c:v")
_SERIES, _SERIES_NAME = qualified("c:ser"), qualified("c:tx/c:strRef/c:strCache/c:pt/c:v")
_NAMED_CATEGORIES = qualified("c:cat/c:strRef/c:strCache/c:pt/c:v")
_NESTED_CATEGORIES = qualified("c:cat/c:multiLvlStrRef/c:multiLvlStrCache/c:lvl/c:pt/c:v")

_EXTENDED_TITLE = qualified("cx:chart/cx:title")
_EXTENDED_CATEGORIES = qualified("cx:chartData/cx:data/cx:strDim")
_LEVEL, _POINT = qualified("cx:lvl"), qualified("cx:pt")


def chart_lines(graphic: Element, part: Part) -> Iterator[str]:
    """Title, then one line of all categories. Raises DeckError, without the deck's path, for a malformed chart."""
    reference = next((child.get(_REFERENCE_ID) for child in graphic), None)
    chart_part = related(part, reference)
    if chart_part is None:
        return
    root = root_of(chart_part)
    if graphic.get("uri") == EXTENDED_CHART_URI:
        yield _rich_text(root.find(_EXTENDED_TITLE))
        yield _joined(_extended_categories(root))
    else:
        yield _title(root)
        yield _joined(_categories(root))


def _title(root: Element) -> str:
    """The title as typed or as linked to a cell; a chart of one series is headed by that series' name."""
    title = root.find(_TITLE)
    if title is None:
        return ""
    text = _rich_text(title) or " ".join(cell.text or "" for cell in title.iterfind(_TITLE_CELLS))
    if text:
        return text
    series = list(root.iter(_SERIES))
    return " ".join(name.text or "" for name in series[0].iterfind(_SERIES_NAME)) if len(series) == 1 else ""


def _categories(root: Element) -> list[str]:
    """The first series' categories; all series share them. Numbers and dates among them say nothing in words."""
    for series in root.iter(_SERIES):
        names = [*series.iterfind(_NAMED_CATEGORIES), *series.iterfind(_NESTED_CATEGORIES)]
        if names:
            return [name.text or "" for name in names]
    return []


def _extended_categories(root: Element) -> list[str]:
    for dimension in root.iterfind(_EXTENDED_CATEGORIES):
        if dimension.get("type") == "cat":
            return [point.text or "" for level in dimension.iterfind(_LEVEL) for point in level.iterfind(_POINT)]
    return []


def _rich_text(title: Element | None) -> str:
    if title is None:
        return ""
    paragraphs = title.iter(_PARAGRAPH)
    return " ".join("".join(text.text or "" for text in paragraph.iter(_TEXT)) for paragraph in paragraphs)


def _joined(names: Iterable[str]) -> str:
    """Each name once: a sunburst or treemap repeats a branch's name for every leaf."""
    return " | ".join(dict.fromkeys(name for name in names if name.strip()))
