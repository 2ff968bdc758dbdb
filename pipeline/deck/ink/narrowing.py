"""Which text frames of a slide could be narrower, with their text at its size and nothing clipped. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.deck import tree
from pipeline.deck.geometry import SLIDE, Frame, bounding_box
from pipeline.deck.ink.blocks import measured_text
from pipeline.deck.ink.surfaces import Paper, surface_ink
from pipeline.deck.ink.text_bodies import read_text_body
from pipeline.deck.ink.text_settings import TextSettings
from pipeline.deck.ink.text_styles import TextContext
from pipeline.deck.ink.typesetting import needed_height_emu, text_ink
from pipeline.deck.ooxml import Element, flag, integer, qualified
from pipeline.deck.placeholders import TEXTS, ancestors, frame_of, placeholder_type
from pipeline.records import Narrowing

_BODY, _FACE = qualified("p:txBody"), qualified("a:latin")
_TREE = qualified("p:spTree")
_DRAWING, _LOCKS = qualified("p:nvSpPr/p:cNvSpPr"), qualified("a:spLocks")
_TIMING, _MOTION = qualified("p:timing"), qualified("p:animMotion")
_TARGET_OF_MOTION = qualified("p:cBhvr/p:tgtEl/p:spTgt")

# A frame that is not so wide leaves room beside it as it is.
_SPANNING_SHARE = 0.5
# To so much of its width, the most pleasing first: text and picture side by side as three to two. A frame that is too
# full for that may still give a quarter. No narrower: lines of a few words are hard to read.
_SHARES = (0.6, 0.55, 0.5, 0.45, 0.65, 0.7, 0.75)
_TYPEWRITERS = ("mono", "courier", "consol", "menlo", "code", "typewriter")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A text that may have a narrower frame, in the slide's own coordinates."""

    leaf: tree.Leaf
    frame: Frame
    context: TextContext
    shape_id: int
    reads_right_to_left: bool


def narrowings(
    slide: Element, layout: Element, master: Element, settings: TextSettings, paper: Paper
) -> Iterator[Narrowing]:
    """Every frame of `slide` that could be narrower, the largest first and each at the most pleasing width first.

    It keeps the edge at which its lines begin, so that it stays in line with the title. Left alone are titles, frames
    that show a fill or an outline, are turned, in a group, locked or moved by an animation; and texts that are code,
    not aligned to where their lines begin, or smaller already to fit.
    """
    leaves = list(tree.leaves(slide))
    ids = Counter(_id_of(leaf) for leaf in leaves)
    kept = {shape_id for shape_id, count in ids.items() if count > 1} | _moving(slide)
    found = [
        candidate
        for leaf in leaves
        if _id_of(leaf) not in kept
        and _is_plain_text(leaf, layout, master, paper)
        and (candidate := _candidate(leaf, layout, master, settings, paper)) is not None
    ]
    for candidate in sorted(found, key=lambda one: -one.frame.width * one.frame.height):
        for share in _SHARES:
            if (narrowing := _narrowed(candidate, round(share * candidate.frame.width))) is not None:
                yield narrowing


def _is_plain_text(leaf: tree.Leaf, layout: Element, master: Element, paper: Paper) -> bool:
    element = leaf.element
    parent = element.getparent()
    if element.tag != tree.SHAPE or parent is None or parent.tag != _TREE:
        return False
    drawing = element.find(_DRAWING)
    is_text_box = flag(drawing, "txBox", default=False)
    locks = None if drawing is None else drawing.find(_LOCKS)
    is_locked = flag(locks, "noResize", default=False) or flag(locks, "noMove", default=False)
    frame = frame_of(element, layout, master)
    if frame is None or frame.rotation_deg or frame.is_mirrored_h or frame.is_mirrored_v or is_locked:
        return False
    if placeholder_type(element) not in TEXTS and not (is_text_box and not placeholder_type(element)):
        return False
    inherited = ancestors(element, layout, master)
    return not any(True for _ in surface_ink(element, frame, leaf.parent, inherited, paper))


def _candidate(
    leaf: tree.Leaf, layout: Element, master: Element, settings: TextSettings, paper: Paper
) -> _Candidate | None:
    frame, body = frame_of(leaf.element, layout, master), leaf.element.find(_BODY)
    if frame is None or body is None or frame.width < _SPANNING_SHARE * paper.canvas.width_emu:
        return None
    context = settings.context(leaf.element)
    properties = read_text_body(body, context.bodies)
    if properties.font_share < 1 or _holds_code(body):
        return None
    shown = [paragraph for paragraph in measured_text(body, context) if paragraph.clusters]
    directions = {(paragraph.style.is_rtl, paragraph.style.alignment) for paragraph in shown}
    is_rtl = {direction for direction, _ in directions}
    at_start = {"r" if next(iter(is_rtl), False) else "l", "just", "justLow", "dist"}
    if len(is_rtl) != 1 or not {alignment for _, alignment in directions} <= at_start:
        return None
    return _Candidate(
        leaf=leaf,
        frame=frame,
        context=context,
        shape_id=_id_of(leaf),
        reads_right_to_left=is_rtl == {True},
    )


def _holds_code(body: Element) -> bool:
    """True where letters are set in a typewriter's face, as people set code: where its lines end has a meaning."""
    faces = (face.get("typeface", "").casefold() for face in body.iter(_FACE))
    return any(name in face for face in faces for name in _TYPEWRITERS)


def _narrowed(candidate: _Candidate, width_emu: int) -> Narrowing | None:
    """The frame at a width; None where its text needs more height then than the frame has."""
    frame, element, context = candidate.frame, candidate.leaf.element, candidate.context
    needed = needed_height_emu(element, frame, context, width_emu=width_emu)
    if needed is None or needed > frame.height:
        return None
    left = frame.left + (frame.width - width_emu if candidate.reads_right_to_left else 0)
    narrow = replace(frame, left=left, width=width_emu)
    properties = tree.non_visual(element)
    return Narrowing(
        shape_id=candidate.shape_id,
        name="" if properties is None else properties.get("name", ""),
        before=bounding_box(frame, SLIDE),
        box=bounding_box(narrow, SLIDE),
        ink=text_ink(element, narrow, SLIDE, context),
    )


def _id_of(leaf: tree.Leaf) -> int:
    return integer(tree.non_visual(leaf.element), "id") or 0


def _moving(slide: Element) -> set[int]:
    """The shapes that an animation moves along a path, which starts where they stand."""
    timing = slide.find(_TIMING)
    if timing is None:
        return set()
    targets = (motion.find(_TARGET_OF_MOTION) for motion in timing.iter(_MOTION))
    return {integer(target, "spid") or 0 for target in targets if target is not None}
