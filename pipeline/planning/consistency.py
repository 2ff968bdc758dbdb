"""One deck looks like one hand: slides of one layout get the same slot where it fits them, on the same side. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.planning.candidates import MAX_RATIO, placed_in
from pipeline.planning.rectangles import common, usable_area
from pipeline.planning.scene import Scene
from pipeline.planning.scoring import Scored, best_of, rank, score
from pipeline.records import Box

# A slot serves a slide well that is at least this good for it, measured by the best it could have for itself.
_GOOD_SHARE = 0.9
# Nor is it smaller than this share of that best: beside it there would be a gap that asks for a picture.
_LARGE_SHARE = 0.7
# A region that several slides share is worth having while it keeps so much of what the first of them offers.
_SHARED_SHARE = 0.7
# So many slides of a layout propose regions, spread over the deck: a thousand slides of one layout are few sorts.
_MOST_PROPOSERS = 12
# So many rectangles are tried where several slides have room in common.
_REFINED = 6
# A layout whose slides need more slots than this has no common line; the rest choose for themselves.
_MOST_SORTS = 6
# What a slot loses on the side where most pictures of the deck are not. Less than a line of the layout is worth.
_OTHER_SIDE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A slide, the free regions it has, and the best rectangles in them for itself alone, best first."""

    slide_number: int
    layout_id: str
    scene: Scene
    regions: tuple[Box, ...]
    best: tuple[Scored, ...]


def agree(choices: Sequence[Choice]) -> Mapping[int, Box]:
    """The rectangle each slide takes, by slide number."""
    side = _majority_side(choices)
    groups: dict[str, list[Choice]] = defaultdict(list)
    for choice in choices:
        groups[choice.layout_id].append(choice)
    taken: dict[int, Box] = {}
    for group in groups.values():
        taken.update(_agree_in_layout(group, side))
    return taken


def _majority_side(choices: Sequence[Choice]) -> int:
    """1 where most of the slides would have their picture on the right, -1 on the left, 0 where neither."""
    votes = sum(_side_of(choice.best[0].box, choice.scene) for choice in choices)
    return (votes > 0) - (votes < 0)


def _side_of(box: Box, scene: Scene) -> int:
    """1 for a box that stands on the right, -1 on the left, 0 for one in the middle."""
    off_middle = box.left_emu + box.right_emu - scene.width_emu
    return (off_middle > 0) - (off_middle < 0) if 10 * abs(off_middle) > scene.width_emu else 0


def _lost_by_side(box: Box, scene: Scene, side: int) -> float:
    return _OTHER_SIDE if side and _side_of(box, scene) == -side else 0.0


def _agree_in_layout(group: Sequence[Choice], side: int) -> Iterator[tuple[int, Box]]:
    """The slot that serves most slides well is given to them, then the next to those that are left."""
    left = list(group)
    for _ in range(_MOST_SORTS):
        found = _most_serving(left, side)
        if found is None:
            break
        box, served = found
        common_box = _refined(box, [choice for choice in left if choice.slide_number in served], side)
        yield from ((number, common_box) for number in served)
        left = [choice for choice in left if choice.slide_number not in served]
    yield from ((choice.slide_number, _best_alone(choice, side)) for choice in left)


def _most_serving(group: Sequence[Choice], side: int) -> tuple[Box, set[int]] | None:
    """The rectangle that is best for those it serves well, all told, and their numbers; None if it is one slide's."""
    best: tuple[tuple[float, ...], Box, set[int]] | None = None
    for box in _proposals(group):
        shares = {choice.slide_number: _share(box, choice, side) for choice in group}
        served = {number for number, share in shares.items() if share >= _GOOD_SHARE}
        worth = sum(shares[number] for number in served)
        key = rank(Scored(worth, box), group[0].scene)
        if len(served) > 1 and (best is None or key < best[0]):
            best = key, box, served
    return best[1:] if best else None


def _refined(box: Box, served: Sequence[Choice], side: int) -> Box:
    """The rectangle that is best of all in what is free around `box` on every slide it serves."""
    around = box
    for number, choice in enumerate(served):
        holding = [region for region in choice.regions if region.holds(box)]
        parts = holding if number == 0 else [part for region in holding if (part := common(region, around))]
        around = _roomiest(parts, choice.scene) or around
    scene = served[0].scene
    boxes = [one.box for one in best_of(placed_in(around, scene), scene, most=_REFINED)]
    worths = [Scored(sum(_share(one, choice, side) for choice in served), one) for one in (box, *boxes)]
    return min(worths, key=lambda one: rank(one, scene)).box


def _share(box: Box, choice: Choice, side: int) -> float:
    """How good `box` is for a slide, as a share of the best it could have; 0 where it does not fit."""
    best = choice.best[0]
    is_small = box.area_emu2 < _LARGE_SHARE * best.box.area_emu2
    if is_small or best.score <= 0 or not any(region.holds(box) for region in choice.regions):
        return 0.0
    return (score(box, choice.scene) - _lost_by_side(box, choice.scene, side)) / best.score


def _proposals(group: Sequence[Choice]) -> list[Box]:
    """Rectangles worth trying on all slides of a layout: what each thinks best, and what fits in what many share."""
    step = max(1, -(-len(group) // _MOST_PROPOSERS))
    proposers = group[::step]
    boxes = [choice.best[0].box for choice in proposers]
    for choice in proposers:
        shared = _shared_region(choice, group)
        boxes += [one.box for one in best_of(placed_in(shared, choice.scene), choice.scene)]
    return list(dict.fromkeys(boxes))


def _shared_region(first: Choice, group: Sequence[Choice]) -> Box:
    """The region around the best rectangle of `first`, made smaller for each other slide that still has much of it."""
    best = first.best[0].box
    shared = _roomiest((region for region in first.regions if region.holds(best)), first.scene) or best
    least = _SHARED_SHARE * usable_area(shared, MAX_RATIO)
    rooms = ((_room(part), choice) for choice in group if (part := _kept(shared, choice)))
    for _, choice in sorted(rooms, key=lambda one: -one[0]):
        kept = _kept(shared, choice)
        if kept is not None and _room(kept) >= least:
            shared = kept
    return shared


def _kept(region: Box, choice: Choice) -> Box | None:
    """The roomiest part of `region` that is free on a slide too."""
    parts = (part for other in choice.regions if (part := common(other, region)))
    return _roomiest(parts, choice.scene)


def _roomiest(boxes: Iterable[Box], scene: Scene) -> Box | None:
    return min(boxes, key=lambda box: rank(Scored(_room(box), box), scene), default=None)


def _room(box: Box) -> float:
    return usable_area(box, MAX_RATIO)


def _best_alone(choice: Choice, side: int) -> Box:
    """The best rectangle of one slide, where the deck's side has its say."""
    scene = choice.scene
    preferred = [Scored(one.score - _lost_by_side(one.box, scene, side), one.box) for one in choice.best]
    return min(preferred, key=lambda one: rank(one, scene)).box
