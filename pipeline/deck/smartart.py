"""The words of a SmartArt diagram: its nodes, parents before children, in the order they are drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pipeline.deck.ooxml import NAMESPACES, Element, integer, qualified, related, root_of
from pipeline.deck.package.parts import Part

DIAGRAM_URI = NAMESPACES["dgm"]

_RELATIONSHIPS, _DATA_ID = qualified("dgm:relIds"), qualified("r:dm")
_POINTS, _CONNECTIONS = qualified("dgm:ptLst/dgm:pt"), qualified("dgm:cxnLst/dgm:cxn")
_PARAGRAPHS = qualified("dgm:t/a:p")


def diagram_paragraphs(graphic: Element, part: Part) -> Iterator[Element]:
    """The `a:p` of every node. Raises DeckError, without the deck's path, where the data part is malformed."""
    relationships = graphic.find(_RELATIONSHIPS)
    data = related(part, None if relationships is None else relationships.get(_DATA_ID))
    if data is None:
        return
    root = root_of(data)
    points = {point.get("modelId"): point for point in root.iterfind(_POINTS)}
    for model_id in _in_order(root, points):
        yield from points[model_id].iterfind(_PARAGRAPHS)


def _in_order(root: Element, points: dict[str, Element]) -> Iterator[str]:
    """Depth first from the document's point: the points stand in the file in the order they were typed."""
    children: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for connection in root.iterfind(_CONNECTIONS):
        if connection.get("type", "parOf") == "parOf":
            place = integer(connection, "srcOrd") or 0
            children[connection.get("srcId")].append((place, connection.get("destId")))
    waiting = [model_id for model_id, point in points.items() if point.get("type") == "doc"]
    seen: set[str] = set()
    while waiting:
        model_id = waiting.pop()
        if model_id in points and model_id not in seen:
            seen.add(model_id)
            yield model_id
            waiting.extend(child for _, child in sorted(children[model_id], reverse=True))
