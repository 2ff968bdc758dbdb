"""What a user may rely on of the prompts that are written without a model."""

from __future__ import annotations

from dataclasses import replace

import py3langid
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prompting import concepts
from pipeline.prompting.offline import OfflineWriter
from pipeline.records import Brief, Theme, WriterAnswer

BRIEF = Brief(
    slide_number=1,
    deck_title="",
    outline=(),
    title="",
    body=(),
    language="",
    theme=Theme(background="FFFFFF", text="000000", accents=("4472C4",)),
    aspect_ratio=1.5,
    style="flat",
    seed=1,
)


def write(title: str = "", *body: str, language: str = "", **more: object) -> WriterAnswer:
    return OfflineWriter().write(replace(BRIEF, title=title, body=body, language=language, **more), 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "language", "subject"),
    [
        ("Neural networks in practice", "en", "brain"),
        ("Архитектура нейронной сети", "ru", "brain"),
        ("Мета дипломного проєкту", "uk", "target"),
        ("Datenbankserver im Überblick", "de", "database"),
        ("Énergie renouvelable", "fr", "wind turbine"),
        ("La red de nuestra empresa", "es", "network"),
        ("Segurança da informação", "pt", "padlock"),
        ("云闪存系统", "zh", "cloud"),
        ("מערכת ניהול החניון", "he", "parked car"),
        ("الأمن السيبراني", "ar", "padlock"),
        ("Two violins", "en", "violin"),
    ],
)
def test_a_slide_in_ten_languages_leads_to_a_fitting_subject(title: str, language: str, subject: str) -> None:
    assert subject in write(title, language=language).prompt


def test_the_title_weighs_more_than_the_body() -> None:
    assert write("Cloud", "ships", "robots").prompt.index("cloud") < write("Cloud", "ships").prompt.index("ship")


def test_what_stands_on_every_slide_of_the_deck_does_not_lead() -> None:
    outline = ("Cloud backup", "Cloud security", "Cloud costs")
    assert "around a padlock" in write("Cloud security", outline=outline).prompt


def test_at_most_three_subjects_are_named() -> None:
    prompt = write("Cloud, ship, robot, bridge, hospital, mountain", "music and fire").prompt
    assert prompt.count(" a ") <= 5
    assert prompt.count(",") == 1


def test_a_slide_of_unknown_words_gets_a_calm_abstract_prompt() -> None:
    assert write("Xyzzy plugh").prompt == "A calm abstract composition of soft shapes"


def test_a_refused_prompt_is_answered_with_the_mildest_one() -> None:
    assert write("War and weapons", complaint="refused").prompt == "A calm abstract composition of soft shapes"


def test_a_persons_own_wish_in_any_language_leads() -> None:
    assert "around a ship" in write("Облака", wish="корабль в море", language="ru").prompt


def test_the_same_slide_always_gets_the_same_prompt() -> None:
    assert write("Рост продаж", "Команда") == write("Рост продаж", "Команда")


def test_every_slide_is_worth_a_picture_and_costs_nothing() -> None:
    answer = write("Cloud")
    assert (answer.worth_illustrating, answer.cost_usd, OfflineWriter().estimate_usd(BRIEF)) == (True, 0.0, 0.0)
    assert (OfflineWriter().name, OfflineWriter().model, OfflineWriter().is_remote) == ("offline", "", False)


def test_the_alt_text_is_the_slides_own_title_in_its_own_language() -> None:
    assert write("Рост\vпродаж", "Команда").alt_text == "Рост продаж"


def test_a_slide_without_a_title_is_described_by_how_its_text_begins() -> None:
    assert write("", "  ", "第一段", "第二段").alt_text == "第一段"


def test_a_very_long_alt_text_ends_at_a_word() -> None:
    alt_text = write("word " * 100).alt_text
    assert alt_text.endswith("word…")
    assert len(alt_text) <= 151


def test_every_subject_makes_a_prompt_that_is_taken_for_english() -> None:
    subjects = {stem.concept.subject for stems in concepts._table().values() for stem in stems.values()}
    for subject in subjects:
        prompt = f"A calm composition around {subject}"
        assert py3langid.classify(prompt.lower())[0] == "en", prompt


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_whatever_a_slide_says_the_prompt_is_plain_english_of_our_own(title: str, body: list[str]) -> None:
    prompt = write(title, *body).prompt
    assert prompt.isascii()
    assert len(prompt) >= 15
    assert prompt.startswith("A calm ")
