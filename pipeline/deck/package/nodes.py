"""Where the elements of an XML part begin and end, byte for byte, as expat tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

START_TAG = re.compile(rb"""<[^\s"'/>]+(?:[^"'>]|"[^"]*"|'[^']*')*>""")


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


def read_nodes(text: bytes) -> Node:
    """The root element of an XML part in UTF-8. Raises SpliceError where it is malformed."""
    return _Reading(text).root()


class _Reading:
    """One pass of expat over a part. `CurrentByteIndex` is where an event's own markup begins."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._parser = expat.ParserCreate("utf-8", "}")
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        self._roots: list[Node] = []
        self._open: list[Node] = []
        self._declared: dict[str, str] = {}

    def root(self) -> Node:
        try:
            self._parser.Parse(self._text, True)  # noqa: FBT003 -- pyexpat takes it by position only
        except expat.ExpatError as error:
            raise SpliceError(f"it is malformed ({error})") from error
        return self._roots[0]

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared[prefix or ""] = uri or ""

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else None
        tag = START_TAG.match(self._text, self._parser.CurrentByteIndex)
        if tag is None:
            raise SpliceError("an element comes from an entity")
        scope: Mapping[str, str] = parent.scope if parent else {}
        node = Node(
            tag=_clark(name),
            attributes=_named(attributes),
            scope={**scope, **self._declared} if self._declared else scope,
            parent=parent,
            start=tag.start(),
            open_end=tag.end(),
        )
        self._declared.clear()
        (parent.children if parent else self._roots).append(node)
        self._open.append(node)

    def _finish(self, _: str) -> None:
        node = self._open.pop()
        if self._text.endswith(b"/>", node.start, node.open_end):
            node.close_start = node.end = node.open_end
        else:
            node.close_start = self._parser.CurrentByteIndex
            node.end = self._text.index(b">", node.close_start) + 1


def _named(attributes: dict[str, str]) -> dict[str, str]:
    """Most attributes have no namespace, and a slide has thousands."""
    if not any("}" in name for name in attributes):
        return attributes
    return {_clark(name): value for name, value in attributes.items()}


@lru_cache(maxsize=1024)
def _clark(name: str) -> str:
    return "{" + name if "}" in name else name
