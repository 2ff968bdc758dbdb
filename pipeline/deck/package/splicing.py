"""Edits of XML that leave every byte outside the edit as it was.

Parts are never serialised anew. What is not UTF-8 is edited as UTF-8 and turned back, where that gives the same bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from pipeline.deck.package.nodes import START_TAG, Node, SpliceError, read_nodes

Edit: TypeAlias = tuple[int, int, bytes]
"""From this byte to that one (exclusive), these bytes instead."""

_NAME = re.compile(rb"<([^\s/>]+)")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UNMARKED = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything but `Char` (https://www.w3.org/TR/xml/#NT-Char)."""


class Document:
    """An XML part to be edited. `text` is the part in UTF-8, to which all places refer.

    Raises SpliceError where the part is malformed or in an encoding that Python does not know or does not keep.
    """

    def __init__(self, data: bytes) -> None:
        self._codec = _codec_of(data)
        self.text = data if self._codec == "utf-8" else _as_utf8(data, self._codec)
        self.root = read_nodes(self.text)

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
    found = START_TAG.match(fragment)
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


def numbered(taken: Sequence[str], prefix: str) -> str:
    """`prefix` with a number that is higher than any it stands with in `taken`."""
    numbers = [int(name[len(prefix) :]) for name in taken if re.fullmatch(re.escape(prefix) + r"\d{1,9}", name)]
    return f"{prefix}{max(numbers, default=0) + 1}"
