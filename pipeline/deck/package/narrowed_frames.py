"""The XML of frames made narrower to make room for a picture, and of the way back. Touches only bytes.

What the frames were goes along inside the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.deck.ooxml import qualified
from pipeline.deck.package.keepsakes import Keepsake
from pipeline.deck.package.nodes import Node, SpliceError
from pipeline.deck.package.places import moved
from pipeline.deck.package.splicing import Document, Edit, replace
from pipeline.records import Box, Narrowing

_KEEPSAKE = Keepsake(uri="{9B1E4C62-7A35-4D0B-8E57-2C6F0D93B8A1}", name="narrowed", most_bytes=1024**2)

_SHAPE, _HEAD = qualified("p:sp"), (qualified("p:nvSpPr"), qualified("p:cNvPr"))
_PROPERTIES = qualified("p:spPr")


def narrow(document: Document, narrowings: Iterable[Narrowing]) -> tuple[list[Edit], bytes]:
    """The edits that give frames their new place, and the extension that tells how to undo them, b"" for none.

    Raises SpliceError where the slide has not exactly one shape of an id.
    """
    edits, kept = [], []
    for narrowing in narrowings:
        properties = _properties_of(document, narrowing.shape_id)
        before = document.source(properties)
        after = _placed(before, document, properties, narrowing.box)
        edits.append(replace(properties, after))
        kept.append({"id": narrowing.shape_id, "before": before.decode(), "after": after.decode()})
    return edits, _KEEPSAKE.written(kept) if kept else b""


def restore(document: Document, picture: Node) -> list[Edit]:
    """The edits that give the frames their old place which `picture`, one of ours, had made narrower.

    A frame that was changed since then is somebody's own choice by now, and stays.
    """
    edits = []
    for shape_id, before, after in _kept_by(picture, document):
        try:
            properties = _properties_of(document, shape_id)
        except SpliceError:  # the shape was deleted or copied since then
            continue
        if document.source(properties) == after:
            edits.append(replace(properties, before))
    return edits


def _properties_of(document: Document, shape_id: int) -> Node:
    found = [
        shape
        for shape in document.root.walk()
        if shape.tag == _SHAPE
        and (head := shape.find(*_HEAD)) is not None
        and head.attributes.get("id") == str(shape_id)
    ]
    properties = found[0].find(_PROPERTIES) if len(found) == 1 else None
    if properties is None:
        raise SpliceError(f"it has not exactly one shape with the id {shape_id}")
    return properties


def _placed(source: bytes, document: Document, properties: Node, box: Box) -> bytes:
    """The `source` of a `p:spPr` with the shape's place replaced."""
    for start, end, replacement in sorted(moved(document, properties, box), reverse=True):
        source = source[: start - properties.start] + replacement + source[end - properties.start :]
    return source


def _kept_by(picture: Node, document: Document) -> Iterator[tuple[int, bytes, bytes]]:
    """Shape id, properties before and after; nothing where another program dropped or changed them."""
    try:
        entries = _KEEPSAKE.read(picture, document) or []
        yield from [(int(one["id"]), one["before"].encode(), one["after"].encode()) for one in entries]
    except (ValueError, KeyError, AttributeError, TypeError):
        return
