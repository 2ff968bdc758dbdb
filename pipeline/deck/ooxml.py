"""What every reader of the file format needs: qualified names, attributes that may be malformed, related parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from lxml import etree
from lxml.etree import _Element

from pipeline.deck.package.parts import Package, Part, Relationship
from pipeline.errors import DeckError

Element: TypeAlias = _Element
"""Any XML element; lxml itself does not export the name."""

NAMESPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "cx": "http://schemas.microsoft.com/office/drawing/2014/chartex",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}


REPAIR = "open it in PowerPoint, let it repair the file and save it"
"""What a person can do about a damaged deck."""


def qualified(path: str) -> str:
    """`p:cSld/p:spTree` as ElementPath in Clark notation, which lxml finds several times faster than a prefix map."""
    steps = (step.rpartition(":") for step in path.split("/"))
    return "/".join(f"{{{NAMESPACES[prefix]}}}{name}" if prefix else name for prefix, _, name in steps)


_SLIDE_IDS = qualified("p:sldIdLst/p:sldId")
_RELATIONSHIP_ID = qualified("r:id")
_SHAPE_TREE = qualified("p:cSld/p:spTree")


def integer(element: Element | None, attribute: str) -> int | None:
    """An attribute as a whole number; None where element or attribute is missing or is not one."""
    text = None if element is None else element.get(attribute)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None


def flag(element: Element | None, attribute: str, *, default: bool) -> bool:
    """An `xsd:boolean` attribute."""
    text = None if element is None else element.get(attribute)
    return default if text is None else text in ("1", "true", "on")


def related(part: Part, relationship_id: str | None) -> Part | None:
    """The part a relationship id leads to; None where it dangles or leads out of the file.

    Raises DeckError, without the deck's path, where the relationships are malformed; so do the next two.
    """
    relationship = None if relationship_id is None else _relationships(part).get(relationship_id)
    return None if relationship is None else relationship.target_part


def related_by(source: Part | Package, relationship_type: str) -> Part | None:
    """The first related part of a type that is there."""
    targets = (one.target_part for one in _relationships(source).values() if one.reltype == relationship_type)
    return next((part for part in targets if part is not None), None)


def required(source: Part | Package, relationship_type: str) -> Part:
    """The first related part of a type. Raises DeckError, without the deck's path, where there is none."""
    found = related_by(source, relationship_type)
    if found is None:
        what = relationship_type.rpartition("/")[2]
        raise DeckError(f"{source.partname} has no {what}; {REPAIR}")
    return found


def _relationships(source: Part | Package) -> Mapping[str, Relationship]:
    try:
        return source.rels
    except etree.XMLSyntaxError as error:
        raise DeckError(f"the relationships of {source.partname} are damaged ({error.msg}); {REPAIR}") from error


def root_of(part: Part) -> Element:
    """The root element of a part that holds XML. Raises DeckError, without the deck's path, where it is malformed."""
    try:
        return part.root
    except etree.XMLSyntaxError as error:
        raise DeckError(f"{part.partname} is damaged ({error.msg}); {REPAIR}") from error


def slide_parts(presentation: Part) -> Iterator[tuple[int, Part]]:
    """Id and part of each slide in the deck's order.

    Raises DeckError, without the deck's path, where a slide is missing or is none.
    """
    for number, entry in enumerate(root_of(presentation).iterfind(_SLIDE_IDS), start=1):
        part = related(presentation, entry.get(_RELATIONSHIP_ID))
        if part is None or root_of(part).find(_SHAPE_TREE) is None:
            raise DeckError(f"slide {number} is missing or damaged; {REPAIR}")
        yield integer(entry, "id") or 0, part
