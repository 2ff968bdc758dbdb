"""What is wrong with a catalog entry, told in a user's words: file, model, field, and what it should be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.services.texts import LOOKS

Where = tuple[int | str, ...]
Own = tuple[Path, Mapping[str, Any]]
"""A file of a person's own and what it says."""


class Mistake(NamedTuple):
    """Something wrong, and the field where it stands."""

    where: Where
    what: str

    def __str__(self) -> str:
        text = f"{'.'.join(map(str, self.where))}: {self.what}" if self.where else self.what
        return " ".join(text.split())


class MistakesError(ValueError):
    """Several mistakes found at once."""

    def __init__(self, found: Iterable[Mistake]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(map(str, self.found)))


def told(found: Sequence[Mistake], data: Mapping[str, Any], own: Sequence[Own]) -> str:
    """One line for all mistakes in `data`, which is what the files `own` say laid over what ships, each with its file.

    One that models only take over from the one they are `like` is told of that one.
    """
    models = data.get("models")
    models = models if isinstance(models, Mapping) else {}
    every = set(found)
    first_hand = [mistake for mistake in dict.fromkeys(found) if not _is_taken_over(mistake, every, models)]
    return "; ".join(f"{_file(data, own, mistake.where, models)}: {mistake}" for mistake in first_hand)


def mistakes_in(error: ValidationError, fields: Iterable[str]) -> list[Mistake]:
    """What pydantic found, in a user's words; `fields` are those an unknown one may be meant for."""
    details = error.errors()
    # A list of one wrong thing is told of that thing; pydantic calls the list empty besides.
    full = {detail["loc"][:-1] for detail in details}
    kept = [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in full]
    return [mistake for detail in kept for mistake in _mistakes(detail, fields)]


def near(name: str, known: Iterable[str]) -> str:
    """What to add to a message: which known name was meant, "" where none is spelt alike."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {found[0]}?" if found else ""


def _mistakes(detail: ErrorDetails, fields: Iterable[str]) -> Iterator[Mistake]:
    where = tuple(step for step in detail["loc"] if step != "[key]")
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, MistakesError):
        yield from (Mistake((*where, *mistake.where), mistake.what) for mistake in cause.found)
    elif detail["type"] == "extra_forbidden":
        yield Mistake(where, f"unknown field{near(str(where[-1]), fields)}")
    else:
        yield Mistake(where, _words(detail))


_A_LIST, _LINES, _A_TEXT = "must be a list", "must be 'name: value' lines", "must be a text"
_A_NUMBER, _A_WHOLE_NUMBER, _A_SWITCH = "must be a number", "must be a whole number", "must be true or false"
_A_DATE = "must be a date like 2026-12-31"
_WORDS = {
    "missing": "is missing",
    "tuple_type": _A_LIST,
    "too_short": "must not be empty",
    "dict_type": _LINES,
    "model_type": _LINES,
    "string_type": _A_TEXT,
    "float_type": _A_NUMBER,
    "float_parsing": _A_NUMBER,
    "finite_number": "must be a finite number",
    "int_type": _A_WHOLE_NUMBER,
    "int_parsing": _A_WHOLE_NUMBER,
    "int_from_float": _A_WHOLE_NUMBER,
    "bool_type": _A_SWITCH,
    "bool_parsing": _A_SWITCH,
    "date_type": _A_DATE,
    "date_from_datetime_parsing": _A_DATE,
    "date_from_datetime_inexact": _A_DATE,
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
}


def _words(detail: ErrorDetails) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    if value is None and kind.endswith("_type"):
        return "must not be empty"
    if kind == "string_pattern_mismatch":
        return LOOKS.get(context["pattern"], detail["msg"])
    if kind == "string_type" and not isinstance(value, Mapping | list):
        return f"{_A_TEXT}; put it in quotes"
    words = _WORDS.get(kind)
    return detail["msg"].removeprefix("Value error, ") if words is None else words.format(**context)


def _is_taken_over(mistake: Mistake, found: set[Mistake], models: Mapping[str, Any]) -> bool:
    """True where the model it is told of did not say it itself and the one it is `like` makes the same mistake."""
    if len(mistake.where) < 2 or mistake.where[0] != "models":
        return False
    name, field = mistake.where[1], mistake.where[2:]
    if field and _depth(models.get(str(name)), field) == len(field):
        return False
    pattern = _pattern(models, name)
    return pattern is not None and Mistake(("models", pattern, *field), mistake.what) in found


def _pattern(models: Mapping[str, Any], name: int | str) -> str | None:
    """The model that another says it is like."""
    entry = models.get(str(name))
    like = entry.get("like") if isinstance(entry, Mapping) else None
    return like if isinstance(like, str) else None


def _file(data: Mapping[str, Any], own: Sequence[Own], where: Where, models: Mapping[str, Any]) -> str:
    """The file that says most of the field, of the model or of one it is like; of several the last."""
    places = [where, *_inherited(where, models)]
    depths = [max(_depth(said, place) for place in places) for _, said in own]
    if not depths:
        return f"{data.get('service')}.yaml"
    return str([path for (path, _), depth in zip(own, depths, strict=True) if depth == max(depths)][-1])


def _inherited(where: Where, models: Mapping[str, Any]) -> Iterator[Where]:
    if len(where) < 2 or where[0] != "models":
        return
    seen, name = set(), _pattern(models, where[1])
    while name is not None and name not in seen:
        yield ("models", name, *where[2:])
        seen.add(name)
        name = _pattern(models, name)


def _depth(said: Any, where: Iterable[int | str]) -> int:
    """How many steps of the way to a field are there."""
    count = 0
    for step in where:
        is_there = step in said if isinstance(said, Mapping) else isinstance(said, list) and step in range(len(said))
        if not is_there:
            break
        said, count = said[step], count + 1
    return count
