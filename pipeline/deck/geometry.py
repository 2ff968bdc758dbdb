"""Where a shape lies on its slide: offsets, extents, rotations and the transforms of nested groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.deck.ooxml import Element, flag, integer, qualified
from pipeline.records import Box

_OFFSET, _EXTENT = qualified("a:off"), qualified("a:ext")
_CHILD_OFFSET, _CHILD_EXTENT = qualified("a:chOff"), qualified("a:chExt")

_UNITS_PER_DEGREE = 60_000
"""`ST_Angle` counts sixty-thousandths of a degree, clockwise (ECMA-376 part 1, 20.1.10.3)."""

_NEXT_TO_NOTHING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """An affine map of the plane: x' = xx*x + xy*y + dx, y' = yx*x + yy*y + dy."""

    xx: float = 1.0
    xy: float = 0.0
    dx: float = 0.0
    yx: float = 0.0
    yy: float = 1.0
    dy: float = 0.0

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.xx * x + self.xy * y + self.dx, self.yx * x + self.yy * y + self.dy

    @property
    def is_level(self) -> bool:
        """True where nothing is turned or slanted: rectangles stay rectangles, though they may be mirrored."""
        return abs(self.xy) < _NEXT_TO_NOTHING and abs(self.yx) < _NEXT_TO_NOTHING

    def after(self, inner: Transform) -> Transform:
        """The map that does `inner` first and then this one."""
        dx, dy = self.apply(inner.dx, inner.dy)
        return Transform(
            xx=self.xx * inner.xx + self.xy * inner.yx,
            xy=self.xx * inner.xy + self.xy * inner.yy,
            dx=dx,
            yx=self.yx * inner.xx + self.yy * inner.yx,
            yy=self.yx * inner.xy + self.yy * inner.yy,
            dy=dy,
        )


SLIDE = Transform()
"""The slide's own coordinates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What `a:xfrm` says: an upright rectangle in the parent's coordinates, in EMU, and how it is turned."""

    left: int
    top: int
    width: int
    height: int
    rotation_deg: float
    is_mirrored_h: bool
    is_mirrored_v: bool

    @property
    def turn(self) -> Transform:
        """Mirroring and rotation about the rectangle's centre, in that order."""
        angle = math.radians(self.rotation_deg)
        cos, sin = math.cos(angle), math.sin(angle)
        across = -1.0 if self.is_mirrored_h else 1.0
        down = -1.0 if self.is_mirrored_v else 1.0
        x, y = self.left + self.width / 2, self.top + self.height / 2
        spin = Transform(xx=cos * across, xy=-sin * down, yx=sin * across, yy=cos * down)
        back_x, back_y = spin.apply(-x, -y)
        return Transform(xx=spin.xx, xy=spin.xy, dx=x + back_x, yx=spin.yx, yy=spin.yy, dy=y + back_y)


def read_frame(xfrm: Element | None) -> Frame | None:
    """The frame in an `xfrm` element; None where offset or extent is missing. Negative extents count as zero."""
    if xfrm is None:
        return None
    offset, extent = xfrm.find(_OFFSET), xfrm.find(_EXTENT)
    left, top = integer(offset, "x"), integer(offset, "y")
    width, height = integer(extent, "cx"), integer(extent, "cy")
    if left is None or top is None or width is None or height is None:
        return None
    return Frame(
        left=left,
        top=top,
        width=max(width, 0),
        height=max(height, 0),
        rotation_deg=(integer(xfrm, "rot") or 0) / _UNITS_PER_DEGREE,
        is_mirrored_h=flag(xfrm, "flipH", default=False),
        is_mirrored_v=flag(xfrm, "flipV", default=False),
    )


def bounding_box(frame: Frame, parent: Transform) -> Box:
    """The upright rectangle round a frame once it is turned and its groups have placed it on the slide."""
    to_slide = parent.after(frame.turn)
    right, bottom = frame.left + frame.width, frame.top + frame.height
    corners = [to_slide.apply(x, y) for x in (frame.left, right) for y in (frame.top, bottom)]
    left, top = round(min(x for x, _ in corners)), round(min(y for _, y in corners))
    return Box(
        left_emu=left,
        top_emu=top,
        width_emu=round(max(x for x, _ in corners)) - left,
        height_emu=round(max(y for _, y in corners)) - top,
    )


def upright_box(frame: Frame, parent: Transform) -> Box:
    """The rectangle a frame would have on the slide if nothing turned it: the same centre, the same sides."""
    to_slide = parent.after(frame.turn)
    centre_x, centre_y = to_slide.apply(frame.left + frame.width / 2, frame.top + frame.height / 2)
    width = round(math.hypot(to_slide.xx, to_slide.yx) * frame.width)
    height = round(math.hypot(to_slide.xy, to_slide.yy) * frame.height)
    left, top = round(centre_x - width / 2), round(centre_y - height / 2)
    return Box(left_emu=left, top_emu=top, width_emu=width, height_emu=height)


def group_transform(xfrm: Element | None, parent: Transform) -> Transform:
    """From the coordinates of a group's members to the slide's.

    A group maps its child rectangle (`chOff`, `chExt`) onto its own (`off`, `ext`), then turns the whole
    (ECMA-376 part 1, 20.1.7.5).
    """
    frame = read_frame(xfrm)
    if xfrm is None or frame is None:
        return parent
    offset, extent = xfrm.find(_CHILD_OFFSET), xfrm.find(_CHILD_EXTENT)
    left, top = integer(offset, "x") or 0, integer(offset, "y") or 0
    # A child extent of zero is what a group of one straight line has; there is nothing to scale along that axis.
    across = frame.width / (integer(extent, "cx") or frame.width or 1)
    down = frame.height / (integer(extent, "cy") or frame.height or 1)
    fit = Transform(xx=across, dx=frame.left - left * across, yy=down, dy=frame.top - top * down)
    return parent.after(frame.turn).after(fit)
