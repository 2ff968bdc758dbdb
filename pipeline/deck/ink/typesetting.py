"""Where the text of a shape shows: a rectangle for each line in slide EMU, from font metrics, without rendering."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pipeline.deck.geometry import Frame, Transform
from pipeline.deck.ink.blocks import Block, Stripe, fitted, in_columns, measured_text, set_text
from pipeline.deck.ink.paragraphs import EMU_PER_POINT, Paragraph, fits_words
from pipeline.deck.ink.text_bodies import TextBody, read_text_body
from pipeline.deck.ink.text_rectangles import Rectangle, text_rectangle
from pipeline.deck.ink.text_styles import TextContext
from pipeline.deck.ooxml import Element, qualified
from pipeline.records import Box

_BODY, _BODY_PROPERTIES = qualified("p:txBody"), qualified("a:bodyPr")

_WIDER = 0.03
"""Lines are taken so much wider: another machine may set them in the real font where this one has a substitute."""

_TALL_EM = 1.24
"""Fonts that state higher lines than this (Segoe UI) are set so by PowerPoint, but not by LibreOffice."""

_MOST_SPREAD = 72.0
"""A text that is not wrapped is kept clear of for an inch more at most, whichever way its box grows."""

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
    properties = read_text_body(_properties(body, context))
    room = _room(frame, parent)
    area = text_rectangle(element, room.width, room.height)
    if properties.is_shaped:
        more = max(_stacked_height(paragraphs) - room.height, 0.0) if properties.is_stacked else 0.0
        box = Stripe(left=0.0, top=-more / 2, right=room.width, bottom=room.height + more, paragraph=0)
        return (_on_slide(box, room.to_slide),)
    turn = _turn(properties, frame)
    left, top, right, bottom = _inner(area, properties, turn)
    width, height = right - left, bottom - top
    stripes = _stripes(paragraphs, properties, width, height)
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
    properties = read_text_body(_properties(body, context))
    turn = _turn(properties, frame)
    if properties.is_shaped or turn or not properties.wraps or properties.columns > 1:
        return None
    height = frame.height / EMU_PER_POINT
    area = text_rectangle(element, width_emu / EMU_PER_POINT, height)
    left, top, right, bottom = _inner(area, properties, turn)
    paragraphs = measured_text(body, context)
    # The allowance for another font, on the safe side.
    column = (right - left) / (1 + _WIDER)
    if any(not fits_words(paragraph, column, share=properties.font_share) for paragraph in paragraphs):
        return None
    block = set_text(paragraphs, column, share=properties.font_share, spacing_cut=properties.spacing_cut)
    return math.ceil((block.height + height - (bottom - top)) * EMU_PER_POINT)


def _properties(body: Element, context: TextContext) -> list[Element]:
    own = body.find(_BODY_PROPERTIES)
    return [*([] if own is None else [own]), *context.bodies]


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


def _stripes(paragraphs: Sequence[Paragraph], properties: TextBody, width: float, height: float) -> list[Stripe]:
    """All lines, from the top left corner of the rectangle they are set in.

    Where the ways a program may set the text differ by more than a line, each paragraph is one stripe round all of
    them: what is really seen may lie between.
    """
    width = max(width, 1.0)
    gap = properties.column_gap_emu / EMU_PER_POINT
    column = max((width - gap * (properties.columns - 1)) / properties.columns, 1.0)
    found: list[list[Stripe]] = []
    for block in _variants(paragraphs, properties, column, height):
        dealt = in_columns(block, height, properties.columns, column + gap)
        down = _anchored(dealt, properties.anchor, height)
        across = _centred(dealt, width) if properties.is_centred else 0.0
        stripes = [_moved(stripe, across, down) for stripe in dealt.stripes]
        found.append(stripes if properties.wraps else _spread(stripes, width))
    if len(found) > 1 and (properties.shrinks or max(map(len, found)) - min(map(len, found)) > 1):
        return _hulls(found)
    return list(chain.from_iterable(found))


def _variants(paragraphs: Sequence[Paragraph], properties: TextBody, column: float, height: float) -> list[Block]:
    """The text as it stands, then as other fonts, line heights or a shrink computed anew would set it."""

    def block(*, is_tall: bool = False, slack: float = 0.0) -> Block:
        return set_text(
            paragraphs,
            column,
            wraps=properties.wraps,
            share=properties.font_share,
            spacing_cut=properties.spacing_cut,
            is_tall=is_tall,
            slack=slack,
        )

    first = block()
    found = [first]
    if properties.wraps:
        wider = block(slack=_WIDER)
        if [one.paragraph for one in wider.stripes] == [one.paragraph for one in first.stripes]:
            hulls = [_hull(*pair) for pair in zip(first.stripes, wider.stripes, strict=True)]
            found = [Block(stripes=hulls, height=first.height)]
        else:
            found.append(wider)
    is_tall = any(paragraph.is_faithful and paragraph.line_em > _TALL_EM for paragraph in paragraphs)
    if is_tall and len(first.stripes) > 1:
        found.append(block(is_tall=True))
    is_shrunk = properties.font_share < 1 or properties.spacing_cut > 0
    if properties.shrinks and (is_shrunk or first.height > height):
        found.append(fitted(paragraphs, column, height))
    return found


def _spread(stripes: Sequence[Stripe], width: float) -> list[Stripe]:
    """Programs differ in which way a box grows whose text is wider than it and not wrapped."""
    widest = max((stripe.right - stripe.left for stripe in stripes), default=0.0)
    more = min(max(widest - width, 0.0), _MOST_SPREAD)
    return [replace(stripe, left=stripe.left - more, right=stripe.right + more) for stripe in stripes]


def _hulls(variants: Sequence[Sequence[Stripe]]) -> list[Stripe]:
    hulls: dict[int, Stripe] = {}
    for stripe in chain.from_iterable(variants):
        other = hulls.setdefault(stripe.paragraph, stripe)
        hulls[stripe.paragraph] = _hull(other, stripe)
    return list(hulls.values())


def _hull(one: Stripe, other: Stripe) -> Stripe:
    return replace(
        one,
        left=min(one.left, other.left),
        top=min(one.top, other.top),
        right=max(one.right, other.right),
        bottom=max(one.bottom, other.bottom),
    )


def _anchored(block: Block, anchor: str, height: float) -> float:
    free = height - block.height
    return {"ctr": free / 2, "b": free}.get(anchor, 0.0)


def _centred(block: Block, width: float) -> float:
    if not block.stripes:
        return 0.0
    left, right = min(one.left for one in block.stripes), max(one.right for one in block.stripes)
    return (width - right - left) / 2


def _moved(one: Stripe, across: float, down: float) -> Stripe:
    return replace(one, left=one.left + across, right=one.right + across, top=one.top + down, bottom=one.bottom + down)


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
        wider = (line.right - line.left) * _WIDER / 2
        stripe = replace(line, left=line.left - wider, right=line.right + wider)
        last = merged[-1] if merged else None
        if (
            last is not None
            and abs(last.left - stripe.left) < alike
            and abs(last.right - stripe.right) < alike
            and -alike < stripe.top - last.bottom < alike
        ):
            merged[-1] = _hull(last, stripe)
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
