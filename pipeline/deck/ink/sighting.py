"""A look at new pictures in a render: what they cover, whether they show, whether anything else changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.deck.ink.pixels import Mask, differs, ground_of, page_of
from pipeline.deck.ink.rendered import Renders
from pipeline.deck.rendering import DPI, Pages
from pipeline.errors import UsageError
from pipeline.records import EMU_PER_INCH, Box

_EDGE_EMU = 2 * EMU_PER_INCH // DPI
"""A picture's edge is drawn between pixels and touches those beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What renders before and after tell of a slide's new pictures; all are shares from 0 to 1.

    `over_shapes` and `over_design` hold for each picture the share of its rectangle that lay on ink, `shown` the share
    that differs. `elsewhere` is the share of the page outside the pictures that differs: 0 where nothing else changed.
    """

    over_shapes: tuple[float, ...]
    over_design: tuple[float, ...]
    shown: tuple[float, ...]
    elsewhere: float


def look_at_pictures(
    renders: Renders, after: Pages, slide_number: int, boxes: Sequence[Box], *, around_emu: int = 0
) -> Sighting:
    """Compare a slide before and after it got pictures in `boxes`.

    `around_emu` is how far beyond its box a picture may show, as its shadow or outline does. A cover, which lies behind
    everything, is over ink by its nature: ask for `shown` alone. Raises UsageError where `after` lacks the page.
    """
    index = slide_number - 1
    if index >= len(after):
        raise UsageError(f"LibreOffice renders {len(after)} slides of the finished deck, not slide {slide_number}")
    whole, bare = page_of(renders.whole[index]), page_of(renders.bare[index])
    changed = differs(whole, page_of(after[index]))
    elsewhere = np.ones_like(changed)
    for box in boxes:
        elsewhere[_pixels(box, changed, around_emu + _EDGE_EMU)] = False
    of_shapes, of_design = differs(whole, bare), differs(bare, ground_of(bare))
    return Sighting(
        over_shapes=tuple(_share(of_shapes, box) for box in boxes),
        over_design=tuple(_share(of_design, box) for box in boxes),
        shown=tuple(_share(changed, box) for box in boxes),
        elsewhere=float((changed & elsewhere).sum()) / max(1, int(elsewhere.sum())),
    )


def _pixels(box: Box, page: Mask, around_emu: int = 0) -> tuple[slice, slice]:
    """The rows and columns of the page that `box`, grown on all sides, covers."""
    left, right = box.left_emu - around_emu, box.right_emu + around_emu
    top, bottom = box.top_emu - around_emu, box.bottom_emu + around_emu
    height, width = page.shape

    def place(emu: int, most: int) -> int:
        return min(most, max(0, round(emu * DPI / EMU_PER_INCH)))

    return slice(place(top, height), place(bottom, height)), slice(place(left, width), place(right, width))


def _share(mask: Mask, box: Box) -> float:
    part = mask[_pixels(box, mask)]
    return float(part.mean()) if part.size else 0.0
