"""Stacks the lines of a text: line spacing, space before and after, columns, shrinking to fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.deck.ink.clusters import ASCENT_EM, LINE_EM
from pipeline.deck.ink.paragraphs import Line, Paragraph, break_lines, measured
from pipeline.deck.ink.text_styles import (
    ParagraphStyle,
    Spacing,
    TextContext,
    level_of,
    with_list_style,
    with_paragraph,
)
from pipeline.deck.ooxml import Element, qualified

_PARAGRAPH, _LIST_STYLE, _PROPERTIES = map(qualified, ("a:p", "a:lstStyle", "a:pPr"))

_SMALLEST_SHARE = 0.25
_STEPS = 6
"""Halvings in the search for the size at which a text fits: to a hundredth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """One line's ink in points from the text's top left corner; `paragraph` counts from 0."""

    left: float
    top: float
    right: float
    bottom: float
    paragraph: int

    def moved(self, across: float, down: float) -> Stripe:
        """The stripe that far to the right and down."""
        return replace(
            self,
            left=self.left + across,
            right=self.right + across,
            top=self.top + down,
            bottom=self.bottom + down,
        )

    def widened(self, by: float) -> Stripe:
        """The stripe with so much more at both ends."""
        return replace(self, left=self.left - by, right=self.right + by)

    def joined(self, other: Stripe) -> Stripe:
        """The smallest stripe round both, of the same paragraph."""
        return replace(
            self,
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A text that has been set: the lines that show something, and the height of all of them in points."""

    stripes: Sequence[Stripe]
    height: float


def measured_text(body: Element, context: TextContext) -> list[Paragraph]:
    """The paragraphs of a `p:txBody` or `a:txBody`."""
    levels = with_list_style(context.levels, body.find(_LIST_STYLE))
    found = []
    for element in body.iterfind(_PARAGRAPH):
        properties = element.find(_PROPERTIES)
        style = with_paragraph(levels[level_of(properties)], properties)
        found.append(measured(element, style, context.fonts))
    return found


def set_text(
    paragraphs: Sequence[Paragraph],
    width: float,
    *,
    wraps: bool = True,
    share: float = 1.0,
    spacing_cut: float = 0.0,
    is_tall: bool = False,
    slack: float = 0.0,
) -> Block:
    """The text in one column `width` points wide, its letters at `share` of their size.

    `spacing_cut` is taken off line spacing and off the space between paragraphs (`lnSpcReduction`). `is_tall` gives
    lines the height their font states where that is more, `slack` breaks them as if letters were so much wider.
    """
    stripes: list[Stripe] = []
    y = 0.0
    for place, paragraph in enumerate(paragraphs):
        style = paragraph.style
        if share != 1.0:
            # Indents and stops keep their size while the letters shrink.
            style = _grown(style, 1 / share)
        size = paragraph.ascent / ASCENT_EM
        if place:
            y += _distance(style.before, size) * (1 - spacing_cut)
        stretch = max(paragraph.line_em / LINE_EM, 1.0) if is_tall else 1.0
        for line in break_lines(replace(paragraph, style=style), width / share, wraps=wraps, slack=slack):
            top, bottom, y = _placed(line, style.line, spacing_cut, stretch, y)
            if line.right > line.left:
                stripes.append(Stripe(left=line.left, top=top, right=line.right, bottom=bottom, paragraph=place))
        y += _distance(style.after, size) * (1 - spacing_cut)
    block = Block(stripes=stripes, height=y)
    return block if share == 1.0 else _scaled(block, share)


def fitted(paragraphs: Sequence[Paragraph], width: float, height: float) -> Block:
    """The text at the largest size at which it is no higher than `height`; empty paragraphs at its end do not count."""
    while paragraphs and not paragraphs[-1].clusters:
        paragraphs = paragraphs[:-1]
    block = set_text(paragraphs, width)
    if block.height <= height:
        return block
    low, high = _SMALLEST_SHARE, 1.0
    best = set_text(paragraphs, width, share=low)
    for _ in range(_STEPS):
        share = (low + high) / 2
        block = set_text(paragraphs, width, share=share)
        if block.height <= height:
            low, best = share, block
        else:
            high = share
    return best


def in_columns(block: Block, height: float, columns: int, pitch: float) -> Block:
    """One column's lines dealt to several, each `height` points high, their left edges `pitch` points apart."""
    if columns == 1 or block.height <= height:
        return block
    dealt: list[Stripe] = []
    column, start = 0, 0.0
    for stripe in block.stripes:
        if stripe.bottom - start > height and column < columns - 1 and stripe.top > start:
            column, start = column + 1, stripe.top
        dealt.append(stripe.moved(column * pitch, -start))
    return Block(stripes=dealt, height=max(stripe.bottom for stripe in dealt))


def _placed(line: Line, spacing: Spacing, cut: float, stretch: float, y: float) -> tuple[float, float, float]:
    """Top and bottom of a line's letters, and where the next line begins."""
    natural = line.ascent + line.descent
    height = natural * stretch * (spacing.value - cut) if spacing.is_share else spacing.value
    bottom = y + height
    return bottom - natural, bottom, bottom


def _distance(spacing: Spacing, size: float) -> float:
    return spacing.value * size if spacing.is_share else spacing.value


def _grown(style: ParagraphStyle, factor: float) -> ParagraphStyle:
    return replace(
        style,
        left_emu=round(style.left_emu * factor),
        right_emu=round(style.right_emu * factor),
        indent_emu=round(style.indent_emu * factor),
        tab_size_emu=round(style.tab_size_emu * factor),
        tabs=tuple(round(place * factor) for place in style.tabs),
    )


def _scaled(block: Block, share: float) -> Block:
    stripes = [
        Stripe(
            left=one.left * share,
            top=one.top * share,
            right=one.right * share,
            bottom=one.bottom * share,
            paragraph=one.paragraph,
        )
        for one in block.stripes
    ]
    return Block(stripes=stripes, height=block.height * share)
