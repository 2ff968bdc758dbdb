"""The table a corpus ends in: a row a deck, a row in total, and whether each figure keeps its bound. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.corpus.measuring import CHANGED_SHARE, DeckFigures

INK_SHARE = 0.02
OFF_SHARE = 0.001
STRETCH = 0.02
WANTED_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A figure that must be nought: its heading, and its value for a deck; None where it was not looked at."""

    heading: str
    count: Callable[[DeckFigures], int | None]


COLUMNS = (
    Column(heading="over ink", count=lambda d: sum(p.ink_shapes > INK_SHARE for p in d.pictures)),
    Column(heading="over art", count=lambda d: sum(p.ink_decor > INK_SHARE for p in d.pictures)),
    Column(heading="off slide", count=lambda d: sum(p.off_slide > OFF_SHARE for p in d.pictures)),
    Column(heading="stretched", count=lambda d: sum(p.aspect_error > STRETCH for p in d.pictures)),
    Column(heading="no alt", count=lambda d: sum(not p.alt for p in d.pictures)),
    Column(heading="shapes changed", count=lambda d: sum(s.shapes_changed for s in d.slides)),
    Column(heading="slides changed outside", count=lambda d: sum(s.changed_outside > CHANGED_SHARE for s in d.slides)),
    Column(heading="new violations", count=lambda d: None if d.violations is None else len(d.violations)),
    Column(heading="foreign parts", count=lambda d: len(d.foreign)),
    Column(heading="crashes", count=lambda d: int(bool(d.trouble))),
)


def with_room(deck: DeckFigures) -> tuple[int, int]:
    """How many slides with room that the rules let through got a picture, of how many."""
    wanted = [slide for slide in deck.slides if slide.has_room and slide.let_through]
    return sum(slide.new_pictures > 0 for slide in wanted), len(wanted)


def markdown(decks: Sequence[DeckFigures]) -> str:
    """The table, the decks that were refused, and what broke a bound."""
    measured = [deck for deck in decks if not deck.refused]
    headings = ["deck", "slides", "pictures", *(column.heading for column in COLUMNS), "with room: filled", "s"]
    lines = [_row(headings), _row(["---"] + ["---:"] * (len(headings) - 1))]
    lines += [_row(_cells(deck.deck, [deck])) for deck in measured]
    lines.append(_row(_cells("**all**", measured)))
    refused = [f"- {deck.deck}: {deck.refused}" for deck in decks if deck.refused]
    broken = [f"- {line}" for line in broken_bounds(measured)]
    return "\n".join(
        [*lines, "", f"Refused: {len(refused)}", "", *refused, "", f"Broken bounds: {len(broken)}", "", *broken, ""]
    )


def broken_bounds(decks: Sequence[DeckFigures]) -> list[str]:
    """A line for each figure that is not what it must be."""
    found = [
        f"{deck.deck}: {column.heading}: {count}{_where(deck, column.heading)}"
        for deck in decks
        for column in COLUMNS
        if (count := column.count(deck))
    ]
    got, of = _sum(decks)
    if got < WANTED_SHARE * of:
        found.append(f"slides with room that got a picture: {got} of {of}, must be {WANTED_SHARE:.0%}")
    return found


def _where(deck: DeckFigures, heading: str) -> str:
    slides = {
        "over ink": [p.slide for p in deck.pictures if p.ink_shapes > INK_SHARE],
        "over art": [p.slide for p in deck.pictures if p.ink_decor > INK_SHARE],
        "shapes changed": [s.number for s in deck.slides if s.shapes_changed],
        "slides changed outside": [s.number for s in deck.slides if s.changed_outside > CHANGED_SHARE],
    }.get(heading)
    if slides is not None:
        return f" (slides {', '.join(map(str, slides))})"
    texts = {"crashes": [deck.trouble], "foreign parts": deck.foreign, "new violations": deck.violations or []}
    return "".join(f" ({text[:160]})" for text in texts.get(heading, [])[:1])


def _sum(decks: Sequence[DeckFigures]) -> tuple[int, int]:
    counts = [with_room(deck) for deck in decks]
    return sum(got for got, _ in counts), sum(of for _, of in counts)


def _cells(name: str, decks: Sequence[DeckFigures]) -> list[str]:
    counts = []
    for column in COLUMNS:
        known = [count for deck in decks if (count := column.count(deck)) is not None]
        counts.append(str(sum(known)) if known else "not checked")
    got, of = _sum(decks)
    room = f"{got}/{of}" + (f" = {got / of:.0%}" if of else "")
    slides, pictures = sum(len(deck.slides) for deck in decks), sum(len(deck.pictures) for deck in decks)
    return [name, str(slides), str(pictures), *counts, room, f"{sum(deck.run.seconds for deck in decks):.1f}"]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
