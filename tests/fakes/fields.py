"""A service's parameters as data: kinds, choices and ranges, and in what ways a request breaks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.fakes.wire import Json

Kind = Literal["text", "whole", "number", "flag", "list", "object", "ratio"]
Rule = Literal["required", "kind", "choice", "low", "high", "multiple", "length"]
_TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "ratio": (str,),
    "whole": (int,),
    "number": (int, float),
    "flag": (bool,),
    "list": (list,),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter. `low` and `high` are inclusive; of a ratio ("16:9") they bound the quotient.

    `longest` counts the characters of a text or the items of a list.
    """

    kind: Kind = "text"
    is_required: bool = False
    choices: tuple[str | int, ...] = ()
    low: float | None = None
    high: float | None = None
    multiple_of: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which a request is wrong: the rule it breaks, what the rule asks for and what was given."""

    name: str
    rule: Rule
    asked: Any
    given: Any


PROMPT = Field(is_required=True)
TEXT = Field()
FLAG = Field(kind="flag")
SEED = Field(kind="whole", low=0, high=2**32 - 1)


def choice(*choices: str | int, is_required: bool = False) -> Field:
    return Field(choices=choices, is_required=is_required)


def whole(low: int | None = None, high: int | None = None, multiple_of: int | None = None) -> Field:
    return Field(kind="whole", low=low, high=high, multiple_of=multiple_of)


def number(low: float | None = None, high: float | None = None) -> Field:
    return Field(kind="number", low=low, high=high)


def links(longest: int) -> Field:
    return Field(kind="list", longest=longest)


def problems(fields: Mapping[str, Field], given: Json) -> list[Problem]:
    """What is wrong with the known fields of a request, those that lack first."""
    found = [
        Problem(name=name, rule="required", asked=True, given=given)
        for name, field in fields.items()
        if field.is_required and given.get(name) in ("", None)
    ]
    lacking = {problem.name for problem in found}
    for name, value in given.items():
        if name in fields and name not in lacking:
            found.extend(_broken(name, fields[name], value))
    return found


def _broken(name: str, field: Field, value: Any) -> list[Problem]:
    if not isinstance(value, _TYPES[field.kind]) or (isinstance(value, bool) and field.kind != "flag"):
        return [Problem(name=name, rule="kind", asked=field.kind, given=value)]
    if field.choices and value not in field.choices:
        return [Problem(name=name, rule="choice", asked=field.choices, given=value)]
    if field.longest is not None and isinstance(value, str | list) and len(value) > field.longest:
        return [Problem(name=name, rule="length", asked=field.longest, given=value)]
    if field.kind not in ("whole", "number", "ratio"):
        return []
    return _out_of_range(name, field, value)


def _out_of_range(name: str, field: Field, value: Any) -> list[Problem]:
    size = quotient(value) if field.kind == "ratio" else value
    if size is None:
        return [Problem(name=name, rule="kind", asked="ratio", given=value)]
    if field.low is not None and size < field.low:
        return [Problem(name=name, rule="low", asked=field.low, given=value)]
    if field.high is not None and size > field.high:
        return [Problem(name=name, rule="high", asked=field.high, given=value)]
    if field.multiple_of is not None and size % field.multiple_of:
        return [Problem(name=name, rule="multiple", asked=field.multiple_of, given=value)]
    return []


def quotient(ratio: str) -> float | None:
    """Width over height of "16:9"; None for what is no ratio."""
    across, _, down = ratio.partition(":")
    return int(across) / int(down) if across.isdecimal() and down.isdecimal() and int(down) else None
