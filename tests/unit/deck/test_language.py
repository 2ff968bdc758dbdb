"""A slide's language is the one it is written in, also where PowerPoint tagged it as another."""

from __future__ import annotations

import pytest

from tests.unit.deck.build import BLANK, add_xml, deck, only, read, read_only, text_box


def language(*runs: tuple[str, str]) -> str:
    presentation = deck()
    for tag, text in runs:
        add_xml(only(presentation), text_box("it", 0, 0, 9, 9, text, run=f'lang="{tag}"' if tag else ""))
    return read_only(presentation).language


@pytest.mark.parametrize(
    ("tag", "text", "code"),
    [
        ("en-GB", "Colours of the rainbow", "en"),
        ("de-AT", "Flüsse und Seen", "de"),
        ("ru-RU", "Нейронные сети", "ru"),
        ("en-US", "Нейронные сети", "ru"),
        ("", "Нейронные сети", "ru"),
        ("en-US", "Мета дипломної роботи і її завдання", "uk"),
        ("ru-RU", "Мета дипломної роботи", "ru"),
        ("en-US", "Архітэктура сеткі і ўсё іншае", "be"),
        ("bg-BG", "Невронни мрежи", "bg"),
        ("en-US", "חניון חכם", "he"),
        ("iw-IL", "חניון חכם", "he"),
        ("en-US", "الشبكات العصبية", "ar"),
        ("en-US", "شبکه‌های عصبی چگونه یاد می‌گیرند", "fa"),
        ("en-US", "多租户性能隔离研究", "zh"),
        ("ja-JP", "性能隔離研究", "ja"),
        ("en-US", "ニューラルネットワーク", "ja"),
        ("en-US", "신경망", "ko"),
        ("en-US", "Νευρωνικά δίκτυα", "el"),
        ("en-US", "โครงข่ายประสาท", "th"),
        ("x-none", "Lorem ipsum", ""),
        ("", "Lorem ipsum", ""),
        ("en-US", "2026: 42 %", ""),
    ],
)
def test_the_script_corrects_the_tag(tag: str, text: str, code: str) -> None:
    assert language((tag, text)) == code


def test_terms_in_latin_letters_do_not_outvote_a_russian_sentence() -> None:
    assert language(("ru-RU", "Обучение TensorFlow, PyTorch, scikit-learn")) == "ru"


def test_the_longer_text_wins() -> None:
    assert language(("de-DE", "Kurz"), ("en-US", "A much longer sentence")) == "en"


def test_a_deck_speaks_the_language_of_most_of_its_text() -> None:
    presentation = deck(BLANK, BLANK)
    add_xml(presentation.slides[0], text_box("it", 0, 0, 9, 9, "Thanks", run='lang="en-US"'))
    add_xml(presentation.slides[1], text_box("it", 0, 0, 9, 9, "Спасибо за внимание", run='lang="ru-RU"'))
    assert (read(presentation).language, read(presentation).slides[0].language) == ("ru", "en")
