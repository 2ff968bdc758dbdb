"""The file format as the judge sees it: zip members, slides, their shapes, the new pictures. Writes nothing."""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

from lxml import etree
from lxml.etree import _Element

_RELATIONSHIPS = "{*}Relationship"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideItem:
    """A shape, or a group's own properties, as it stands in the file: its kind, id and canonical XML."""

    element: _Element
    tag: str
    shape_id: str
    canonical: bytes


class DeckPackage:
    """A deck's zip file, in memory."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.names = archive.namelist()
            self.members = {name: archive.read(name) for name in self.names}

    @cached_property
    def presentation(self) -> str:
        return next(target for kind, target in self.related("") if kind == "officeDocument")

    @cached_property
    def size_emu(self) -> tuple[int, int]:
        size = self.xml(self.presentation).find("{*}sldSz")
        return (9_144_000, 6_858_000) if size is None else (int(size.get("cx", 0)), int(size.get("cy", 0)))

    @cached_property
    def slides(self) -> list[str]:
        """The slides' part names in the deck's order."""
        listed = self.xml(self.presentation).iterfind("{*}sldIdLst/{*}sldId")
        targets = self.targets(self.presentation)
        ids = (next(value for key, value in slide.items() if key.startswith("{")) for slide in listed)
        return [targets[one] for one in ids]

    def xml(self, name: str) -> _Element:
        return etree.fromstring(self.members[name])

    def targets(self, part: str) -> dict[str, str]:
        """Part names by relationship id; targets outside the file are left out."""
        folder, name = posixpath.split(part)
        rels = self.members.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        if rels is None:
            return {}
        inside = (one for one in etree.fromstring(rels).iterfind(_RELATIONSHIPS) if one.get("TargetMode") != "External")
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in inside
        }

    def related(self, part: str) -> Iterator[tuple[str, str]]:
        """The last word of each relationship's type, and its target."""
        folder, name = posixpath.split(part)
        rels = self.members.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        targets = self.targets(part)
        for one in [] if rels is None else etree.fromstring(rels).iterfind(_RELATIONSHIPS):
            if one.get("Id", "") in targets:
                yield one.get("Type", "").rpartition("/")[2], targets[one.get("Id", "")]

    def bare(self) -> bytes:
        """The deck without the slides' own shapes: backgrounds, and what layouts and masters draw."""
        slides = set(self.slides)
        written = BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, data in self.members.items():
                archive.writestr(name, _without_shapes(data) if name in slides else data)
        return written.getvalue()

    def items(self, slide: str) -> list[SlideItem]:
        """What stands on a slide, back to front; the slide without its shapes comes first, as an item of its own."""
        root = self.xml(slide)
        rest = etree.fromstring(_without_shapes(self.members[slide], timing=True))
        tree = root.find("{*}cSld/{*}spTree")
        return [_item(rest), *_items(() if tree is None else tree)]


def _without_shapes(slide: bytes, *, timing: bool = False) -> bytes:
    root = etree.fromstring(slide)
    tree = root.find("{*}cSld/{*}spTree")
    for shape in () if tree is None else tuple(tree):
        if local(shape) not in ("nvGrpSpPr", "grpSpPr"):
            tree.remove(shape)
    for animations in [] if timing else root.findall("{*}timing"):
        root.remove(animations)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _items(shapes: Sequence[_Element] | _Element) -> Iterator[SlideItem]:
    for shape in shapes:
        if local(shape) == "grpSp":
            yield from _items(shape)
        else:
            yield _item(shape)


def _item(element: _Element) -> SlideItem:
    named = next((one for one in element.iter("{*}cNvPr")), None)
    canonical = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    shape_id = "" if named is None else named.get("id", "")
    return SlideItem(element=element, tag=local(element), shape_id=shape_id, canonical=canonical)


def local(element: _Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideChange:
    """What became of a slide's shapes: the new pictures, and how many others are changed, lost or strange."""

    pictures: list[SlideItem]
    changed: int


def compare_slides(before: Sequence[SlideItem], after: Sequence[SlideItem]) -> SlideChange:
    """New pictures, and the shapes that are not the same XML any more, but those a picture took the id of."""
    known = _counted(before)
    pictures = [item for item in after if item.tag == "pic" and item.canonical not in known]
    fillers = {item.shape_id for item in pictures}
    left = {item.canonical for item in after}
    # Only text shapes and empty placeholders are ever filled: a picture that became another is a loss.
    kept = [item for item in before if item.canonical in left or item.tag != "sp" or item.shape_id not in fillers]
    others = [item for item in after if not any(item is picture for picture in pictures)]
    lost = _counted(kept) - _counted(others)
    added = _counted(others) - _counted(kept)
    is_reordered = not lost and not added and [i.canonical for i in kept] != [i.canonical for i in others]
    return SlideChange(pictures=pictures, changed=max(lost.total(), added.total()) + is_reordered)


def _counted(items: Sequence[SlideItem]) -> Counter[bytes]:
    return Counter(item.canonical for item in items)


def foreign_changes(before: DeckPackage, after: DeckPackage, illustrated: Sequence[str]) -> list[str]:
    """What changed in the package beyond illustrated slides, their relationships, content types and new media."""
    may_change = {"[Content_Types].xml"}
    media: set[str] = set()
    for slide in illustrated:
        folder, name = posixpath.split(slide)
        may_change |= {slide, f"{folder}/_rels/{name}.rels"}
        media |= {target for kind, target in after.related(slide) if kind == "image"}
    original = set(before.names)
    found = [f"{name}: lost" for name in before.names if name not in after.members]
    found += [
        f"{name}: changed"
        for name in before.names
        if name in after.members and name not in may_change and before.members[name] != after.members[name]
    ]
    added = [name for name in after.names if name not in original]
    found += [f"{name}: added" for name in added if name not in media | may_change]
    if not found and [name for name in after.names if name in original] != before.names:
        found.append("the parts stand in another order")
    return found
