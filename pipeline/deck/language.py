"""The language of a text: what its runs are tagged with, corrected by the script they are written in."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from pipeline.deck.ooxml import Element, qualified

_RUNS = (qualified("a:r"), qualified("a:fld"))
_PROPERTIES, _TEXT = qualified("a:rPr"), qualified("a:t")

_LATIN = "Latin"
_SCRIPTS = {
    _LATIN: "A-Za-z\u00aa-\u024f\u1e00-\u1eff",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "Kana": "\u3040-\u30ff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Thai": "\u0e00-\u0e7f",
    "Devanagari": "\u0900-\u097f",
    "Armenian": "\u0530-\u058f",
    "Georgian": "\u10a0-\u10ff",
}
"""Unicode blocks of the scripts that tell languages apart (https://www.unicode.org/Public/UNIDATA/Blocks.txt)."""

_STRETCHES = re.compile("|".join(f"(?P<{name}>[{characters}]+)" for name, characters in _SCRIPTS.items()))

_LANGUAGES = {
    "Cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "tt", "mn", "uz", "az", "bs"),
    "Greek": ("el",),
    "Hebrew": ("he", "yi"),
    "Arabic": ("ar", "fa", "ur", "ps", "ku", "ug", "sd"),
    "Kana": ("ja",),
    "Han": ("zh", "ja"),
    "Hangul": ("ko",),
    "Thai": ("th",),
    "Devanagari": ("hi", "mr", "ne", "sa"),
    "Armenian": ("hy",),
    "Georgian": ("ka",),
}
"""Who writes in a script; the first is meant where a tag says otherwise."""

_NOT_LATIN = frozenset(language for languages in _LANGUAGES.values() for language in languages) - {
    "uz",
    "az",
    "bs",
    "sr",
}

_TELLING = (("Cyrillic", "be", "ў"), ("Cyrillic", "uk", "іїєґ"), ("Arabic", "fa", "پچژگ"))
"""Letters one language of a script has and the script's first has not; Belarusian has an і as well, so it is first."""

_TELLING_SHARE = 0.01
"""Each of these makes up more of a text in its language; a foreign name in a text in another makes less."""

_RETIRED = {"iw": "he", "in": "id", "ji": "yi"}
"""Codes ISO 639 has withdrawn and Office still writes."""


def language_votes(root: Element) -> Counter[str]:
    """How many letters speak for each ISO 639 code in the text below `root`."""
    votes: Counter[str] = Counter()
    mistagged: defaultdict[str, list[str]] = defaultdict(list)
    for run in root.iter(*_RUNS):
        properties = run.find(_PROPERTIES)
        tag = "" if properties is None else properties.get("lang", "")
        _count(run.findtext(_TEXT) or "", _base(tag), votes, mistagged)
    for script, stretches in mistagged.items():
        text = "".join(stretches)
        votes[_native(script, text)] += len(text)
    return votes


def majority(votes: Counter[str]) -> str:
    """The code with most letters, "" where there is none."""
    return votes.most_common(1)[0][0] if votes else ""


def _count(text: str, tagged: str, votes: Counter[str], mistagged: defaultdict[str, list[str]]) -> None:
    """Latin words inside text tagged as of another script are names and terms: they speak for no language."""
    for stretch in _STRETCHES.finditer(text):
        script = stretch.lastgroup or _LATIN
        letters = stretch.group()
        if script == _LATIN:
            if tagged and tagged not in _NOT_LATIN:
                votes[tagged] += len(letters)
        elif tagged in _LANGUAGES[script]:
            votes[tagged] += len(letters)
        else:
            mistagged[script].append(letters)


def _base(tag: str) -> str:
    """The language of a tag such as "zh-CN"; "" for PowerPoint's "x-none"."""
    language = tag.replace("_", "-").partition("-")[0].lower()
    return "" if language == "x" else _RETIRED.get(language, language)


def _native(script: str, text: str) -> str:
    """The language a mistagged text is most likely in, told by letters that others of its script lack."""
    for telling_script, language, letters in _TELLING:
        share = sum(text.lower().count(letter) for letter in letters) / len(text)
        if script == telling_script and share >= _TELLING_SHARE:
            return language
    return _LANGUAGES[script][0]
