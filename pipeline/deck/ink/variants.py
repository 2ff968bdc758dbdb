"""The ways programs may set one text, which differ in fonts, line heights and shrinking, and the lines of all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pipeline.deck.ink.blocks import Block, Stripe, fitted, in_columns, set_text
from pipeline.deck.ink.paragraphs import Paragraph
from pipeline.deck.ink.text_bodies import TextBody
from pipeline.records import EMU_PER_POINT

WIDER = 0.03
"""Lines are taken so much wider: another machine may set them in the real font where this one has a substitute."""

_TALL_EM = 1.24
"""Fonts that state higher lines than this (Segoe UI) are set so by PowerPoint, but not by LibreOffice."""

_MOST_SPREAD = 72.0
"""A text that is not wrapped is kept clear of for an inch more at most, whichever way its box grows."""


def possible_stripes(
    paragraphs: Sequence[Paragraph], properties: TextBody, width: float, height: float
) -> list[Stripe]:
    """All lines, in points from the top left corner of the rectangle of `width` by `height` points they are set in.

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
        stripes = [stripe.moved(across, down) for stripe in dealt.stripes]
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
        wider = block(slack=WIDER)
        if [one.paragraph for one in wider.stripes] == [one.paragraph for one in first.stripes]:
            hulls = [one.joined(other) for one, other in zip(first.stripes, wider.stripes, strict=True)]
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
    return [stripe.widened(more) for stripe in stripes]


def _hulls(variants: Sequence[Sequence[Stripe]]) -> list[Stripe]:
    hulls: dict[int, Stripe] = {}
    for stripe in chain.from_iterable(variants):
        other = hulls.setdefault(stripe.paragraph, stripe)
        hulls[stripe.paragraph] = other.joined(stripe)
    return list(hulls.values())


def _anchored(block: Block, anchor: str, height: float) -> float:
    free = height - block.height
    return {"ctr": free / 2, "b": free}.get(anchor, 0.0)


def _centred(block: Block, width: float) -> float:
    if not block.stripes:
        return 0.0
    left, right = min(one.left for one in block.stripes), max(one.right for one in block.stripes)
    return (width - right - left) / 2
