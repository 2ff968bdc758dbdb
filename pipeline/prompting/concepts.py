"""Finds what a slide is about without a model: words in ten languages, each leading to an English subject."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import py3langid
import yaml

# Scripts of their own give their languages away; those that share the Latin script have false friends
# (French "car", Spanish "red"), so their words count only in a text of that language.
_LATIN = ("de", "fr", "es", "pt")
_ALWAYS = ("en", "ru", "uk", "zh", "he", "ar")
_CLITICS = {"he": frozenset("והבלמשכ"), "ar": frozenset("والبفكل")}
_COMPOUND_STEM = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A subject a picture can show. `is_generic` marks what nearly every business slide mentions."""

    subject: str
    is_generic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stem:
    concept: Concept
    is_whole_word: bool


_Table = Mapping[str, Mapping[str, _Stem]]


def find(text: str, languages: Sequence[str]) -> list[Concept]:
    """Find the concepts `text` speaks of, in its order, as often as it does; `languages` are ISO 639 codes."""
    normal = _normalised(text)
    table = _table()
    hits = ((place, stem.concept) for language in languages for place, stem in _scan(normal, table[language], language))
    return [concept for _, concept in sorted(hits, key=lambda hit: hit[0])]


@lru_cache(maxsize=4096)
def languages_of(text: str, declared: str) -> tuple[str, ...]:
    """Tell whose words count in `text`: what the file declares may be wrong, so the text is asked as well."""
    heard = py3langid.classify(text.lower())[0]
    return (*_ALWAYS, *(language for language in _LATIN if language in (declared, heard)))


def _scan(text: str, stems: Mapping[str, _Stem], language: str) -> Iterator[tuple[int, _Stem]]:
    """Every place where a stem of one language stands, longest stem first, none inside another."""
    longest = max(map(len, stems))
    place = 0
    while place < len(text):
        length = _longest_stem(text, place, stems, longest, language)
        if length:
            yield place, stems[text[place : place + length]]
        place += length or 1


def _longest_stem(text: str, place: int, stems: Mapping[str, _Stem], longest: int, language: str) -> int:
    if text[place] == " ":
        return 0
    shortest = _shortest_stem(text, place, language)
    for length in range(min(longest, len(text) - place), shortest - 1, -1):
        stem = stems.get(text[place : place + length])
        if stem and (not stem.is_whole_word or _ends_word(text, place + length, language)):
            return length
    return 0


def _shortest_stem(text: str, place: int, language: str) -> int:
    """How long a stem must be to count at `place`: any at a word's start, none where a word goes on."""
    if language == "zh":
        return 1
    start = text.rfind(" ", 0, place) + 1
    clitics = _CLITICS.get(language)
    if start == place or (clitics and place - start <= 3 and clitics.issuperset(text[start:place])):
        return 1
    return _COMPOUND_STEM if language == "de" else len(text)


def _ends_word(text: str, place: int, language: str) -> bool:
    if language == "en" and text.startswith("s ", place):
        return True
    return text.startswith(" ", place)


def _normalised(text: str) -> str:
    """Lower case, one space between words and one at the end, nothing but letters, digits and marks like # or +."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return re.sub(r"[^\w#+'/\".&-]+|_+|[.\"'/-]+(?!\w)", " ", folded).strip() + " "


@cache
def _table() -> _Table:
    text = resources.files("prompts").joinpath("concepts.yaml").read_text("utf-8")
    document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    table: dict[str, dict[str, _Stem]] = {language: {} for language in (*_ALWAYS, *_LATIN)}
    for entry in document["concepts"]:
        concept = Concept(subject=entry["subject"], is_generic=entry.get("generic", False))
        for language, stems in table.items():
            for word in entry.get(language, ()):
                stem = _Stem(concept=concept, is_whole_word=word.endswith("$"))
                stems.setdefault(word.removesuffix("$"), stem)
    for thing in document["things"]:
        concept = Concept(subject=f"{_article(thing)} {thing}", is_generic=False)
        table["en"].setdefault(thing, _Stem(concept=concept, is_whole_word=True))
    return table


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeio" else "a"
