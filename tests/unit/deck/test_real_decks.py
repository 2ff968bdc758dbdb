"""Decks nobody here made: each is read, or refused in one line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipeline.deck.package.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.errors import DeckError
from pipeline.records import Deck, ShapeKind

DECKS = Path(__file__).resolve().parents[4] / "shared" / "decks"
pytestmark = pytest.mark.skipif(not DECKS.is_dir(), reason=f"the sample decks are not at {DECKS}")

REFUSED = {
    "odd-024.pptx": "password",
    "odd-026.pptx": "Strict",
    "odd-031.pptx": "password",
    "odd-034.pptx": "Strict",
    "odd-039.pptx": "signed",
    "odd-051.pptx": "signed",
}


@cache
def deck(name: str) -> Deck:
    path = DECKS / name
    return read_deck(path, open_deck(path))


def kinds(name: str) -> set[ShapeKind]:
    return {shape.kind for slide in deck(name).slides for shape in slide.shapes}


@pytest.mark.parametrize("name", sorted(path.name for path in DECKS.glob("*.p*")))
def test_every_deck_is_read_or_refused_in_one_line(name: str) -> None:
    if name in REFUSED:
        with pytest.raises(DeckError, match=REFUSED[name]) as caught:
            deck(name)
        assert "\n" not in str(caught.value)
    else:
        slides = deck(name).slides
        assert [slide.number for slide in slides] == list(range(1, len(slides) + 1))
        assert all(len(slide.background) == 6 and slide.theme.accents for slide in slides)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("odd-020.pptx", ShapeKind.SMARTART),
        ("odd-021.pptx", ShapeKind.OLE),
        ("odd-025.pptx", ShapeKind.INK),
        ("odd-028.pptx", ShapeKind.MEDIA),
        ("odd-043.pptx", ShapeKind.CHART),
        ("odd-046.pptx", ShapeKind.PICTURE),
        ("odd-047.pptx", ShapeKind.OTHER),
    ],
)
def test_what_makes_a_deck_odd_is_seen(name: str, kind: ShapeKind) -> None:
    assert kind in kinds(name)


@pytest.mark.parametrize(
    ("name", "language"),
    [("talk-013.pptx", "he"), ("talk-014.pptx", "zh"), ("talk-015.pptx", "uk"), ("talk-016.pptx", "de")],
)
def test_a_talk_is_known_by_its_language(name: str, language: str) -> None:
    assert deck(name).language == language


def test_boxes_drawn_from_the_bottom_up_are_read_from_the_top_down() -> None:
    body = deck("talk-017.pptx").slides[4].body
    assert (body[0], body[-1].partition(",")[0]) == ("Upload der Docx-Datei", "Import der Kapitel")
