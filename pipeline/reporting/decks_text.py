"""Many decks' report for people at a terminal: a line a deck, why it failed below it, the totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.outcomes import DeckOutcome, DecksReport
from pipeline.reporting.cells import counted, cut, money, took
from pipeline.reporting.decks_totals import NEED_SOMEONE, STATUS_WORDS, DecksTotals, decks_headline, totals_of
from pipeline.reporting.history_table import INDENT, WIDTH, below
from pipeline.reporting.tables import GAP, aligned

_HEAD = ("status", "pictures", "cost", "time", "deck")
# Of more decks only those are shown that somebody has to look at.
_ALL_SHOWN = 200
_LEAST = 24
_UNCUT = 10_000


def describe_decks(report: DecksReport) -> str:
    """One line a deck, in 120 columns, one for its first error, and the sums of all."""
    totals = totals_of(report)
    if not report.decks:
        return " ".join([decks_headline(totals), cut(report.message, _UNCUT)]).rstrip()
    shown = [deck for deck in report.decks if len(report.decks) <= _ALL_SHOWN or deck.status in NEED_SOMEONE]
    told = [*_table(shown), ""] if shown else []
    return "\n".join([*told, *_notes(report, totals, left_out=len(report.decks) - len(shown))])


def _table(decks: Sequence[DeckOutcome]) -> Iterator[str]:
    cells = [_HEAD, *map(_cells, decks)]
    taken = sum(max(map(len, column)) + len(GAP) for column in list(zip(*cells, strict=True))[:-1])
    room = max(_LEAST, WIDTH - taken)
    head, *lines = aligned([(*row[:-1], _end_of(row[-1], room)) for row in cells], right=(1, 2, 3))
    yield head
    for deck, line in zip(decks, lines, strict=True):
        yield line
        yield from below(_first_error(deck))


def _cells(deck: DeckOutcome) -> tuple[str, ...]:
    return (
        STATUS_WORDS[deck.status],
        f"{deck.illustrated:,}/{deck.planned:,}" if deck.planned else "",
        f"{money(deck.cost_usd)} (+{money(deck.maybe_usd)}?)" if deck.maybe_usd else money(deck.cost_usd),
        took(deck.seconds),
        cut(deck.input, _UNCUT),
    )


def _end_of(path: str, width: int) -> str:
    """The end of a path, which tells decks apart, in `width` characters at most."""
    return path if len(path) <= width else "…" + path[len(path) - width + 1 :]


def _first_error(deck: DeckOutcome) -> str:
    """Cut to a line, how many more there are at its end."""
    first, *more = [text for text in (deck.message, *deck.errors) if text] or [""]
    rest = f" (and {len(more):,} more)" if more else ""
    return cut(first, WIDTH - len(INDENT) - len(rest)) + rest


def _notes(report: DecksReport, totals: DecksTotals, *, left_out: int) -> Iterator[str]:
    if left_out:
        yield f"Not shown: {left_out:,} done or under way (--report FILE has all)."
    yield decks_headline(totals)
    if totals.done < totals.decks:
        yield ", ".join(f"{count:,} {STATUS_WORDS[status]}" for status, count in totals.by_status.items() if count)
    pictures = f"{totals.illustrated:,} of {counted(totals.planned, 'picture')}"
    yield f"{pictures}, {money(totals.cost_usd)}, {took(report.seconds)}"
    if totals.saved_usd:
        yield f"saved by the store: {money(totals.saved_usd)}"
    if totals.maybe_usd:
        yield f"perhaps charged besides (+…?): {money(totals.maybe_usd)}"
    if report.message:
        yield f"Not every deck was begun: {cut(report.message, _UNCUT)}"
