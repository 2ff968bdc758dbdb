"""The XML of our pictures on a slide: put in, put in another shape's place, renewed, taken out. Touches only bytes.

Schema: `CT_Picture` (ECMA-376 part 1, 19.3.1.37). What a picture stands for goes along inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.deck.ooxml import NAMESPACES, Element, qualified
from pipeline.deck.package.keepsakes import Keepsake
from pipeline.deck.package.narrowed_frames import narrow, restore
from pipeline.deck.package.nodes import Node, SpliceError
from pipeline.deck.package.places import moved, own_place, place
from pipeline.deck.package.splicing import Document, Edit, cut, quoted, replace, with_scope
from pipeline.records import Box, Narrowing

_OURS = {prefix: NAMESPACES[prefix] for prefix in ("a", "p", "r")}
_KEEPSAKE = Keepsake(uri="{5E8C7D1B-0B6E-4C5A-9D0F-6F1B7A2C9E34}", name="replaced", most_bytes=16 * 1024**2)

_COMMON, _TREE = qualified("p:cSld"), qualified("p:spTree")
_TREE_PROPERTIES, _TREE_EXTENSIONS = qualified("p:grpSpPr"), qualified("p:extLst")
_SHAPE, _PICTURE = qualified("p:sp"), qualified("p:pic")
_SHAPE_HEAD, _PICTURE_HEAD = qualified("p:nvSpPr"), qualified("p:nvPicPr")
_NON_VISUAL, _APPLICATION, _PLACEHOLDER = qualified("p:cNvPr"), qualified("p:nvPr"), qualified("p:ph")
_TEXT = qualified("a:t")
_PROPERTIES = qualified("p:spPr")
_FILL, _BLIP, _CROP, _EMBED = qualified("p:blipFill"), qualified("a:blip"), qualified("a:srcRect"), qualified("r:embed")

_LARGEST_ID = 2**31 - 1
"""PowerPoint repairs decks with larger ones, though `ST_DrawingElementId` allows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a picture is called, how it is described, and by which relationship the slide holds its image."""

    name: str
    alt_text: str
    relationship_id: str


def find_placeholder(document: Document, shape_id: int) -> Node | None:
    """The placeholder with an id. Ids are not unique in real decks: of several the first that says nothing."""
    placeholders = (shape for shape in _shapes(document, shape_id) if _placeholder(shape) is not None)
    return min(placeholders, key=_says_something, default=None)


def find_stand_in(document: Document, shape_id: int) -> Node | None:
    """The shape with an id; of several the first that says something."""
    return max(_shapes(document, shape_id), key=_says_something, default=None)


def find_picture(document: Document, shape_id: int, name: str) -> Node | None:
    """The picture with an id and a name, wherever it stands: a person may have put it into a group."""
    for node in document.root.walk():
        if node.tag == _PICTURE:
            head = node.find(_PICTURE_HEAD, _NON_VISUAL)
            if head and head.attributes.get("id") == str(shape_id) and head.attributes.get("name") == name:
                return node
    return None


def add(
    document: Document, label: Label, box: Box, frame: str, *, behind: bool, narrowed: Iterable[Narrowing] = ()
) -> tuple[bytes, int]:
    """The slide with a picture before or, a cover, behind its other shapes; and the picture's id.

    `frame` is what stands in `p:spPr` after the place: geometry, line, effects. The frames in `narrowed` make room.
    """
    tree = document.root.find(_COMMON, _TREE)
    if tree is None:
        raise SpliceError("it has no shape tree")
    shape_id = _free_id(document)
    edits, kept = narrow(document, narrowed)
    picture = _picture(shape_id, label, f"<p:spPr>{place(box)}{frame}</p:spPr>".encode(), kept=kept)
    edits.append(_at_back(document, tree, picture) if behind else _at_front(document, tree, picture))
    return document.spliced(edits), shape_id


def fill(document: Document, placeholder: Node, label: Label) -> tuple[bytes, int]:
    """The slide with a picture in a placeholder's place: as PowerPoint fills one, it goes on following its layout."""
    mark, properties = _placeholder(placeholder), placeholder.find(_PROPERTIES)
    own = b"<p:spPr/>" if properties is None else _enclosed(document, properties)
    inside = b"" if mark is None else _enclosed(document, mark)
    shape_id = _id_of(placeholder)
    picture = _picture(shape_id, label, own, kept=_keepsake(document, placeholder), placeholder=inside)
    return document.spliced([replace(placeholder, picture)]), shape_id


def stand_for(document: Document, stand_in: Node, label: Label, box: Box, frame: str) -> tuple[bytes, int]:
    """The slide with a picture in the place and the order of the shape it stands for."""
    # Inside a group other coordinates count.
    is_in_group = stand_in.parent is not None and stand_in.parent.tag != _TREE
    stated = own_place(stand_in) if is_in_group else ""
    properties = f"<p:spPr>{stated or place(box)}{frame}</p:spPr>".encode()
    shape_id = _id_of(stand_in)
    picture = _picture(shape_id, label, properties, kept=_keepsake(document, stand_in))
    return document.spliced([replace(stand_in, picture)]), shape_id


def keeps_what_it_replaced(picture: Element) -> bool:
    """True where a picture of ours, as it was parsed, took the place of another shape."""
    return _KEEPSAKE.is_in(picture)


def renew(document: Document, picture: Node, label: Label, box: Box | None) -> bytes:
    """The slide with another image in a picture of ours.

    A crop a person gave it goes: the new image is cut for the frame, and would be stretched.
    """
    edits = [document.retagged(_required(picture, _PICTURE_HEAD, _NON_VISUAL), _naming(label))]
    blip = _required(picture, _FILL, _BLIP)
    edits.append(_reembedded(document, blip, label.relationship_id))
    crop = picture.find(_FILL, _CROP)
    if crop is not None:
        edits.append(cut(crop))
    if box is not None:
        edits += moved(document, _required(picture, _PROPERTIES), box)
    return document.spliced(edits)


def remove(document: Document, picture: Node) -> bytes:
    """The slide without a picture of ours, and with what stood in its place or made room for it before, to the byte."""
    restored = document.spliced([replace(picture, _replaced_by(picture, document)), *restore(document, picture)])
    try:
        Document(restored)
    except SpliceError:  # what was kept does not fit any more; nothing is better than a slide that does not open
        return document.spliced([cut(picture)])
    return restored


def embedded(picture: Node) -> str:
    """The id of the relationship a picture shows, "" where it has none."""
    blip = picture.find(_FILL, _BLIP)
    return "" if blip is None else blip.attributes.get(_EMBED, "")


def alt_text_of(picture: Node) -> str:
    return _required(picture, _PICTURE_HEAD, _NON_VISUAL).attributes.get("descr", "")


def uses(document: Document, relationship_id: str) -> bool:
    """True where an attribute of a part refers to a relationship."""
    inside = f"{{{NAMESPACES['r']}}}"
    return any(
        value == relationship_id and name.startswith(inside)
        for node in document.root.walk()
        for name, value in node.attributes.items()
    )


def _free_id(document: Document) -> int:
    """One more than the largest shape id anywhere on the slide; where that is too large, the smallest that is free."""
    stated = (node.attributes.get("id", "") for node in document.root.walk() if node.tag.endswith("}cNvPr"))
    taken = {int(number) for number in stated if number.isdecimal()}
    largest = max(taken, default=1)
    if largest < _LARGEST_ID:
        return largest + 1
    return next(number for number in range(2, _LARGEST_ID) if number not in taken)


def _shapes(document: Document, shape_id: int) -> Iterator[Node]:
    for node in document.root.walk():
        if node.tag == _SHAPE:
            head = node.find(_SHAPE_HEAD, _NON_VISUAL)
            if head is not None and head.attributes.get("id") == str(shape_id):
                yield node


def _placeholder(shape: Node) -> Node | None:
    return shape.find(_SHAPE_HEAD, _APPLICATION, _PLACEHOLDER)


def _says_something(shape: Node) -> bool:
    return any(node.tag == _TEXT for node in shape.walk())


def _id_of(shape: Node) -> int:
    return int(_required(shape, _SHAPE_HEAD, _NON_VISUAL).attributes["id"])


def _required(node: Node, *path: str) -> Node:
    found = node.find(*path)
    if found is None:
        raise SpliceError(f"a shape has no {path[-1].rpartition('}')[2]}")
    return found


def _picture(shape_id: int, label: Label, properties: bytes, *, kept: bytes = b"", placeholder: bytes = b"") -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _OURS.items())
    naming = " ".join(f"{name}={quoted(value)}" for name, value in _naming(label).items())
    locks = ' noGrp="1"' if placeholder else ""
    head = f'<p:pic {declared}><p:nvPicPr><p:cNvPr id="{shape_id}" {naming}>'.encode()
    locked = f'</p:cNvPr><p:cNvPicPr><a:picLocks{locks} noChangeAspect="1"/></p:cNvPicPr><p:nvPr>'.encode()
    image = f"<a:blip r:embed={quoted(label.relationship_id)}/><a:stretch><a:fillRect/></a:stretch>".encode()
    end = b"</p:nvPr></p:nvPicPr><p:blipFill>" + image + b"</p:blipFill>" + properties + b"</p:pic>"
    return head + kept + locked + placeholder + end


def _naming(label: Label) -> Mapping[str, str]:
    return {"name": label.name, "descr": label.alt_text}


def _at_front(document: Document, tree: Node, picture: bytes) -> Edit:
    extensions = tree.find(_TREE_EXTENSIONS)
    return document.appended(tree, picture) if extensions is None else (extensions.start, extensions.start, picture)


def _at_back(document: Document, tree: Node, picture: bytes) -> Edit:
    properties = tree.find(_TREE_PROPERTIES)
    return document.prepended(tree, picture) if properties is None else (properties.end, properties.end, picture)


def _enclosed(document: Document, node: Node) -> bytes:
    """An element of the slide as it may stand inside our picture, which declares prefixes of its own."""
    return with_scope(document.source(node), node.scope, {**node.scope, **_OURS})


def _keepsake(document: Document, shape: Node) -> bytes:
    """The extension that holds a shape's own bytes, and the prefixes they rely on."""
    parent = shape.parent.scope if shape.parent else {}
    return _KEEPSAKE.written({"xml": document.source(shape).decode(), "scope": dict(parent)})


def _replaced_by(picture: Node, document: Document) -> bytes:
    """What the picture stands for; nothing where it stands for nothing, or another program dropped what it was."""
    content = _KEEPSAKE.read(picture, document)
    try:
        xml, scope = content["xml"].encode(), {str(prefix): str(uri) for prefix, uri in content["scope"].items()}
    except (KeyError, AttributeError, TypeError):
        return b""
    return with_scope(xml, scope, picture.parent.scope if picture.parent else {})


def _reembedded(document: Document, blip: Node, relationship_id: str) -> Edit:
    """The prefix of the relationships' namespace is the document's own."""
    prefixes = [prefix for prefix, uri in blip.scope.items() if uri == NAMESPACES["r"]]
    tag = document.start_tag(blip)
    names = [f"{prefix}:embed" for prefix in prefixes if re.search(rf"\s{prefix}:embed\s*=".encode(), tag)]
    if not names:
        raise SpliceError("a picture of ours holds no image any more")
    return document.retagged(blip, {names[0]: relationship_id})
