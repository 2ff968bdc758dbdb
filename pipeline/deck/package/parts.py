"""The package and its parts, read when asked for. python-pptx loads every part and cannot keep one byte for byte.

Touches the open zip file, for reading only. Terms as in ECMA-376 part 2: a part has a name ("/ppt/slides/slide1.xml"),
a content type and relationships to other parts.
"""

from __future__ import annotations

import os
import posixpath
import stat
import weakref
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, BinaryIO
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element
from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TARGET_MODE as MODE
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.packuri import CONTENT_TYPES_URI, PACKAGE_URI, PackURI
from pptx.oxml import parse_xml

CONTENT_TYPES = CONTENT_TYPES_URI.membername

MAIN_TYPES = frozenset(
    {
        CT.PML_PRESENTATION_MAIN,
        CT.PML_PRES_MACRO_MAIN,
        CT.PML_TEMPLATE_MAIN,
        "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
        CT.PML_SLIDESHOW_MAIN,
        "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    }
)
"""Content types of the main part of .pptx, .pptm, .potx, .potm, .ppsx and .ppsm ([MS-OFFMACRO2] 2.2.1)."""

_KEPT = MAIN_TYPES | {CT.PML_SLIDE_LAYOUT, CT.PML_SLIDE_MASTER, CT.OFC_THEME}
_TREES_AT_HAND = 8
"""Slides, charts and notes are parsed again when so many others came between: two thousand trees fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One relationship of a part or of the package. `target` is as the file spells it."""

    id: str
    reltype: str
    target: str
    is_external: bool
    source: str
    package: Package = field(repr=False)

    @property
    def target_name(self) -> str:
        """The name of the part it leads to, whether there is one or not; "" for what is outside the file."""
        return "" if self.is_external else absolute_name(self.source, self.target)

    @property
    def target_part(self) -> Part | None:
        """The part it leads to; None where it dangles or leads out of the file."""
        return self.package.part(self.target_name)


class Part:
    """One part. Two calls for the same name give the same object."""

    def __init__(self, package: Package, partname: str) -> None:
        self.package = package
        self.partname = partname

    def __repr__(self) -> str:
        return f"Part({self.partname!r})"

    @property
    def content_type(self) -> str:
        """As `[Content_Types].xml` states it, "" where it does not."""
        return self.package.content_type_of(self.partname)

    @property
    def blob(self) -> bytes:
        """The bytes of the part, read from the file each time."""
        return self.package.read(self.partname)

    @cached_property
    def rels(self) -> Mapping[str, Relationship]:
        """Its relationships by id. Raises XMLSyntaxError where they are malformed."""
        return self.package.relationships_of(self.partname)

    @property
    def root(self) -> _Element:
        """The root element, for reading. Raises XMLSyntaxError where the part is malformed or no XML."""
        return self.package.tree_of(self)


class Package:
    """An open package. It holds its file open until it is closed or forgotten, so that the deck stays what was read.

    Raises what zipfile and lxml do where the file is no archive or its directory of content types is damaged.
    """

    partname = PACKAGE_URI

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.archive = zipfile.ZipFile(file)
        self._state = _state_of(file)
        self.lost_signature = False
        self.replaced: dict[str, bytes] = {}
        self.dropped: frozenset[str] = frozenset()
        self.close = weakref.finalize(self, file.close)
        self._entries = {_key(name): info for name, info in self.archive.NameToInfo.items() if not info.is_dir()}
        self._parts: dict[str, Part] = {}
        self._kept: dict[str, _Element] = {}
        self._recent: OrderedDict[str, _Element] = OrderedDict()
        self._overrides, self._defaults = self._content_types()

    @property
    def permissions(self) -> int:
        """The file's access rights, as `chmod` takes them."""
        return stat.S_IMODE(os.fstat(self.file.fileno()).st_mode)

    @property
    def is_written_to(self) -> bool:
        """True where another program wrote into the open file itself; a file put in its place is another file."""
        return _state_of(self.file) != self._state

    @cached_property
    def rels(self) -> Mapping[str, Relationship]:
        """The relationships of the package itself."""
        return self.relationships_of(PACKAGE_URI)

    @property
    def main_part(self) -> Part | None:
        """The presentation; None where the package does not say which part it is."""
        mains = (one for one in self.rels.values() if one.reltype == RT.OFFICE_DOCUMENT)
        return next((one.target_part for one in mains), None)

    def part(self, partname: str) -> Part | None:
        """The part of a name, found as OPC compares names: without regard to case and to percent-encoding."""
        entry = self._entries.get(_key(partname)) if partname else None
        if entry is None:
            return None
        return self._parts.setdefault(entry.filename, Part(self, f"/{entry.filename.lstrip('/')}"))

    def entry(self, name: str) -> zipfile.ZipInfo | None:
        """The zip entry of a part or of `[Content_Types].xml`."""
        return self._entries.get(_key(name))

    def entry_name(self, name: str) -> str:
        """A part's name as the zip file has it, or would have it where there is no such part yet."""
        entry = self.entry(name)
        return name.removeprefix("/") if entry is None else entry.filename

    def read(self, name: str) -> bytes:
        """The bytes of an entry. Raises KeyError where there is none."""
        with self.open(name) as stream:
            return stream.read()

    def open(self, name: str) -> IO[bytes]:
        """An entry as a stream. Raises KeyError where there is none."""
        entry = self.entry(name)
        if entry is None:
            raise KeyError(f"there is no {name}")
        return self.archive.open(entry)

    def content_type_of(self, name: str) -> str:
        """By the override of its name, else by the default of its extension (ECMA-376 part 2, 10.1.2.4)."""
        extension = posixpath.splitext(name)[1].removeprefix(".").casefold()
        return self._overrides.get(_key(name)) or self._defaults.get(extension, "")

    def relationships_of(self, partname: str) -> Mapping[str, Relationship]:
        """Those of a part, or of the package for "/". Raises XMLSyntaxError where they are malformed."""
        name = relationships_name(partname)
        if self.entry(name) is None:
            return {}
        found = (
            Relationship(
                id=one.get("Id", ""),
                reltype=one.get("Type", ""),
                target=one.get("Target", ""),
                is_external=one.get("TargetMode") == MODE.EXTERNAL,
                source=partname,
                package=self,
            )
            for one in etree.fromstring(self.read(name), _PARSER).iterchildren("{*}Relationship")
        )
        return {one.id: one for one in found}

    def tree_of(self, part: Part) -> _Element:
        """Layouts, masters and themes are parsed once, of other parts the last few trees are at hand."""
        name = part.partname
        tree = self._kept.get(name)
        if tree is None:
            tree = self._recent.pop(name, None)
        if tree is None:
            tree = parse_xml(part.blob)
        if part.content_type in _KEPT:
            self._kept[name] = tree
            return tree
        self._recent[name] = tree
        if len(self._recent) > _TREES_AT_HAND:
            self._recent.popitem(last=False)
        return tree

    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = etree.fromstring(self.read(CONTENT_TYPES), _PARSER)
        overrides = {
            _key(one.get("PartName", "")): one.get("ContentType", "") for one in root.iterchildren("{*}Override")
        }
        defaults = {
            one.get("Extension", "").casefold(): one.get("ContentType", "") for one in root.iterchildren("{*}Default")
        }
        return overrides, defaults


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def _state_of(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def absolute_name(source: str, target: str) -> str:
    """The name of the part that `target`, in the relationships of the part `source`, leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def relationships_name(partname: str) -> str:
    """The name of the part that holds a part's relationships; "/" is the package."""
    name: str = PackURI(partname).rels_uri
    return name


def _key(name: str) -> str:
    """One spelling for the names that OPC holds for equal (ECMA-376 part 2, 9.1.1 and annex A)."""
    return unquote(name).removeprefix("/").casefold()
