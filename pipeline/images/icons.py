"""Finds icons for English words among the names of the Material Design Icons font."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from random import Random
from typing import Any

import yaml
from fonticon_mdi7 import MDI7

_LONGEST_PHRASE = 6
_MERE_VARIANTS = frozenset({"outline", "variant", "multiple", "circle"})


def find(text: str, random: Random, limit: int = 3) -> tuple[str, ...]:
    """Find up to `limit` icons for what an English text names, in its order, as names with hyphens.

    Where several icons show the same thing, `random` picks one.
    """
    chosen: list[str] = []
    for candidates in _named_things(re.findall(r"[a-z]+", text.lower())):
        fresh = [name for name in candidates if name not in chosen]
        # A thing already shown is not shown again in another guise.
        if len(fresh) == len(candidates):
            chosen.append(random.choice(fresh))
        if len(chosen) == limit:
            break
    return tuple(chosen)


def character(name: str) -> str:
    """Look up the character the icon font draws for a name such as "shield-lock"."""
    glyph: str = getattr(MDI7, name.replace("-", "_"))
    return glyph.removeprefix("mdi7.")


def _named_things(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """For each thing the words name, the icons that show it: curated phrases first, then the icons' own names."""
    place = 0
    while place < len(words):
        length, icons = _thing_at(words, place)
        if icons:
            yield icons
        place += length


def _thing_at(words: Sequence[str], place: int) -> tuple[int, Sequence[str]]:
    phrases = _phrases()
    for length in range(min(_LONGEST_PHRASE, len(words) - place), 0, -1):
        phrase = " ".join(words[place : place + length])
        if length == 1 and phrase in _word_list("says_nothing"):
            break
        for form in (phrase, *_singulars(phrase)):
            if form in phrases:
                return length, phrases[form]
    return 1, _by_own_name(words[place])


def _by_own_name(word: str) -> Sequence[str]:
    if word in _word_list("says_nothing") or len(word) < 3:
        return ()
    for form in (word, *_singulars(word)):
        if form in _names():
            return (_names()[form],)
    return ()


def _singulars(word: str) -> Iterator[str]:
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


@cache
def _phrases() -> Mapping[str, Sequence[str]]:
    """Read the English phrases and the icons chosen for them by hand."""
    document = _load("prompts", "concepts.yaml")
    phrases: dict[str, Sequence[str]] = {}
    for concept in document["concepts"]:
        subject = " ".join(re.findall(r"[a-z]+", concept["subject"].lower())).removeprefix("a ").removeprefix("an ")
        for phrase in (subject, *(word.removesuffix("$") for word in concept["en"])):
            phrases.setdefault(phrase, concept["icons"])
    return phrases


@cache
def _names() -> Mapping[str, str]:
    """Find for each word in the icons' own names the plainest icon that holds it: "hydrant" leads to "fire-hydrant"."""
    plainest: dict[str, str] = {}
    drawable = (name for name in vars(MDI7) if not name.startswith("_") and _is_drawable(name.split("_")))
    for name in sorted(drawable, key=_plainness):
        parts = [part for part in name.split("_") if part not in _MERE_VARIANTS]
        for word in parts[:1] if len(parts) > 1 and parts[0] in _word_list("only_as_a_whole") else parts:
            plainest.setdefault(word, name.replace("_", "-"))
    return plainest


def _is_drawable(parts: Sequence[str]) -> bool:
    """Tell an icon of a thing from a brand, a letter or digit, an editor's or player's button."""
    return (
        len([part for part in parts if part not in _MERE_VARIANTS]) <= 2
        and not _word_list("brands").intersection(parts)
        and not _word_list("signs_and_controls").intersection(parts)
        and all(len(part) > 1 and part.isalpha() for part in parts)
    )


def _plainness(name: str) -> tuple[int, int, str]:
    parts = name.split("_")
    return (len(parts) + ("outline" in parts), len(name), name)


@cache
def _word_list(name: str) -> frozenset[str]:
    return frozenset(_load("pipeline.images", "icon_words.yaml")[name])


def _load(package: str, file: str) -> Any:
    text = resources.files(package).joinpath(file).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
