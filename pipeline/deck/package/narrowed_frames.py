"""The XML of frames made narrower to make room for a picture, and of the way back. Touches only bytes.

What the frames were goes along inside the picture, in an extension (`a:ext`, ECMA-376 part 1, 20.1.2.2.14) that
programs which do not know it leave alone or drop.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Iterator

from pipeline.deck.ooxml import NAMESPACES, qualified
from pipeline.deck.package.splicing import Document, Edit, Node, SpliceError, replace
from pipeline.records import Box, Narrowing

_EXTENSION = "{9B1E4C62-7A35-4D0B-8E57-2C6F0D93B8A1}"
_NARROWED = "urn:deck-illustrator:narrowed"
_MOST_BYTES = 1024**2
"""What a frame's properties take is far less; a deck from a stranger may hold a bomb in what looks like ours."""

_SHAPE, _HEAD = qualified("p:sp"), (qualified("p:nvSpPr"), qualified("p:cNvPr"))
_PROPERTIES, _FRAME = qualified("p:spPr"), qualified("a:xfrm")
_OFFSET, _EXTENT = qualified("a:off"), qualified("a:ext")


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
    return edits, _keepsake(kept) if kept else b""


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
    """A `p:spPr` with its frame's place replaced, or put first, where the schema has it (20.1.2.2.35)."""
    frame = properties.find(_FRAME)
    offset, extent = properties.find(_FRAME, _OFFSET), properties.find(_FRAME, _EXTENT)
    if offset is not None and extent is not None:
        edits = [
            document.retagged(offset, {"x": str(box.left_emu), "y": str(box.top_emu)}),
            document.retagged(extent, {"cx": str(box.width_emu), "cy": str(box.height_emu)}),
        ]
    else:
        place = _place(box)
        edits = [document.prepended(properties, place) if frame is None else replace(frame, place)]
    for start, end, replacement in sorted(edits, reverse=True):
        source = source[: start - properties.start] + replacement + source[end - properties.start :]
    return source


def _place(box: Box) -> bytes:
    offset = f'<a:off x="{box.left_emu}" y="{box.top_emu}"/>'
    extent = f'<a:ext cx="{box.width_emu}" cy="{box.height_emu}"/>'
    return f'<a:xfrm xmlns:a="{NAMESPACES["a"]}">{offset}{extent}</a:xfrm>'.encode()


def _keepsake(kept: list[dict[str, object]]) -> bytes:
    packed = base64.b64encode(zlib.compress(json.dumps(kept).encode(), 9)).decode()
    inside = f'<di:narrowed xmlns:di="{_NARROWED}">{packed}</di:narrowed>'
    return f'<a:extLst><a:ext uri="{_EXTENSION}">{inside}</a:ext></a:extLst>'.encode()


def _kept_by(picture: Node, document: Document) -> Iterator[tuple[int, bytes, bytes]]:
    """Shape id, properties before and after; nothing where another program dropped or changed them."""
    kept = next((node for node in picture.walk() if node.tag == f"{{{_NARROWED}}}narrowed"), None)
    if kept is None:
        return
    packed = document.text[kept.open_end : kept.close_start]
    try:
        entries = json.loads(zlib.decompressobj().decompress(base64.b64decode(packed), _MOST_BYTES))
        yield from [(int(one["id"]), one["before"].encode(), one["after"].encode()) for one in entries]
    except (binascii.Error, zlib.error, ValueError, KeyError, AttributeError, TypeError):
        return
