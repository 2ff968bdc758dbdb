"""Walks a shape tree: groups are opened, alternate content is decided, what is hidden is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.deck.geometry import SLIDE, Frame, Transform, group_transform, read_frame
from pipeline.deck.ooxml import Element, flag, qualified

SHAPE = qualified("p:sp")
PICTURE = qualified("p:pic")
CONNECTOR = qualified("p:cxnSp")
GRAPHIC_FRAME = qualified("p:graphicFrame")
CONTENT_PART = qualified("p:contentPart")
CONTROL = qualified("p:control")

_GROUP = qualified("p:grpSp")
_ALTERNATIVES = qualified("mc:AlternateContent")
_CHOICE, _FALLBACK = qualified("mc:Choice"), qualified("mc:Fallback")
_GROUP_NON_VISUAL = qualified("p:nvGrpSpPr/p:cNvPr")
_GROUP_FRAME = qualified("p:grpSpPr/a:xfrm")
_TREE = qualified("p:cSld/p:spTree")
_CONTROLS = qualified("p:cSld/p:controls")

_HEADS = {
    SHAPE: "p:nvSpPr/p:",
    PICTURE: "p:nvPicPr/p:",
    CONNECTOR: "p:nvCxnSpPr/p:",
    GRAPHIC_FRAME: "p:nvGraphicFramePr/p:",
    CONTENT_PART: "p14:nvContentPartPr/p14:",
    CONTROL: "p:pic/p:nvPicPr/p:",
}
_NON_VISUAL = {tag: qualified(f"{head}cNvPr") for tag, head in _HEADS.items()}
_APPLICATION = {tag: qualified(f"{head}nvPr") for tag, head in _HEADS.items()}
_PLACEHOLDER = qualified("p:ph")
_FRAME = {
    SHAPE: qualified("p:spPr/a:xfrm"),
    PICTURE: qualified("p:spPr/a:xfrm"),
    CONNECTOR: qualified("p:spPr/a:xfrm"),
    GRAPHIC_FRAME: qualified("p:xfrm"),
    CONTENT_PART: qualified("p14:xfrm"),
    CONTROL: qualified("p:pic/p:spPr/a:xfrm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One shape that is no group, and the transform from its parent's coordinates to the slide's."""

    element: Element
    parent: Transform


def leaves(root: Element) -> Iterator[Leaf]:
    """Every visible shape of a slide, layout or master, back to front, then its ActiveX controls."""
    tree = root.find(_TREE)
    if tree is not None:
        yield from _leaves(tree, SLIDE)
    controls = root.find(_CONTROLS)
    if controls is not None:
        yield from _leaves(controls, SLIDE)


def non_visual(element: Element) -> Element | None:
    """The `cNvPr` of a shape: its id, name, description and whether it is hidden."""
    return element.find(_NON_VISUAL[element.tag])


def application(element: Element) -> Element | None:
    """The `nvPr` of a shape: what kind of placeholder it is, which media it plays."""
    return element.find(_APPLICATION[element.tag])


def placeholder(element: Element) -> Element | None:
    """The `p:ph` of a shape; None where it is no placeholder."""
    properties = application(element)
    return None if properties is None else properties.find(_PLACEHOLDER)


def own_frame(element: Element) -> Frame | None:
    """The geometry a shape states itself; None where it inherits it or has none."""
    return read_frame(element.find(_FRAME[element.tag]))


def _leaves(siblings: Iterable[Element], parent: Transform) -> Iterator[Leaf]:
    for element in siblings:
        if element.tag in _NON_VISUAL:
            if not _is_hidden(non_visual(element)):
                yield Leaf(element=element, parent=parent)
        elif element.tag == _GROUP:
            if not _is_hidden(element.find(_GROUP_NON_VISUAL)):
                yield from _leaves(element, group_transform(element.find(_GROUP_FRAME), parent))
        elif element.tag == _ALTERNATIVES:
            yield from _leaves(_alternative(element), parent)


def _is_hidden(properties: Element | None) -> bool:
    return flag(properties, "hidden", default=False)


def _alternative(alternatives: Element) -> Element:
    """The branch that stands on the slide: PowerPoint takes a choice it understands, which is the newest feature.

    A choice that says nothing of where it lies (ActiveX in VML) is passed over for the fallback, which does.
    """
    branches: list[Element] = [*alternatives.findall(_CHOICE), *alternatives.findall(_FALLBACK)]
    for branch in branches:
        if any(_has_place(child) for child in branch):
            return branch
    return branches[0] if branches else alternatives


def _has_place(element: Element) -> bool:
    if element.tag == _GROUP:
        return True
    return element.tag in _FRAME and (own_frame(element) is not None or placeholder(element) is not None)
