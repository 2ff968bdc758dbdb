"""Where the text of a shape shows: a rectangle for each line in slide EMU, from font metrics, without rendering."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.blocks import Stripe, measured_text, set_text
from pipeline.deck.ink.paragraphs import Paragraph, fits_words
from pipeline.deck.ink.text_bodies import TextBody, read_text_body
from pipeline.deck.ink.text_rectangles import Rectangle, text_rectangle
from pipeline.deck.ink.text_styles import TextContext
from pipeline.deck.ink.variants import WIDER, possible_stripes
from pipeline.deck.ooxml import Element, qualified
from pipeline.records import EMU_PER_POINT, Box

_BODY = qualified("p:txBody")

_STACKED = 3.0
"""A letter is 1.2 em high where letters are stacked, and some 0.4 em wide at least where they are not."""

_ALIKE_EMU = 228_600
"""Neighbouring lines whose ends differ by less than a quarter inch are one box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """The shape as its text sees it: upright, its size in points, and the way back to the slide."""

    width: float
    height: float
    to_slide: Transform


def text_ink(element: Element, frame: Frame, parent: Transform, context: TextContext) -> tuple[Box, ...]:
    """Boxes over the lines of the text in `element`, in slide EMU; none for a text that shows nothing.

    `element` is a `p:sp` (or has a `p:txBody` as one has), `frame` its geometry, `parent` the transform from its
    group to the slide. Lines may reach beyond the frame: text that does not fit is not clipped.
    """
    body = element.find(_BODY)
    if body is None:
        return ()
    paragraphs = measured_text(body, context)
    if not any(paragraph.clusters for paragraph in paragraphs):
        return ()
    properties = read_text_body(body, context.bodies)
    room = _room(frame, parent)
    area = text_rectangle(element, room.width, room.height)
    if properties.is_shaped:
        more = max(_stacked_height(paragraphs) - room.height, 0.0) if properties.is_stacked else 0.0
        box = Stripe(left=0.0, top=-more / 2, right=room.width, bottom=room.height + more, paragraph=0)
        return (_on_slide(box, room.to_slide),)
    turn = _turn(properties, frame)
    left, top, right, bottom = _inner(area, properties, turn)
    width, height = right - left, bottom - top
    stripes = possible_stripes(paragraphs, properties, width, height)
    if turn:
        stripes = [_full_length(stripe, width) for stripe in stripes]
    turned = Transform(dx=left + width / 2, dy=top + height / 2).after(_rotation(turn))
    to_slide = room.to_slide.after(turned).after(Transform(dx=-width / 2, dy=-height / 2))
    return tuple(_on_slide(stripe, to_slide) for stripe in _merged(stripes))


def needed_height_emu(element: Element, frame: Frame, context: TextContext, *, width_emu: int) -> int | None:
    """How high a shape must be for its text to fit at its present size, were it `width_emu` wide; insets included.

    The present size is what the file states: `fontScale` counts. `frame` is the shape's own, upright and in no group.
    None for a text that would not be set anew in another width: turned, shaped, in columns, not wrapped, or with a word
    that is wider than the new line.
    """
    body = element.find(_BODY)
    if body is None:
        return 0
    properties = read_text_body(body, context.bodies)
    turn = _turn(properties, frame)
    if properties.is_shaped or turn or not properties.wraps or properties.columns > 1:
        return None
    height = frame.height / EMU_PER_POINT
    area = text_rectangle(element, width_emu / EMU_PER_POINT, height)
    left, top, right, bottom = _inner(area, properties, turn)
    paragraphs = measured_text(body, context)
    # The allowance for another font, on the safe side.
    column = (right - left) / (1 + WIDER)
    if any(not fits_words(paragraph, column, share=properties.font_share) for paragraph in paragraphs):
        return None
    block = set_text(paragraphs, column, share=properties.font_share, spacing_cut=properties.spacing_cut)
    return math.ceil((block.height + height - (bottom - top)) * EMU_PER_POINT)


def _room(frame: Frame, parent: Transform) -> _Room:
    """Groups scale a shape, not its letters; text is never mirrored, it only turns with its shape's down side."""
    placed = parent.after(frame.turn)
    width = frame.width * math.hypot(placed.xx, placed.yx) / EMU_PER_POINT
    height = frame.height * math.hypot(placed.xy, placed.yy) / EMU_PER_POINT
    x, y = placed.apply(frame.left + frame.width / 2, frame.top + frame.height / 2)
    angle = math.atan2(-placed.xy, placed.yy)
    cos, sin = math.cos(angle) * EMU_PER_POINT, math.sin(angle) * EMU_PER_POINT
    spin = Transform(xx=cos, xy=-sin, dx=x, yx=sin, yy=cos, dy=y)
    return _Room(width=width, height=height, to_slide=spin.after(Transform(dx=-width / 2, dy=-height / 2)))


def _turn(properties: TextBody, frame: Frame) -> float:
    return properties.turn_deg - (frame.rotation_deg if properties.is_upright else 0.0)


def _inner(area: Rectangle, properties: TextBody, turn: float) -> Rectangle:
    """The rectangle the lines are set in, upright as the text reads it."""
    insets = [inset / EMU_PER_POINT for inset in properties.insets_emu]
    left, top, right, bottom = area[0] + insets[0], area[1] + insets[1], area[2] - insets[2], area[3] - insets[3]
    if round(turn / 90) % 2:
        x, y, width, height = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        return x - height / 2, y - width / 2, x + height / 2, y + width / 2
    return left, top, right, bottom


def _stacked_height(paragraphs: Sequence[Paragraph]) -> float:
    """Upright letters of the longest paragraph one below the other."""
    widths = (sum(one.width + one.space for one in paragraph.clusters) for paragraph in paragraphs)
    return _STACKED * max(widths)


def _full_length(one: Stripe, width: float) -> Stripe:
    """Programs differ in how they align turned text along its lines."""
    return replace(one, left=min(one.left, 0.0), right=max(one.right, width))


def _rotation(angle_deg: float) -> Transform:
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    return Transform(xx=cos, xy=-sin, yx=sin, yy=cos)


def _merged(stripes: Sequence[Stripe]) -> list[Stripe]:
    """Neighbouring lines that begin and end nearly alike as one."""
    alike = _ALIKE_EMU / EMU_PER_POINT
    merged: list[Stripe] = []
    for line in stripes:
        stripe = line.widened((line.right - line.left) * WIDER / 2)
        last = merged[-1] if merged else None
        if (
            last is not None
            and abs(last.left - stripe.left) < alike
            and abs(last.right - stripe.right) < alike
            and -alike < stripe.top - last.bottom < alike
        ):
            merged[-1] = last.joined(stripe)
        else:
            merged.append(stripe)
    return merged


def _on_slide(stripe: Stripe, to_slide: Transform) -> Box:
    corners = [to_slide.apply(x, y) for x in (stripe.left, stripe.right) for y in (stripe.top, stripe.bottom)]
    left, top = math.floor(min(x for x, _ in corners)), math.floor(min(y for _, y in corners))
    return Box(
        left_emu=left,
        top_emu=top,
        width_emu=math.ceil(max(x for x, _ in corners)) - left,
        height_emu=math.ceil(max(y for _, y in corners)) - top,
    )
