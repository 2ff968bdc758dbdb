"""Writes prompts without a model and without a network: the slide's words lead to subjects, those to a sentence."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from pipeline.prompting import concepts
from pipeline.prompting.concepts import Concept
from pipeline.records import Brief, CallKind, Request, WriterAnswer

WORDING = 1
"""The version of what is answered: raised with every change of the table or the sentence."""

_SUBJECTS = 3
_WISH_WEIGHT = 6.0
_TITLE_WEIGHT = 3.0
_BODY_WEIGHT = 1.0
_BODY_REPEATS = 3
_GENERIC_SHARE = 0.4
_ALT_TEXT_CHARS = 150
_ABSTRACT = "A calm abstract composition of soft shapes"


class OfflineWriter:
    """A prompt writer that looks words up in a table. The same brief always gets the same answer."""

    name = "offline"
    model = ""
    is_remote = False

    def request(self, brief: Brief) -> Request:
        """All that it answers by, the deck around the slide too: nothing is paid here that could be paid twice."""
        return Request(
            kind=CallKind.PROMPT,
            service=self.name,
            model=self.model,
            context={
                "wording": WORDING,
                "deck_title": brief.deck_title,
                "outline": brief.outline,
                "title": brief.title,
                "body": brief.body,
                "language": brief.language,
                "wish": brief.wish,
                "has_complaint": bool(brief.complaint),
            },
        )

    def write(self, brief: Brief, timeout_s: float) -> WriterAnswer:  # noqa: ARG002 - a look-up takes no time
        """Answer for one slide. Never raises: a slide of unknown words gets an abstract composition."""
        # A complaint means the last answer was refused; nothing is milder than soft shapes.
        subjects = [] if brief.complaint else _subjects(brief)
        return WriterAnswer(
            worth_illustrating=True,
            reason="",
            prompt=f"A calm composition around {_listed(subjects)}" if subjects else _ABSTRACT,
            alt_text=_alt_text(brief),
        )

    def estimate_usd(self, brief: Brief) -> float | None:  # noqa: ARG002 - every slide costs nothing
        """Cost nothing."""
        return 0.0

    def close(self) -> None:
        """Nothing is held."""


def _subjects(brief: Brief) -> list[str]:
    """Find the one to three things the slide speaks of most, and the rest of the deck does not."""
    languages = concepts.languages_of(" ".join((brief.deck_title, brief.title, *brief.body)), brief.language)
    scores: dict[Concept, float] = {}
    parts = ((_WISH_WEIGHT, brief.wish), (_TITLE_WEIGHT, brief.title), (_BODY_WEIGHT, "\n".join(brief.body)))
    for weight, text in parts:
        for concept, count in Counter(concepts.find(text, languages)).items():
            scores[concept] = scores.get(concept, 0.0) + weight * min(count, _BODY_REPEATS if weight == 1 else 1)
    common = _commonness(brief.outline, languages)
    for concept in scores:
        scores[concept] *= (_GENERIC_SHARE if concept.is_generic else 1.0) / (1 + 2 * common.get(concept, 0.0))
    ranked = sorted(scores, key=lambda concept: -scores[concept])  # stable: of equals, the first mentioned leads
    return list(dict.fromkeys(concept.subject for concept in ranked))[:_SUBJECTS]


@lru_cache(maxsize=4)
def _commonness(outline: tuple[str, ...], languages: tuple[str, ...]) -> dict[Concept, float]:
    """Measure the share of the deck's titles that name each concept: what stands on every slide tells none apart."""
    named = Counter(concept for line in outline for concept in set(concepts.find(line, languages)))
    return {concept: count / len(outline) for concept, count in named.items()}


def _listed(subjects: list[str]) -> str:
    if len(subjects) == 1:
        return subjects[0]
    return f"{', '.join(subjects[:-1])} and {subjects[-1]}"


def _alt_text(brief: Brief) -> str:
    """Quote the slide's own words, in its own language: its title, else how its text begins."""
    own = next((text for text in (brief.title, *brief.body, brief.deck_title) if text.strip()), "")
    plain = " ".join(own.split())
    if len(plain) <= _ALT_TEXT_CHARS:
        return plain
    return plain[:_ALT_TEXT_CHARS].rsplit(" ", 1)[0] + "…"
