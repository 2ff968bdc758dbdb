"""From an answer to a prompt: asked again once where it is not English, and honest where it cannot be used."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind, NotEnglishError, PromptError, ServiceError
from pipeline.prompting.templates import load_styles
from pipeline.prompting.writing import Limits, ready_prompt, write_prompt
from pipeline.records import Declined, WriterAnswer
from tests.builders import brief

STYLE = load_styles(None)["flat"]
LIMITS = Limits(max_chars=2000, prohibited=("guillotine",))
ENGLISH = "A lighthouse guiding small boats through fog"
RUSSIAN = "Маяк указывает путь маленьким лодкам в тумане"


class Writer:
    """Answers from a list and remembers what it was asked."""

    def __init__(self, *prompts, worth=True, alt_text="Ein Leuchtturm im Nebel."):
        self.prompts, self.worth, self.alt_text = list(prompts), worth, alt_text
        self.asked = []

    def __call__(self, asked):
        self.asked.append(asked)
        prompt = self.prompts.pop(0)
        if isinstance(prompt, Exception):
            raise prompt
        return WriterAnswer(
            worth_illustrating=self.worth, reason="an agenda", prompt=prompt, alt_text=self.alt_text, cost_usd=0.01
        )


def test_a_good_answer_becomes_subject_style_and_the_ban_on_text():
    prompt = write_prompt(brief(), Writer(ENGLISH), STYLE, LIMITS)
    assert prompt.subject == ENGLISH
    assert prompt.text.startswith(ENGLISH)
    assert STYLE.suffix in prompt.text
    assert prompt.text.endswith("No text, no letters, no logos.")
    assert prompt.alt_text == "Ein Leuchtturm im Nebel."


def test_a_prompt_in_another_language_is_asked_for_once_more_in_english():
    writer = Writer(RUSSIAN, ENGLISH)
    prompt = write_prompt(brief(), writer, STYLE, LIMITS)
    assert prompt.subject == ENGLISH
    assert [bool(asked.complaint) for asked in writer.asked] == [False, True]
    assert prompt.cost_usd == pytest.approx(0.02), "both answers were paid for"


def test_a_second_foreign_prompt_fails_the_slide_and_keeps_its_cost():
    with pytest.raises(NotEnglishError) as caught:
        write_prompt(brief(), Writer(RUSSIAN, RUSSIAN), STYLE, LIMITS)
    assert caught.value.cost_usd == pytest.approx(0.02)


def test_a_service_that_fails_at_the_second_asking_still_cost_the_first():
    with pytest.raises(ServiceError) as caught:
        write_prompt(brief(), Writer(RUSSIAN, ServiceError(FailureKind.TRANSIENT, "busy")), STYLE, LIMITS)
    assert caught.value.cost_usd == pytest.approx(0.01)


@pytest.mark.parametrize("prompt", ["", "aaaaaaaaaaaaaaaaaaaaaa", "A guillotine in a museum"])
def test_an_answer_that_cannot_be_used_fails_the_slide_without_asking_again(prompt):
    writer = Writer(prompt)
    with pytest.raises(PromptError) as caught:
        write_prompt(brief(), writer, STYLE, LIMITS)
    assert len(writer.asked) == 1
    assert caught.value.cost_usd == pytest.approx(0.01)


def test_a_slide_not_worth_a_picture_is_declined_with_the_writers_reason():
    answer = write_prompt(brief(), Writer("", worth=False), STYLE, LIMITS)
    assert answer == Declined(slide_number=2, reason="an agenda", cost_usd=0.01)


def test_the_whole_prompt_keeps_to_the_models_limit():
    limits = Limits(max_chars=400, prohibited=())
    prompt = write_prompt(brief(), Writer(f"{ENGLISH}. " * 50), STYLE, limits)
    assert len(prompt.text) <= 400
    assert prompt.text.endswith("No text, no letters, no logos.")


def test_a_persons_own_prompt_is_used_as_it_is_without_asking():
    prompt = ready_prompt(f"DALL-E Prompt: {ENGLISH}", brief(), None, LIMITS)
    assert prompt.text == f"{ENGLISH}. No text, no letters, no logos."
    assert prompt.cost_usd == 0


def test_a_persons_own_prompt_in_another_language_must_be_translated_first():
    with pytest.raises(NotEnglishError):
        ready_prompt(RUSSIAN, brief(), None, LIMITS)


@pytest.mark.parametrize(
    ("alt_text", "title", "expected"),
    [
        ("  Ein\n Leuchtturm\x07 ", "Titel", "Ein Leuchtturm"),
        ("", "Der Leuchtturm", "Der Leuchtturm"),
        ("", "", "A first point about it"),
        ("x" * 400, "Titel", "x" * 249 + "…"),
    ],
)
def test_alt_text_is_one_printable_line_and_never_empty(alt_text, title, expected):
    prompt = write_prompt(brief(title=title), Writer(ENGLISH, alt_text=alt_text), STYLE, LIMITS)
    assert prompt.alt_text == expected
