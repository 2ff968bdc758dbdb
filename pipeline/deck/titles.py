"""Which words head a slide, and which head the deck."""

from __future__ import annotations

from collections.abc import Sequence

from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from pipeline.deck.ooxml import flag, integer, qualified, related_by, root_of
from pipeline.deck.package.parts import Package
from pipeline.deck.shapes import PlacedShape
from pipeline.records import FURNITURE, TITLES, ShapeKind

_RUN_PROPERTIES = (qualified("a:rPr"), qualified("a:defRPr"))
_DRAWING_PROPERTIES = qualified("p:nvSpPr/p:cNvSpPr")
_CORE_TITLE = "{http://purl.org/dc/elements/1.1/}title"

_UNSTATED_SIZE = 1800
"""The size of text that states none, in hundredths of a point: what PowerPoint's default text style says."""

_LONGEST_HEADLINE = 120
_HEADLINE_REGION = 1 / 3
_SHORTEST_TELLING_WORD = 4

_EMPTY_TITLES = frozenset({"slide 1", "no slide title", "untitled", "presentation", "title", "презентация", "title 1"})


def find_title(shapes: Sequence[PlacedShape], slide_height_emu: int) -> PlacedShape | None:
    """The shape that heads a slide: its title placeholder, else a text box that clearly serves as one.

    None where there is neither, and where the title placeholder holds a picture in place of words.
    """
    titles = [placed for placed in shapes if placed.shape.placeholder in TITLES and not placed.shape.is_empty]
    if titles:
        return next((placed for placed in titles if placed.shape.text), None)
    return _headline(shapes, slide_height_emu)


def core_title(package: Package, deck_text: str) -> str:
    """The title in the file's properties, "" where it is missing or the deck itself does not speak of it.

    Properties outlive the deck they were written for: in real talks this is the title of an older talk, the
    template's placeholder or a user name.
    """
    part = related_by(package, RT.CORE_PROPERTIES)
    if part is None:
        return ""
    title = " ".join((root_of(part).findtext(_CORE_TITLE) or "").split())
    words = [word for word in title.casefold().split() if len(word) >= _SHORTEST_TELLING_WORD]
    is_own = not _says_nothing(title) and all(word in deck_text.casefold() for word in words)
    return title if is_own else ""


def _says_nothing(title: str) -> bool:
    """PowerPoint writes "PowerPoint Presentation" in the user's language; so few words with its name are its own."""
    words = title.casefold()
    return words in _EMPTY_TITLES or ("powerpoint" in words and len(words.split()) <= 4)


def _headline(shapes: Sequence[PlacedShape], slide_height_emu: int) -> PlacedShape | None:
    """The topmost text, if it is a text box in the upper third, short, and no other text is set larger."""
    texts = [one for one in shapes if one.shape.kind is ShapeKind.TEXT and one.shape.text and _is_own(one)]
    placed = [(one.shape.box.top_emu, one) for one in texts if one.shape.box is not None]
    if not placed:
        return None
    top_emu, highest = min(placed, key=lambda entry: entry[0])
    size = _size(highest)
    is_headline = (
        _is_text_box(highest)
        and top_emu < slide_height_emu * _HEADLINE_REGION
        and len(highest.shape.text) <= _LONGEST_HEADLINE
        and size > _UNSTATED_SIZE
        and all(_size(one) <= size for one in texts)
    )
    return highest if is_headline else None


def _is_own(placed: PlacedShape) -> bool:
    return placed.shape.placeholder not in FURNITURE


def _is_text_box(placed: PlacedShape) -> bool:
    """Placeholders and text boxes head slides; a labelled rectangle is part of a drawing."""
    return bool(placed.shape.placeholder) or flag(placed.element.find(_DRAWING_PROPERTIES), "txBox", default=False)


def _size(placed: PlacedShape) -> int:
    stated = (integer(properties, "sz") for properties in placed.element.iter(*_RUN_PROPERTIES))
    return max((size for size in stated if size is not None), default=_UNSTATED_SIZE)
