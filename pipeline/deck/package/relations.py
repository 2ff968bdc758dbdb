"""What binds the parts together, read and edited byte for byte: `.rels` and `[Content_Types].xml` (ECMA-376 part 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from lxml import etree

from pipeline.deck.package.nodes import Node
from pipeline.deck.package.parts import absolute_name
from pipeline.deck.package.splicing import Document, cut, numbered, quoted, replace, tag_name


def source_of(name: str) -> str:
    """The part whose relationships a part of this name holds: "/a/_rels/b.xml.rels" belongs to "/a/b.xml"."""
    folder, _, own_name = name.rpartition("/_rels/")
    return f"{folder}/{own_name.removesuffix('.rels')}"


def targets(data: bytes, source: str) -> Iterator[tuple[str, str]]:
    """Of each relationship of `source` in a `.rels` part that leads to a part, its id and that part's name.

    Raises XMLSyntaxError where it is malformed.
    """
    for one in etree.fromstring(data).iterchildren("{*}Relationship"):
        if one.get("TargetMode") != "External":
            yield one.get("Id", ""), absolute_name(source, one.get("Target", ""))


def with_relationship(data: bytes, reltype: str, target: str) -> tuple[bytes, str]:
    """A `.rels` part with one relationship more, the last; and its id."""
    document = Document(data)
    taken = [child.attributes.get("Id", "") for child in document.root.children]
    new_id = numbered(taken, "rId")
    attributes = f"Id={quoted(new_id)} Type={quoted(reltype)} Target={quoted(target)}"
    return _with_children(document, "Relationship", [attributes]), new_id


def without_relationships(data: bytes, unwanted: Callable[[str, str], bool]) -> bytes:
    """A `.rels` part without the relationships of which `unwanted`, given id and type, is true."""
    document = Document(data)
    return _without(document, lambda one: unwanted(one.attributes.get("Id", ""), one.attributes.get("Type", "")))


def with_overrides(data: bytes, content_types: Mapping[str, str]) -> bytes:
    """`[Content_Types].xml` with an `Override` more for each part that `content_types` names, the last."""
    attributes = (f"PartName={quoted(name)} ContentType={quoted(kind)}" for name, kind in content_types.items())
    return _with_children(Document(data), "Override", attributes)


def without_overrides(data: bytes, is_gone: Callable[[str], bool]) -> bytes:
    """`[Content_Types].xml` without the `Override` of any part of whose name `is_gone` is true."""
    document = Document(data)
    return _without(document, lambda one: "PartName" in one.attributes and is_gone(one.attributes["PartName"]))


def _with_children(document: Document, name: str, attributes: Iterable[str]) -> bytes:
    """The root's own prefix serves the children as well."""
    prefix, colon, _ = tag_name(document.start_tag(document.root)).rpartition(b":")
    children = b"".join(b"<" + prefix + colon + f"{name} {each}/>".encode() for each in attributes)
    return document.spliced([document.appended(document.root, children)])


def _without(document: Document, is_unwanted: Callable[[Node], bool]) -> bytes:
    """An element that was written without an end tag and got a child is written so again when it loses its last."""
    root = document.root
    going = [child for child in root.children if is_unwanted(child)]
    if going and going == root.children and document.text[root.open_end : going[0].start] == b"":
        inside = sum(child.end - child.start for child in going)
        if root.close_start - root.open_end == inside:
            return document.spliced([replace(root, document.start_tag(root)[:-1] + b"/>")])
    return document.spliced(map(cut, going))
