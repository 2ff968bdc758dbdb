"""Is this text English? Tells it from other languages in Latin letters, and takes out words in other alphabets."""

from __future__ import annotations

import math
import re
import tempfile
import unicodedata
from contextlib import suppress
from functools import cache
from threading import Lock

from anyascii import anyascii
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.errors import FileAccessError
from pipeline.prompting.labels import is_latin

# Tiny neighbours of English and Spanish (Tagalog, Bikol, Nigerian Pidgin, Galician, …) are left out: the model gives
# them many English prompts with a foreign name in them, and hardly anyone writes prompts in them.
_RIVALS = (
    *("de", "fr", "es", "it", "pt", "nl", "af", "sv", "da", "no", "is", "fi", "et", "lv", "lt", "pl", "cs", "sk", "sl"),
    *("hr", "hu", "ro", "sq", "ca", "eu", "tr", "az", "vi", "id", "ms", "sw", "eo", "ga", "cy"),
)

# Words that mark a text as English whatever else is in it: those that hold sentences together, and the staple of
# image prompts. None is a word of a rival language, so "in", "on", "no", "red", "style" and "diagram" are missing.
_MARKING = """
    the of with and from into its that their while above below beneath beside between through towards against
    around across being made surrounded showing holding standing growing rising flowing glowing floating shining
    two three four many several few every each without text letters inside behind near toward like view light
    lighting lights bright background foreground colors colour colours coloured colourful colorful rendering
    drawing painting watercolor watercolour shadows shapes paper sunlight dusk dawn sunset sunrise blue green
    yellow black white grey gray purple teal tones wide small tree trees house houses bridge hands night
    morning stone glass clay cloud clouds mountain mountains river forest field castle street road roads window
    windows door doors desk book books gear gears wheel wheels chart network networks layer layers cables key keys
    lighthouse ship ships bird birds growth olive grove velvet curtains banners skyline vivid dancers notebook
    shelf child children worker workers engineer scientist crowd holds stands rises
    rice saffron bread cheese spoon bowl kitchen cabin rooftop rooftops ceiling walls stairs tile tiles shelves
    succulents leaf leaves flower flowers branches roots seeds waves snow rain stars foggy misty valley valleys hill
    hills cliff cliffs meadow island beach shore pebbles wooden wool brass copper leather threads woven knitted
    carved cozy weathered rusty dusty sunny rainy snowy cloudy smooth blurred shallow tiny huge narrow dark cold
    ancient broken abandoned crowded quiet empty woman women teacher students dancer hiker clock arrow arrows maze
    bucket basket baskets boat boats lantern lanterns candle candles mirror balloon balloons rocket carnival
    fountain tower mosaic
"""
_ENGLISH_WORDS = frozenset(_MARKING.split())

# How far English may lie behind the best rival, in log-probability over the square root of the length (the noise of
# a sum grows like that root). Measured on 120 English prompts and 90 in 30 other languages: see the test.
_LEEWAY = 0.6
_LEEWAY_PER_ENGLISH_WORD = 3.2
_LEEWAY_OF_FRAGMENTS = 3.8
_SHORT_WORDS = 4
_CLAUSE_WORDS = 5
_LETTERS_PER_STRAY_ACCENT = 20
_PLAIN_SHARE = 0.1

# A letter of another alphabet inside a Latin word is there for its looks.
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХІЈаеорсухіјμ", "ABEKMHOPCTYXIJaeopcyxiju")
_GREEK_OR_CYRILLIC = "[\u0370-\u052f\u1f00-\u1fff]"

_loading = Lock()


def is_english(text: str) -> bool:
    """Tell whether `text` reads as English, whole and clause by clause.

    Names and loan words do not make a text foreign; a clause of five words or more in another language does. Fewer
    than four words say little and pass unless they are clearly foreign. Text without a Latin letter is not English.
    """
    if not re.search(r"[A-Za-z]", text):
        return False
    if not _is_plainly_english(text):
        english_words = min(_count_english_words(text), 2)
        leeway = _LEEWAY + _LEEWAY_PER_ENGLISH_WORD * english_words
        if len(text.split()) < _SHORT_WORDS:
            leeway = max(leeway, _LEEWAY_OF_FRAGMENTS)
        if _lead_of_english(text) < -leeway:
            return False
    clauses = (clause.strip() for clause in re.split(r"[.,;:!?()\n…—–]+", text))
    return not any(_is_foreign_clause(clause) for clause in clauses)


def _is_plainly_english(text: str) -> bool:
    """Tell whether words that only English has are so many that the model need not be asked, nor waited for."""
    return _count_english_words(text) >= 2 and _PLAIN_SHARE * len(text.split()) <= _count_english_words(text)


def _is_foreign_clause(clause: str) -> bool:
    if len(clause.split()) < _CLAUSE_WORDS or _count_english_words(clause):
        return False
    return _lead_of_english(clause) < -_LEEWAY_OF_FRAGMENTS


def _count_english_words(text: str) -> int:
    return len(_ENGLISH_WORDS.intersection(re.findall(r"[^\W\d_]+", text.lower())))


def _lead_of_english(text: str) -> float:
    """Measure how far English is ahead of the best rival; negative where it is behind."""
    # An accent or two is a loan word's ("naïve", "São Paulo"), but would count as much as a clause.
    if sum(not char.isascii() for char in text) * _LETTERS_PER_STRAY_ACCENT <= len(text):
        text = anyascii(text)
    # The model has seen few capitals: "NEURAL NETWORK" would be anything.
    scores = dict(load_language_model().rank(text.lower()))
    english = scores.pop("en")
    return float(english - max(scores.values())) / math.sqrt(len(text))


def is_foreign_script(text: str) -> bool:
    """Tell whether most letters belong to another alphabet."""
    letters = [is_latin(char) for char in text if char.isalpha()]
    return 2 * sum(letters) < len(letters)


def without_foreign_words(text: str) -> str:
    """Drop words not in Latin letters, but for a lone Greek or Cyrillic one: likely a name, transliterated later.

    Words of other scripts always go: spelt in ASCII they say too little, like Hebrew without its vowels, or the wrong
    thing, like the Chinese reading of a Japanese name.
    """
    text = re.sub(r"\w*[A-Za-z]\w*", lambda word: word[0].translate(_LOOKALIKES), text)
    text = re.sub(r'\([^()]*\)|"[^"]*"', lambda aside: "" if is_foreign_script(aside[0]) else aside[0], text)
    text = "".join(char if _can_be_transliterated(char) else " " for char in text)
    text = re.sub(rf"{_GREEK_OR_CYRILLIC}+(?:[\s-]+{_GREEK_OR_CYRILLIC}+)+", "", text)
    return re.sub(r"\b[Α-Ωα-ω]\b", lambda letter: unicodedata.name(letter[0]).split()[-1].lower(), text)


def _can_be_transliterated(char: str) -> bool:
    if unicodedata.category(char)[0] not in "LM":
        return True
    return is_latin(char) or bool(re.match(_GREEK_OR_CYRILLIC, char))


def warm_language_model() -> None:
    """Load the model beside other work, as it takes half a second. If it cannot be, who needs it will be told."""
    with suppress(FileAccessError):
        load_language_model()


def load_language_model() -> LanguageIdentifier:
    """The model behind `is_english`. Raises FileAccessError where there is no room to unpack it."""
    try:
        with _loading:
            return _load()
    except OSError as error:
        place = tempfile.gettempdir()
        raise FileAccessError(
            f"{place}: the language model cannot be unpacked there ({error.strerror}); free some space"
        ) from error


@cache
def _load() -> LanguageIdentifier:
    """The model is read-only once its languages are set."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(("en", *_RIVALS))
    return identifier
