"""A part as it will be saved, read like any other. Touches nothing."""

from __future__ import annotations

from lxml.etree import _Element
from pptx.oxml import parse_xml

from pipeline.deck.package.parts import Package, Part


class ChangedPart(Part):
    """A part with other bytes than the package has for it. Its relationships are the package's, without new ones."""

    def __init__(self, package: Package, partname: str, data: bytes) -> None:
        super().__init__(package, partname)
        self._data = data

    @property
    def blob(self) -> bytes:
        return self._data

    @property
    def root(self) -> _Element:
        return parse_xml(self._data)
