"""Every rule that leaves a slide as it is says why and can be turned off."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from pipeline.config.settings import Rules
from pipeline.planning.choosing import reason_to_skip
from pipeline.planning.renewal import content_digest
from pipeline.records import OurPicture, ShapeKind, Slide, SlideShape
from tests.builders import box, deck, shape, slide

OTHERS = (
    slide(1, body=("A plain slide with enough words on it to be no title slide at all, and some more",)),
    slide(9),
)


def reason(one, *others, asked_for=False, **rules):
    slides = sorted([one, *(others or OTHERS)], key=lambda s: s.number)
    return reason_to_skip(one, deck(*slides), Rules(**rules), asked_for=asked_for)


FILLING = box(1, 1, 6, 4)
CASES = [
    ("skip_hidden", slide(2, is_hidden=True), "hidden slide"),
    ("skip_title", slide(1, title="Rivers", body=("A talk",), layout_type="title"), "title slide"),
    ("skip_title", slide(2, shape(box(1, 1, 5, 1), placeholder="ctrTitle"), body=()), "title slide"),
    ("skip_title", slide(1, title="Rivers", body=("Ann Smith",), layout_type=""), "title slide"),
    ("skip_closing", slide(2, title="Thank you!", body=("ann@example.org",)), "closing slide"),
    ("skip_section_headers", slide(2, layout_type="secHead"), "section header"),
    ("skip_section_headers", slide(2, layout_type="", layout_name="Раздел 2"), "section header"),
    ("skip_filled", slide(2, shape(FILLING, ShapeKind.PICTURE)), "has a picture of its own"),
    ("skip_filled", slide(2, shape(FILLING, ShapeKind.CHART)), "has a chart of its own"),
    ("skip_filled", slide(2, shape(FILLING, ShapeKind.TABLE)), "has a table of its own"),
    ("skip_filled", slide(2, shape(FILLING, ShapeKind.SMARTART)), "has a diagram of its own"),
    (
        "skip_filled",
        slide(2, *[shape(box(n, 1, 1, 0), ShapeKind.CONNECTOR, n) for n in range(3)]),
        "has a diagram of its own",
    ),
    ("skip_without_text", slide(2, title="1", body=("2", "3 + 4")), "no text to go by"),
]


@pytest.mark.parametrize(("rule", "one", "why"), CASES)
def test_a_rule_gives_its_reason_and_can_be_turned_off(rule, one, why):
    assert reason(one) == why
    assert reason(one, **{rule: False}) is None


def test_a_slide_of_content_wants_a_picture():
    assert reason(slide(2)) is None


GOODBYES = {
    "en": [
        "Thank you",
        "Thank you for your attention!",
        "Thanks!",
        "Q&A",
        "Questions?",
        "Any questions?",
        "Contact us",
    ],
    "ru": ["Спасибо за внимание", "СПАСИБО!", "Вопросы?", "Контакты", "Благодарю за внимание"],
    "uk": ["Дякую за увагу!", "Запитання?"],
    "de": ["Vielen Dank für Ihre Aufmerksamkeit", "Danke!", "Fragen?", "Kontakt"],
    "fr": ["Merci de votre attention", "Merci !", "Des questions ?"],
    "es": ["¡Gracias!", "¿Preguntas?", "Muchas gracias"],
    "pt": ["Obrigado", "Obrigada pela atenção", "Dúvidas?"],
    "it": ["Grazie per l'attenzione", "Domande?", "Fine"],
    "pl": ["Dziękuję za uwagę", "Pytania?"],
    "cs": ["Děkuji za pozornost"],
    "tr": ["Teşekkürler", "İletişim"],
    "zh": ["谢谢", "感谢聆听", "谢谢大家!"],
    "ja": ["ご清聴ありがとうございました"],
    "ko": ["감사합니다"],
    "he": ["תודה רבה", "שאלות?"],
    "ar": ["شكراً لكم", "شكرا"],
    "hi": ["धन्यवाद"],
}


@pytest.mark.parametrize("title", [title for titles in GOODBYES.values() for title in titles])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_closing_slide_is_known_in_many_languages_however_unicode_spells_it(title, form):
    assert reason(slide(2, title=unicodedata.normalize(form, title), body=("a@b.org",))) == "closing slide"


@pytest.mark.parametrize(
    "title",
    [
        "End-to-end encryption",
        "End users and their needs",
        "Fine tuning of models",
        "Fin whales",
        "Contact lenses",
        "Questions of ethics",
        "Discussion of the results",
        "Tack welding",
        "Вопросы кибербезопасности",
        "Вопросы этики",
        "Конец эпохи",
        "Ende-zu-Ende-Tests",
        "Fragen der Ethik",
        "问题分析",
        "질문 중심 학습",
        "Kontakt mit Kunden",
    ],
)
def test_a_topic_that_begins_like_a_goodbye_is_still_a_topic(title):
    assert reason(slide(2, title=title)) is None


def test_a_slide_that_says_much_is_no_closing_slide_whatever_its_title():
    assert reason(slide(2, title="Thank you", body=("word " * 60,))) is None


def test_a_slide_without_a_title_closes_by_its_first_line():
    assert reason(slide(2, title="", body=("Спасибо за внимание!",))) == "closing slide"


def test_a_deck_of_copies_of_the_title_slide_is_illustrated_all_the_same():
    alike = [slide(n, layout_type="title") for n in range(1, 7)]
    assert reason(alike[3], *alike[:3], *alike[4:]) is None
    assert reason(alike[0], *alike[1:]) == "title slide"


def test_a_small_logo_does_not_fill_a_slide():
    assert reason(slide(2, shape(box(12, 0.2, 1, 0.5), ShapeKind.PICTURE))) is None


def test_what_lies_beside_the_slide_does_not_fill_it():
    assert reason(slide(2, shape(box(-8, 1, 7.9, 5), ShapeKind.PICTURE))) is None


def test_an_empty_placeholder_does_not_fill_a_slide():
    assert reason(slide(2, shape(FILLING, ShapeKind.CHART, is_empty=True))) is None


def test_several_pictures_fill_a_slide_together():
    row = [shape(box(3 * n, 2, 2, 2), ShapeKind.PICTURE, n) for n in range(4)]
    assert reason(slide(2, *row)) == "has a picture of its own"


def boxes(*sizes: float) -> list[SlideShape]:
    return [shape(box(2 * n, 3, size, size), ShapeKind.TEXT, n, is_drawn=True) for n, size in enumerate(sizes)]


def test_boxes_without_lines_between_them_are_a_diagram_too():
    assert reason(slide(2, *boxes(1, 1, 1))) == "has a diagram of its own"
    assert reason(slide(2, *boxes(1, 1))) is None


def test_specks_and_grounds_are_no_part_of_a_diagram():
    assert reason(slide(2, *boxes(1, 1, 0.2, 0.2, 0.2))) is None
    ground = shape(box(0, 0, 13, 7), ShapeKind.DRAWING, 9, is_drawn=True)
    assert reason(slide(2, *boxes(1, 1), ground)) is None


def ours(content: str, **changes: object) -> SlideShape:
    """A picture of an earlier run, made for `content` in a deck whose last slide was the third."""
    told = OurPicture(content=content, last_slide_id=258, was_moved=False, was_replaced=False)
    return shape(box(7, 2, 5, 4), ShapeKind.PICTURE, 9, ours=replace(told, **changes))


def illustrated(number: int, **changes: object) -> Slide:
    return slide(number, ours(content_digest(slide(number)), **changes))


def test_a_slide_with_our_picture_is_never_illustrated_again():
    everything_off = dict.fromkeys(Rules.model_fields, False)
    assert "earlier run" in reason(illustrated(2), asked_for=True, **everything_off)


def test_a_slide_that_says_something_else_now_is_illustrated_anew():
    assert reason(slide(2, ours("0000000000"))) is None
    assert reason(slide(2, ours("0000000000"), is_hidden=True)) is None


def test_a_picture_that_was_replaced_by_hand_is_left_alone():
    assert reason(slide(2, ours("0000000000", was_replaced=True))) == "its picture was replaced by hand"


def test_a_deck_with_our_pictures_is_finished():
    assert "illustrated before" in reason(slide(2), illustrated(3))
    assert "--slides" in reason(slide(2), illustrated(3))
    assert reason(slide(2), illustrated(3), skip_finished_deck=False) is None


def test_a_slide_that_came_later_is_none_of_the_finished_ones():
    assert reason(slide(4), illustrated(3)) is None


def test_a_slide_that_was_asked_for_is_added_to_a_finished_deck():
    assert reason(slide(2), illustrated(3), asked_for=True) is None
    assert reason(slide(2, is_hidden=True), illustrated(3), asked_for=True) == "hidden slide"
