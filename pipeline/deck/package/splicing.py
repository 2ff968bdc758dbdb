"""Edits of XML that leave every byte outside the edit as it was: expat tells where elements begin and end.

Parts are never serialised anew. What is not UTF-8 is edited as UTF-8 and turned back, where that gives the same bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

Edit: TypeAlias = tuple[int, int, bytes]
"""From this byte to that one (exclusive), these bytes instead."""

_START_TAG = re.compile(rb"""<[^\s"'/>]+(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_NAME = re.compile(rb"<([^\s/>]+)")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UNMARKED = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything but `Char` (https://www.w3.org/TR/xml/#NT-Char)."""


class SpliceError(ValueError):
    """The XML is malformed, or in an encoding in which it cannot be edited byte for byte."""


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """One element and its place: `start` to `end` is all of it, `open_end` to `close_start` what is inside its tags.

    An element without an end tag has `open_end`, `close_start` and `end` in one place. Names are in Clark notation.
    `scope` are the namespace prefixes in force.
    """

    tag: str
    attributes: Mapping[str, str]
    scope: Mapping[str, str]
    parent: Node | None
    start: int
    open_end: int
    close_start: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)

    def find(self, *path: str) -> Node | None:
        """The first element below this one at the end of a path of names."""
        found: Node | None = self
        for tag in path:
            found = next((child for child in found.children if child.tag == tag), None) if found else None
        return found

    def walk(self) -> Iterator[Node]:
        """The element and all below it in the order of their start tags."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


class Document:
    """An XML part to be edited. `text` is the part in UTF-8, to which all places refer.

    Raises SpliceError where the part is malformed or in an encoding that Python does not know or does not keep.
    """

    def __init__(self, data: bytes) -> None:
        self._codec = _codec_of(data)
        self.text = data if self._codec == "utf-8" else _as_utf8(data, self._codec)
        self.root = _parse(self.text)

    def source(self, node: Node) -> bytes:
        """An element as it stands there."""
        return self.text[node.start : node.end]

    def start_tag(self, node: Node) -> bytes:
        return self.text[node.start : node.open_end]

    def spliced(self, edits: Iterable[Edit]) -> bytes:
        """The part in its own encoding with `edits`, which do not overlap, made."""
        pieces, position = [], 0
        for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [self.text[position:start], replacement]
            position = end
        text = b"".join([*pieces, self.text[position:]])
        return text if self._codec == "utf-8" else text.decode().encode(self._codec, "xmlcharrefreplace")

    def appended(self, node: Node, fragment: bytes) -> Edit:
        """The edit that puts `fragment` behind all that is in `node`."""
        tag = self.start_tag(node)
        if not tag.endswith(b"/>"):
            return node.close_start, node.close_start, fragment
        return node.start, node.end, tag[:-2] + b">" + fragment + b"</" + tag_name(tag) + b">"

    def prepended(self, node: Node, fragment: bytes) -> Edit:
        """The edit that puts `fragment` before all that is in `node`."""
        return self.appended(node, fragment) if node.open_end == node.end else (node.open_end, node.open_end, fragment)

    def retagged(self, node: Node, changes: Mapping[str, str]) -> Edit:
        """The edit that sets unprefixed attributes of `node`."""
        return node.start, node.open_end, with_attributes(self.start_tag(node), changes)


def replace(node: Node, fragment: bytes) -> Edit:
    """The edit that puts `fragment` in the place of `node`."""
    return node.start, node.end, fragment


def cut(node: Node) -> Edit:
    """The edit that takes `node` out."""
    return node.start, node.end, b""


def tag_name(start_tag: bytes) -> bytes:
    """The name in a start tag, its prefix included."""
    found = _NAME.match(start_tag)
    if found is None:
        raise SpliceError("no start tag")
    return found[1]


def with_attributes(start_tag: bytes, changes: Mapping[str, str]) -> bytes:
    """A start tag with attributes, named as it spells them, set to other values or added."""
    for name, value in changes.items():
        stated = b" " + name.encode() + b"=" + quoted(value).encode()
        pattern = re.compile(rb"\s" + re.escape(name.encode()) + rb"""\s*=\s*(?:"[^"]*"|'[^']*')""")
        found = pattern.search(start_tag)
        end = len(start_tag) - (2 if start_tag.endswith(b"/>") else 1)
        start, stop = found.span() if found else (end, end)
        start_tag = start_tag[:start] + stated + start_tag[stop:]
    return start_tag


def with_scope(fragment: bytes, scope: Mapping[str, str], around: Mapping[str, str]) -> bytes:
    """An element taken from where the prefixes of `scope` are in force, fit for a place where those of `around` are."""
    found = _START_TAG.match(fragment)
    if found is None:
        raise SpliceError("no element")
    tag = found[0]
    names = {f"xmlns:{prefix}" if prefix else "xmlns": prefix for prefix in scope}
    changes = {
        name: scope[prefix]
        for name, prefix in names.items()
        if scope[prefix] != around.get(prefix, "")
        and not re.search(rb"\s" + name.encode() + rb"\s*=", tag)
        and (not prefix or prefix.encode() + b":" in fragment)
    }
    return with_attributes(tag, changes) + fragment[len(tag) :]


def quoted(value: str) -> str:
    """An attribute's value in its quotes; what XML cannot hold is left out, line breaks are kept."""
    return quoteattr(clean(value))


def clean(value: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", value)


def _codec_of(data: bytes) -> str:
    for mark, codec in _MARKS.items():
        if data.startswith(mark):
            return codec
    if data[:2] in _UNMARKED:
        return _UNMARKED[data[:2]]
    declared = _DECLARED.match(data[:200])
    try:
        return codecs.lookup(declared[1].decode() if declared else "utf-8").name
    except LookupError as error:
        raise SpliceError(f"it is in an unknown encoding ({error})") from error


def _as_utf8(data: bytes, codec: str) -> bytes:
    try:
        text = data.decode(codec)
        is_kept = text.encode(codec) == data
    except UnicodeError as error:
        raise SpliceError(f"it is not in its encoding ({error})") from error
    if not is_kept:
        raise SpliceError(f"its encoding ({codec}) has two spellings for one character")
    return text.encode()


def _parse(text: bytes) -> Node:
    """The tree of places. `CurrentByteIndex` is where an event's own markup begins."""
    parser = expat.ParserCreate("utf-8", "}")
    roots: list[Node] = []
    open_nodes: list[Node] = []
    declared: dict[str, str] = {}

    def declare(prefix: str | None, uri: str | None) -> None:
        declared[prefix or ""] = uri or ""

    def begin(name: str, attributes: dict[str, str]) -> None:
        parent = open_nodes[-1] if open_nodes else None
        tag = _START_TAG.match(text, parser.CurrentByteIndex)
        if tag is None:
            raise SpliceError("an element comes from an entity")
        scope: Mapping[str, str] = parent.scope if parent else {}
        node = Node(
            tag=_clark(name),
            attributes=_named(attributes),
            scope={**scope, **declared} if declared else scope,
            parent=parent,
            start=tag.start(),
            open_end=tag.end(),
        )
        declared.clear()
        (parent.children if parent else roots).append(node)
        open_nodes.append(node)

    def finish(_: str) -> None:
        node = open_nodes.pop()
        if text.endswith(b"/>", node.start, node.open_end):
            node.close_start = node.end = node.open_end
        else:
            node.close_start = parser.CurrentByteIndex
            node.end = text.index(b">", node.close_start) + 1

    parser.StartNamespaceDeclHandler, parser.StartElementHandler, parser.EndElementHandler = declare, begin, finish
    try:
        parser.Parse(text, True)  # noqa: FBT003 -- pyexpat takes it by position only
    except expat.ExpatError as error:
        raise SpliceError(f"it is malformed ({error})") from error
    return roots[0]


def _named(attributes: dict[str, str]) -> dict[str, str]:
    """Most attributes have no namespace, and a slide has thousands."""
    if not any("}" in name for name in attributes):
        return attributes
    return {_clark(name): value for name, value in attributes.items()}


@lru_cache(maxsize=1024)
def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def numbered(taken: Sequence[str], prefix: str) -> str:
    """`prefix` with a number that is higher than any it stands with in `taken`."""
    numbers = [int(name[len(prefix) :]) for name in taken if re.fullmatch(re.escape(prefix) + r"\d{1,9}", name)]
    return f"{prefix}{max(numbers, default=0) + 1}"
