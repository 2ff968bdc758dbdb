"""The tails of callouts, which leave the frame: where a speech bubble points, where a label's line leads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.curves import Point
from pipeline.deck.ink.effects import grown
from pipeline.deck.ink.outlines import along, bounds
from pipeline.deck.ink.presets import adjustments, rectangle
from pipeline.deck.ooxml import Element
from pipeline.records import Box

_BUBBLES = frozenset({"wedgeRectCallout", "wedgeRoundRectCallout", "wedgeEllipseCallout", "cloudCallout"})
_BUBBLE_TIP = (-0.20833, 0.62500)
"""Where a bubble points: shares of its size from its centre (`adj1`, `adj2` in presetShapeDefinitions.xml)."""

_BUBBLE_STEPS = 8
_LAST_PUFF = 1 / 12
"""The last circle of a cloud's tail has this share of the shorter side for its radius."""

_LINES: Mapping[str, Sequence[float]] = {
    "1": (0.1875, -0.08333, 1.125, -0.38333),
    "2": (0.1875, -0.08333, 0.1875, -0.16667, 1.125, -0.46667),
    "3": (0.1875, -0.08333, 0.1875, -0.16667, 1.0, -0.16667, 1.12963, -0.08333),
}
"""A label's line of one to three pieces: down and across in turn, shares of its size from its top left corner."""

_LABELS = frozenset({"borderCallout", "callout", "accentCallout", "accentBorderCallout"})


def tails(geometry: Element | None, frame: Frame, parent: Transform, half_width_emu: int) -> Iterator[Box]:
    """Boxes over what a callout draws outside its frame, in slide EMU; none for a shape that is no callout.

    `geometry` is its `a:prstGeom`, `half_width_emu` half the width of its line.
    """
    name = "" if geometry is None else geometry.get("prst", "")
    if geometry is None or not (name in _BUBBLES or name[:-1] in _LABELS):
        return
    found, to_slide = adjustments(geometry), parent.after(frame.turn)
    if name in _BUBBLES:
        rows = [[to_slide.apply(x, y) for x, y in row] for row in _narrowing(frame, found, is_cloud="cloud" in name)]
        for one, other in pairwise(rows):
            yield grown(bounds([one, other]), half_width_emu)
    else:
        rows = [[to_slide.apply(x, y) for x, y in row] for row in _label_lines(frame, found, _LINES[name[-1]])]
        yield from along(rows, half_width_emu)


def _narrowing(frame: Frame, found: Mapping[str, float], *, is_cloud: bool) -> Iterator[list[Point]]:
    """Rectangles from the bubble itself to its tip: wherever the tail leaves the bubble, it lies between them."""
    tip_x, tip_y = found.get("adj1", _BUBBLE_TIP[0]) * frame.width, found.get("adj2", _BUBBLE_TIP[1]) * frame.height
    last = _LAST_PUFF * min(frame.width, frame.height) if is_cloud else 0.0
    for step in range(_BUBBLE_STEPS + 1):
        share = step / _BUBBLE_STEPS
        x, y = frame.left + frame.width / 2 + share * tip_x, frame.top + frame.height / 2 + share * tip_y
        across, down = (max((1 - share) * side / 2, last) for side in (frame.width, frame.height))
        yield rectangle(x - across, y - down, x + across, y + down)


def _label_lines(frame: Frame, found: Mapping[str, float], defaults: Sequence[float]) -> Iterator[list[Point]]:
    """The line to what the label names, and the accent bar beside the label."""
    shares = [found.get(f"adj{number}", default) for number, default in enumerate(defaults, start=1)]
    across = [frame.left + share * frame.width for share in shares[1::2]]
    down = [frame.top + share * frame.height for share in shares[::2]]
    yield list(zip(across, down, strict=True))
    yield [(across[0], frame.top), (across[0], frame.top + frame.height)]
