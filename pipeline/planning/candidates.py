"""Every rectangle of a slide that a picture could take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from pipeline.planning.rectangles import common, grown, maximal_free, spanning, usable_area
from pipeline.planning.scene import Scene, ink_of, is_stand_in
from pipeline.records import Box, Deck, Slide, Slot, SlotKind

# Wider or taller pictures look like slivers, whatever the image models can make.
MAX_RATIO = 2.5
# A free rectangle that is wider or taller than these is also tried cut to them; 16:9 is the widest that most image
# models make.
_CUT_RATIOS = (MAX_RATIO, 2.0, 16 / 9)
# A picture of this share of the slide is large enough to leave more air around it.
_AIRY_SHARE = 0.14
# So many free rectangles are looked at, the largest: on a page full of scattered dots they are many.
_MOST_REGIONS = 24

_PICTURE_HOLDERS = frozenset({"pic", "obj", "clipArt"})
"""Placeholders a picture may fill (`ST_PlaceholderType`, ECMA-376 part 1, 19.7.10)."""


def marked_slots(slide: Slide, deck: Deck, scene: Scene) -> list[Slot]:
    """Where the slide itself says that a picture goes: empty placeholders for one, shapes that only say so."""
    ids = [shape.shape_id for shape in slide.shapes]
    found = []
    for shape in slide.shapes:
        is_vacant = shape.is_empty and shape.placeholder in _PICTURE_HOLDERS
        if ids.count(shape.shape_id) > 1 or not (is_vacant or is_stand_in(shape)):
            continue
        if shape.box is None or not _can_hold_a_picture(shape.box, deck, scene):
            continue
        if not any(shape.box.meets(ink) for ink in ink_of(slide, deck, but=shape)):
            kind = SlotKind.PLACEHOLDER if is_vacant else SlotKind.STAND_IN
            found.append(Slot(kind=kind, box=shape.box, shape_id=shape.shape_id))
    return found


def free_regions(scene: Scene) -> list[Box]:
    """The free rectangles with the distances as set or, where that leaves no room, with the least there may be."""
    spacing = scene.spacing
    tight = maximal_free(
        _within(scene, spacing.tight_margin_emu) or Box(left_emu=0, top_emu=0, width_emu=0, height_emu=0),
        # A line has no width, and yet is not to be crossed.
        [grown(box, max(spacing.tight_gap_emu, 1)) for box in scene.ink],
        min_side_emu=_shortest_side(scene),
    )
    inner = _within(scene, spacing.margin_emu)
    more = spacing.gap_emu - spacing.tight_gap_emu
    roomy = [kept for box in tight if inner and (kept := common(grown(box, -more), inner))]
    return _largest(roomy, scene) or _largest(tight, scene)


def airy_regions(regions: Iterable[Box], scene: Scene) -> Iterator[Box]:
    """The large ones among `regions`, as far again from ink; the slide's margins are kept as they are."""
    gap, margin = scene.spacing.gap_emu, scene.spacing.margin_emu
    for box in regions:
        airy = spanning(
            box.left_emu if box.left_emu <= margin else box.left_emu + gap,
            box.top_emu if box.top_emu <= margin else box.top_emu + gap,
            box.right_emu if box.right_emu >= scene.width_emu - margin else box.right_emu - gap,
            box.bottom_emu if box.bottom_emu >= scene.height_emu - margin else box.bottom_emu - gap,
        )
        if airy and usable_area(airy, MAX_RATIO) >= _AIRY_SHARE * scene.area_emu2:
            yield airy


def placed_in(region: Box, scene: Scene) -> Iterator[Box]:
    """The rectangles in `region` that keep to the lines of the design and have a shape a picture can have."""
    shortest = _shortest_side(scene)
    across = scene.lines_across.spans(region.left_emu, region.right_emu, shortest)
    down = scene.lines_down.spans(region.top_emu, region.bottom_emu, shortest)
    for (left, right), (top, bottom) in product(across, down):
        for one in _shaped(left, top, right - left, bottom - top):
            if one.area_emu2 >= scene.smallest_emu2:
                yield one


def _within(scene: Scene, margin: int) -> Box | None:
    return spanning(margin, margin, scene.width_emu - margin, scene.height_emu - margin)


def _shortest_side(scene: Scene) -> int:
    return int((scene.smallest_emu2 / MAX_RATIO) ** 0.5)


def _largest(regions: Iterable[Box], scene: Scene) -> list[Box]:
    """Those with room for a picture; of very many the largest, and with the last all that are as large."""
    areas = {region: usable_area(region, MAX_RATIO) for region in regions}
    fitting = sorted((area for area in areas.values() if area >= scene.smallest_emu2), reverse=True)
    least = fitting[min(len(fitting), _MOST_REGIONS) - 1] if fitting else 0.0
    return [region for region, area in areas.items() if fitting and area >= least]


def _can_hold_a_picture(box: Box, deck: Deck, scene: Scene) -> bool:
    is_large = box.area_emu2 >= max(scene.smallest_emu2, 1)
    return is_large and deck.canvas.holds(box) and 1 / MAX_RATIO <= box.aspect_ratio <= MAX_RATIO


def _shaped(left: int, top: int, width: int, height: int) -> Iterator[Box]:
    """A rectangle as it is unless it is a sliver, and cut to what models make where it is wide or tall."""
    if height <= MAX_RATIO * width and width <= MAX_RATIO * height:
        yield Box(left_emu=left, top_emu=top, width_emu=width, height_emu=height)
    for ratio in _CUT_RATIOS:
        for part in _anchored(left, width, int(ratio * height)):
            yield Box(left_emu=part[0], top_emu=top, width_emu=part[1], height_emu=height)
        for part in _anchored(top, height, int(ratio * width)):
            yield Box(left_emu=left, top_emu=part[0], width_emu=width, height_emu=part[1])


def _anchored(start: int, length: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Start and length of parts as long as `wanted`: at the beginning, at the end and in the exact middle."""
    if wanted >= length:
        return
    yield start, wanted
    yield start + length - wanted, wanted
    in_the_middle = wanted - (length - wanted) % 2
    yield start + (length - in_the_middle) // 2, in_the_middle
