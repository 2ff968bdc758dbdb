"""Breaks a paragraph into lines of a given width: word wrap, tabs, indents, bullets, alignment. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.deck.ink.clusters import ASCENT_EM, Cluster, Kind, clusters, face_for, first_style, line_extents, measure
from pipeline.deck.ink.text_styles import ParagraphStyle, RunStyle
from pipeline.deck.ink.theme_fonts import LATIN, ThemeFonts
from pipeline.deck.ooxml import Element
from pipeline.records import EMU_PER_POINT

_LATIN_BULLET = "•"
_LETTER_EM = 0.6
_PRIVATE_USE = "\ue000", "\uf8ff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph measured, not yet broken. Lengths in points; `bullet` is its bullet's width, 0 for none.

    `ascent` and `descent` are those of its first letters, `line_em` the line height their font states,
    which is the typeface's own where `is_faithful`.
    """

    style: ParagraphStyle
    clusters: Sequence[Cluster]
    bullet: float
    ascent: float
    descent: float
    line_em: float
    is_faithful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in points: where its ink begins and ends from the text's left edge, and its letters' extents.

    `left` equals `right` where it shows nothing.
    """

    left: float
    right: float
    ascent: float
    descent: float


def measured(paragraph: Element, style: ParagraphStyle, fonts: ThemeFonts) -> Paragraph:
    """The pieces of a paragraph that is set in `style`."""
    found = clusters(paragraph, style.run, fonts)
    first = first_style(paragraph, style.run)
    ascent, descent = line_extents(first)
    face = face_for(fonts, first, LATIN)
    return Paragraph(
        style=style,
        clusters=found,
        bullet=_bullet_width(style, found, fonts),
        ascent=ascent,
        descent=descent,
        line_em=face.line_em,
        is_faithful=face.is_faithful,
    )


def break_lines(paragraph: Paragraph, width: float, *, wraps: bool, slack: float = 0.0) -> Iterator[Line]:
    """The lines of a paragraph in a column `width` points wide, top to bottom.

    `slack` is how much wider letters are taken to be where lines are broken. Where it does not wrap, lines are as long
    as they come and stand about the column as they are aligned.
    """
    style = paragraph.style
    left, indent = style.left_emu / EMU_PER_POINT, style.indent_emu / EMU_PER_POINT
    limit = width - style.right_emu / EMU_PER_POINT
    start = max(left + indent, 0.0)
    text_start = max(left, start + paragraph.bullet) if paragraph.bullet else start
    rows = list(_rows(paragraph, text_start, left, limit / (1 + slack) if wraps else float("inf")))
    for place, row in enumerate(rows):
        margin = start if place == 0 else left
        begin = start if place == 0 and paragraph.bullet else row.begin
        yield _aligned(row, begin, margin, limit, style, is_last=place == len(rows) - 1 or row.is_broken, width=width)


def fits_words(paragraph: Paragraph, width: float, *, share: float) -> bool:
    """True where no word has to be cut to fit a column `width` points wide, its letters at `share` of their size."""
    room = width - (max(paragraph.style.left_emu, 0) + paragraph.style.right_emu) / EMU_PER_POINT
    return all(cluster.width * share <= room for cluster in paragraph.clusters)


@dataclass(slots=True, kw_only=True)
class _Row:
    """A line being filled. `is_broken` where a line break ends it."""

    begin: float
    end: float
    ascent: float = 0.0
    descent: float = 0.0
    is_broken: bool = False
    is_empty: bool = True


def _rows(paragraph: Paragraph, first: float, rest: float, limit: float) -> Iterator[_Row]:
    row = _Row(begin=first, end=first)
    x = first
    for piece in paragraph.clusters:
        cluster = piece
        if cluster.kind is Kind.BREAK:
            row.is_broken = True
            yield _grown(row, cluster)
            row, x = _Row(begin=rest, end=rest), rest
            continue
        if cluster.kind is Kind.TAB:
            x = _next_tab(paragraph.style, x)
            _grown(row, cluster)
            continue
        if x + cluster.width > limit and not row.is_empty:
            yield row
            row, x = _Row(begin=rest, end=rest), rest
        while x + cluster.width > limit and cluster.width > limit - x > 0:
            # A word longer than the line goes on in the next.
            yield _grown(_Row(begin=x, end=limit, is_empty=False), cluster)
            cluster = _shortened(cluster, _filled(limit - x, cluster))
            row, x = _Row(begin=rest, end=rest), rest
            if limit - rest <= 0:
                break
        if cluster.width:
            row.end, row.is_empty = x + cluster.width, False
        x += cluster.width + cluster.space
        _grown(row, cluster)
    if not row.ascent:
        row.ascent, row.descent = paragraph.ascent, paragraph.descent
    yield row


def _grown(row: _Row, cluster: Cluster) -> _Row:
    row.ascent, row.descent = max(row.ascent, cluster.ascent), max(row.descent, cluster.descent)
    return row


def _filled(room: float, cluster: Cluster) -> float:
    """How much of a cut word a line takes: what is left of it is less than a letter, but it holds one at least."""
    letter = _LETTER_EM * cluster.ascent / ASCENT_EM
    return max(room - letter, min(room, letter))


def _shortened(cluster: Cluster, width: float) -> Cluster:
    return Cluster(width=cluster.width - width, space=cluster.space, ascent=cluster.ascent, descent=cluster.descent)


def _next_tab(style: ParagraphStyle, x: float) -> float:
    stops = (place / EMU_PER_POINT for place in style.tabs)
    stated = next((stop for stop in stops if stop > x), None)
    if stated is not None:
        return stated
    left, size = style.left_emu / EMU_PER_POINT, style.tab_size_emu / EMU_PER_POINT
    return left if x < left else (x // size + 1) * size


def _aligned(
    row: _Row, begin: float, margin: float, limit: float, style: ParagraphStyle, *, is_last: bool, width: float
) -> Line:
    left, right = begin, row.end
    if row.is_empty:
        right = left
    alignment = {"l": "r", "r": "l"}.get(style.alignment, style.alignment) if style.is_rtl else style.alignment
    free = limit - max(row.end, margin)
    if alignment == "ctr":
        left, right = left + free / 2, right + free / 2
    elif alignment == "r":
        left, right = left + free, right + free
    elif not row.is_empty and (alignment == "dist" or (alignment.startswith("just") and not is_last)):
        right = max(right, limit)
    if style.is_rtl:
        left, right = width - right, width - left
    return Line(left=left, right=right, ascent=row.ascent, descent=row.descent)


def _bullet_width(style: ParagraphStyle, found: Sequence[Cluster], fonts: ThemeFonts) -> float:
    """Symbol fonts keep their bullets in a private range; a common bullet stands for them."""
    bullet = style.bullet
    if not bullet.text or not any(cluster.width for cluster in found):
        return 0.0
    text = _LATIN_BULLET if _PRIVATE_USE[0] <= bullet.text[0] <= _PRIVATE_USE[1] else bullet.text
    size = bullet.size_pt or bullet.size_share * found[0].ascent / ASCENT_EM
    return measure(text, RunStyle(latin=bullet.font or style.run.latin, size_pt=size), fonts)
