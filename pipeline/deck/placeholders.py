"""Placeholders: which type one is, and the place it takes over from its layout and master."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.deck import tree
from pipeline.deck.geometry import Frame
from pipeline.deck.ooxml import Element, qualified
from pipeline.records import FURNITURE, TITLES

_TREE = qualified("p:cSld/p:spTree")

TEXTS = frozenset({"body", "obj", "subTitle"})
"""Placeholders for a slide's own words; `obj` takes other content too."""

RESERVED = frozenset({"chart", "tbl", "dgm", "media"})
"""Placeholders for what no picture stands for: even empty they are taken, and LibreOffice shows two of them."""

_MASTER_TYPES = {"ctrTitle": "title", **{kind: kind for kind in FURNITURE}, "title": "title"}
"""The master has five placeholders; all that are none of these inherit from its body (ECMA-376 part 1, 19.7.10)."""


def placeholder_type(element: Element) -> str:
    """The placeholder's type as the file spells it, "" for a shape that is none; an omitted type means `obj`."""
    mark = tree.placeholder(element)
    return "" if mark is None else mark.get("type", "obj")


def text_style(element: Element, master: Element) -> Element | None:
    """The master's text style for a shape: of titles, of the other placeholders, or of what is no placeholder."""
    kind = placeholder_type(element)
    name = "titleStyle" if kind in TITLES else "bodyStyle" if kind else "otherStyle"
    return master.find(qualified(f"p:txStyles/p:{name}"))


def frame_of(element: Element, layout: Element, master: Element) -> Frame | None:
    """A shape's own place, else the one a placeholder takes from its layout or its master; None where there is none."""
    frames = (tree.own_frame(one) for one in (element, *ancestors(element, layout, master)))
    return next((frame for frame in frames if frame is not None), None)


def ancestors(element: Element, layout: Element, master: Element) -> Sequence[Element]:
    """The placeholders of layout and master a slide's placeholder inherits from, nearest first."""
    mark = tree.placeholder(element)
    if mark is None:
        return ()
    kind, index = mark.get("type", "obj"), mark.get("idx", "0")
    on_layout = _counterpart(layout, kind, index)
    if on_layout is not None:
        kind = placeholder_type(on_layout)
    on_master = _of_type(master, _MASTER_TYPES.get(kind, "body"))
    return [ancestor for ancestor in (on_layout, on_master) if ancestor is not None]


def _counterpart(layout: Element, kind: str, index: str) -> Element | None:
    """By index, as PowerPoint matches them; titles, which there is one of, by type: their index may differ."""
    for element in _placeholders(layout):
        mark = tree.placeholder(element)
        own_kind = placeholder_type(element)
        if kind in TITLES and own_kind in TITLES:
            return element
        if mark is not None and mark.get("idx", "0") == index and (own_kind in TITLES) == (kind in TITLES):
            return element
    return _of_type(layout, kind)


def _of_type(root: Element, kind: str) -> Element | None:
    return next((element for element in _placeholders(root) if placeholder_type(element) == kind), None)


def _placeholders(root: Element) -> list[Element]:
    shapes = root.find(_TREE)
    if shapes is None:
        return []
    return [
        element
        for element in shapes.iterchildren(tree.SHAPE, tree.PICTURE, tree.GRAPHIC_FRAME)
        if tree.placeholder(element) is not None
    ]
