"""What a user may rely on of the table of concepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prompting import concepts


def subjects(text: str, language: str = "") -> list[str]:
    return [concept.subject for concept in concepts.find(text, concepts.languages_of(text, language))]


def test_words_are_found_whatever_their_case_and_ending() -> None:
    assert subjects("НЕЙРОННЫМИ")[0] == "a glowing brain"
    assert subjects("Networks,")[0] == "a network of nodes"


def test_a_short_word_is_not_found_inside_a_longer_one() -> None:
    assert "a car" not in subjects("Careful cards")
    assert "a cat" not in subjects("category")


@pytest.mark.parametrize(
    ("text", "subject"), [("Kundendatenbank", "a stack of database cylinders"), ("Netzwerksicherheit", "a padlock")]
)
def test_german_compounds_are_taken_apart(text: str, subject: str) -> None:
    assert subject in subjects(text, "de")


@pytest.mark.parametrize("text", ["החניון", "בחניון", "וחניון"])
def test_hebrew_words_are_found_behind_their_prefixes(text: str) -> None:
    assert subjects(text) == ["a parked car at a parking sign"]


@pytest.mark.parametrize("text", ["الشبكات", "والشبكات", "شبكة"])
def test_arabic_words_are_found_behind_their_article(text: str) -> None:
    assert subjects(text) == ["a network of nodes"]


def test_phrases_beat_the_words_in_them() -> None:
    assert subjects("машинное обучение") == ["a friendly robot"]


def test_false_friends_count_only_in_their_own_language() -> None:
    assert "a network of nodes" not in subjects("The red team reads the report of the committee", "en")
    assert "a network of nodes" in subjects("La red de la empresa es muy importante", "es")


def test_a_wrongly_declared_language_does_no_harm() -> None:
    assert "a forest of trees" in subjects("Der Wald und die Menschen, die in ihm leben", "en")


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    assert isinstance(subjects(text), list)
