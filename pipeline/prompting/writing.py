"""From a brief to a clean English prompt: ask, clean, ask once more if it was not English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.errors import NotEnglishError, PipelineError, PromptError
from pipeline.prompting.cleaning import clean_prompt
from pipeline.prompting.styles import Style
from pipeline.prompting.templates import compose_prompt
from pipeline.records import Brief, Declined, Prompt, WriterAnswer

Ask = Callable[[Brief], WriterAnswer]

# Screen readers cut longer texts; PowerPoint's own guidance is one or two sentences.
ALT_TEXT_CHARS = 250

NOT_ENGLISH = "Your last prompt was not in English. The image model understands English only: write it in English."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for every prompt of a run."""

    max_chars: int
    prohibited: tuple[str, ...]


def ready_prompt(raw: str, brief: Brief, style: Style | None, limits: Limits) -> Prompt:
    """A person's own prompt from the notes, cleaned; nobody is asked. `style` only where the notes name one.

    Raises NotEnglishError where it must be translated first, PromptError where it cannot be used.
    """
    subject = _cleaned(raw, brief, style, limits)
    return _prompt(brief, subject, style, alt_text="", cost_usd=0.0)


def write_prompt(brief: Brief, ask: Ask, style: Style, limits: Limits) -> Prompt | Declined:
    """What `ask` answers to `brief`, cleaned; a prompt that is not English is asked for once more.

    Raises PromptError where no usable prompt came, and whatever `ask` raises.
    """
    try:
        return _asked_once(brief, ask, style, limits)
    except NotEnglishError as error:
        spent_usd = error.cost_usd
    try:
        second = _asked_once(replace(brief, complaint=NOT_ENGLISH), ask, style, limits)
    except PipelineError as error:
        error.cost_usd += spent_usd
        raise
    return replace(second, cost_usd=second.cost_usd + spent_usd)


def _asked_once(brief: Brief, ask: Ask, style: Style, limits: Limits) -> Prompt | Declined:
    answer = ask(brief)
    if not answer.worth_illustrating:
        reason = answer.reason.strip() or "not worth a picture, says the prompt writer"
        return Declined(slide_number=brief.slide_number, reason=reason, cost_usd=answer.cost_usd)
    try:
        subject = _cleaned(answer.prompt, brief, style, limits)
    except PromptError as error:
        error.cost_usd = answer.cost_usd
        raise
    return _prompt(brief, subject, style, answer.alt_text, answer.cost_usd)


def _cleaned(raw: str, brief: Brief, style: Style | None, limits: Limits) -> str:
    room = limits.max_chars - len(compose_prompt("x", style, _ground(style, brief))) + len("x")
    return clean_prompt(raw, deck_text=(brief.title, *brief.body), max_chars=room, prohibited=limits.prohibited)


def _prompt(brief: Brief, subject: str, style: Style | None, alt_text: str, cost_usd: float) -> Prompt:
    return Prompt(
        slide_number=brief.slide_number,
        text=compose_prompt(subject, style, _ground(style, brief)),
        subject=subject,
        alt_text=_alt_text(alt_text, brief),
        cost_usd=cost_usd,
    )


def _ground(style: Style | None, brief: Brief) -> str:
    return "" if style is None else style.ground_sentence(brief.ground, brief.theme.background)


def _alt_text(text: str, brief: Brief) -> str:
    """One printable line; the slide's own title where the writer gave none."""
    for candidate in (text, brief.title, *brief.body):
        line = " ".join("".join(c if c.isprintable() else " " for c in candidate).split())
        if line:
            return line if len(line) <= ALT_TEXT_CHARS else line[: ALT_TEXT_CHARS - 1].rstrip() + "…"
    return brief.deck_title
