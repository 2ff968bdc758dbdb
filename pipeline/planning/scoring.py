"""How good a rectangle is for a picture on a slide, as a designer would see it, from 0 to 1. Pure.

Every figure is the same for a slide and its mirror image, to the last bit, whatever the order of the shapes: what is
summed over shapes is summed in whole numbers.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, log

from pipeline.planning.candidates import MAX_RATIO
from pipeline.planning.rectangles import common
from pipeline.planning.scene import Scene
from pipeline.records import EMU_PER_INCH, Box

# What each thing is worth.
SIZE, ALIGNMENT, PLACE, BALANCE, SHAPE, BREATHING = 0.32, 0.19, 0.28, 0.05, 0.08, 0.08
# Shares of the slide: a stamp, where a picture begins to be large enough, where it begins to be too large, and a page.
_STAMP, _IDEAL, _LARGE, _PAGE = 0.05, 0.3, 0.45, 0.9
# More than twice the least distance is no better.
_WIDE_GAP_EMU = round(0.35 * EMU_PER_INCH)
# A thousandth is the unit of how well a picture stands to a text: beside it, below, above, in a notch of it.
_BESIDE, _BELOW, _ABOVE, _IN_NOTCH, _NO_TEXT = 1000, 620, 380, 420, 700
# Likewise, what a title takes away from a picture beside it, above it and in a notch of it.
_BESIDE_TITLE, _ABOVE_TITLE, _NOTCHED_TITLE = 500, 400, 400
# And what is lost where it keeps two texts apart.
_BETWEEN = 400
# A picture that cuts through an empty placeholder: in a presentation nobody sees it, in the editor everybody does.
_CUT_PLACEHOLDER = 0.06


@dataclass(frozen=True, slots=True)
class Scored:
    """A rectangle and how good it is."""

    score: float
    box: Box


def _clearance_emu(box: Box, scene: Scene) -> int:
    """How far `box` is from the nearest ink, up to what is far enough; below 0 where it is on some."""
    left, top, right, bottom = box.left_emu, box.top_emu, box.right_emu, box.bottom_emu
    nearest = _WIDE_GAP_EMU
    for ink_left, ink_top, ink_right, ink_bottom in scene.ink_edges:
        if ink_left - right < nearest and left - ink_right < nearest:
            nearest = min(nearest, max(ink_left - right, left - ink_right, ink_top - bottom, top - ink_bottom))
    return nearest


def best_of(boxes: Iterable[Box], scene: Scene, most: int = 1) -> list[Scored]:
    """The `most` best of `boxes`, the best first, and all that are as good as the last of them.

    What is quick to tell is told of all, the rest only of those that can still be among the best.
    """
    found: list[Scored] = []
    scores: list[float] = []  # of those found, in rising order
    least = -inf
    for by_lines, box in sorted(((_by_lines(box, scene), box) for box in set(boxes)), key=lambda one: -one[0]):
        if by_lines + PLACE + BALANCE + BREATHING < least:
            break
        known = by_lines + _by_texts(box, scene)
        if known + BALANCE + BREATHING < least:
            continue
        found.append(Scored(known + _by_air(box, scene), box))
        insort(scores, found[-1].score)
        least = scores[-most] if len(scores) >= most else least
    return sorted((one for one in found if one.score >= least), key=lambda one: rank(one, scene))


def rank(scored: Scored, scene: Scene) -> tuple[float, int, float, int, int, int, int]:
    """Sorts the best first; among those as good as each other the one on the side where a reader's eye ends."""
    box = scored.box
    off_middle = box.left_emu + box.right_emu - scene.width_emu
    towards_end = -off_middle if scene.reads_right_to_left else off_middle
    side = (towards_end < 0) - (towards_end > 0)
    return -round(scored.score, 2), side, -scored.score, -box.area_emu2, box.top_emu, box.width_emu, -towards_end


def score(box: Box, scene: Scene) -> float:
    """How good `box` is for a picture, from 0 to 1."""
    return _by_lines(box, scene) + _by_texts(box, scene) + _by_air(box, scene)


def _by_lines(box: Box, scene: Scene) -> float:
    """What size, shape and the design's lines say."""
    return (
        SIZE * _size(box.area_emu2 / scene.area_emu2)
        + SHAPE * _shape(abs(log(box.width_emu / box.height_emu)))
        + ALIGNMENT * _alignment(box, scene)
    )


def _by_texts(box: Box, scene: Scene) -> float:
    """What the texts and the empty placeholders say; `PLACE` at most."""
    return PLACE * _place(box, scene) / 1000 - _CUT_PLACEHOLDER * sum(_cuts(box, one) for one in scene.vacant)


def _by_air(box: Box, scene: Scene) -> float:
    """What balance and the distance to the nearest ink say."""
    tight = scene.spacing.tight_gap_emu
    air = (_clearance_emu(box, scene) - tight) / max(_WIDE_GAP_EMU - tight, 1)
    return BALANCE * _balance(box, scene) + BREATHING * max(air, 0.0)


def _size(share: float) -> float:
    if share <= _IDEAL:
        return max(0.0, log(share / _STAMP) / log(_IDEAL / _STAMP))
    return 1 - 0.5 * max(0.0, share - _LARGE) / (_PAGE - _LARGE)


def _shape(skew: float) -> float:
    """Up to 16:9 either way models make it or nearly so; from there on more and more is cut away."""
    widest = log(16 / 9)
    return 1.0 if skew <= widest else max(0.0, 1 - (skew - widest) / (log(MAX_RATIO) - widest))


def _alignment(box: Box, scene: Scene) -> float:
    """One side on a line is what makes a picture look placed; the other one and the bottom may be anywhere."""
    left, right = scene.lines_across.worth(box.left_emu, box.right_emu)
    top, bottom = scene.lines_down.worth(box.top_emu, box.bottom_emu)
    return 0.4 * max(left, right) + 0.15 * min(left, right) + 0.25 * top + 0.2 * bottom


def _place(box: Box, scene: Scene) -> float:
    """How well it stands to the texts, in thousandths; each counts by the room it takes."""
    room = sum(text.area_emu2 for text in scene.texts)
    standing = sum(text.area_emu2 * _standing_to(box, text) for text in scene.texts) / room if room else _NO_TEXT
    lost = _lost_by_title(box, scene.title, scene) if scene.title else 0
    return standing - lost - (_BETWEEN if _is_between(box, scene.texts) else 0)


def _standing_to(box: Box, text: Box) -> int:
    if box.meets(text):
        return _IN_NOTCH
    together = min(box.bottom_emu, text.bottom_emu) - max(box.top_emu, text.top_emu)
    if together > 0:
        return _BELOW + (_BESIDE - _BELOW) * together // max(1, min(box.height_emu, text.height_emu))
    return _BELOW if box.top_emu >= text.bottom_emu else _ABOVE


def _is_between(box: Box, texts: Sequence[Box]) -> bool:
    """True where there is text on both sides, or above and below, which a picture then keeps apart."""
    beside = [text for text in texts if text.top_emu < box.bottom_emu and box.top_emu < text.bottom_emu]
    in_column = [text for text in texts if text.left_emu < box.right_emu and box.left_emu < text.right_emu]
    is_split = any(text.right_emu <= box.left_emu for text in beside) and any(
        text.left_emu >= box.right_emu for text in beside
    )
    return is_split or (
        any(text.bottom_emu <= box.top_emu for text in in_column)
        and any(text.top_emu >= box.bottom_emu for text in in_column)
    )


def _lost_by_title(box: Box, title: Box, scene: Scene) -> int:
    """A picture stands below its slide's title; above only where the title stands low, beside where it is a column."""
    if box.meets(title):
        return _NOTCHED_TITLE
    if box.bottom_emu <= title.top_emu:
        return 0 if 2 * title.top_emu >= scene.height_emu else _ABOVE_TITLE
    is_beside = box.top_emu < title.bottom_emu
    return _BESIDE_TITLE if is_beside and 2 * title.height_emu < scene.height_emu else 0


def _balance(box: Box, scene: Scene) -> float:
    """1 where picture and lines of text, by what they cover, balance on the slide's middle; 0 far from it."""
    weight = box.area_emu2 + scene.text_weight
    moment = box.area_emu2 * (box.left_emu + box.right_emu - scene.width_emu) + scene.text_moment
    return max(0.0, 1 - 2 * abs(moment) / (weight * scene.width_emu))


def _cuts(box: Box, vacant: Box) -> bool:
    """True where a picture covers part of an empty placeholder, neither nearly nothing nor nearly all of it."""
    shared = common(box, vacant)
    return shared is not None and 0.05 < shared.area_emu2 / vacant.area_emu2 < 0.9
