"""How FastAPI services (BFL, fal) say which field of a request is wrong: one entry of a 422's `detail`."""

from __future__ import annotations

from typing import Any

from tests.fakes.fields import Problem
from tests.fakes.wire import Json

_KINDS = {
    "text": ("string_type", "Input should be a valid string"),
    "ratio": ("string_type", "Input should be a valid aspect ratio"),
    "whole": ("int_type", "Input should be a valid integer"),
    "number": ("float_type", "Input should be a valid number"),
    "flag": ("bool_type", "Input should be a valid boolean"),
    "list": ("list_type", "Input should be a valid list"),
    "object": ("dict_type", "Input should be a valid dictionary"),
}
_LIMITS = {  # rule: pydantic's type, its message, the name of the limit in `ctx`
    "low": ("greater_than_equal", "Input should be greater than or equal to {}", "ge"),
    "high": ("less_than_equal", "Input should be less than or equal to {}", "le"),
    "multiple": ("multiple_of", "Input should be a multiple of {}", "multiple_of"),
    "length": ("too_long", "Value should have at most {} items", "max_length"),
}


def entry(name: str, kind: str, message: str, given: Any = None, **context: Any) -> Json:
    """Location, message and type, with the limit that was broken in `ctx`."""
    found: Json = {"type": kind, "loc": ["body", name], "msg": message, "input": given}
    return found | ({"ctx": context} if context else {})


def in_words(problem: Problem) -> Json:
    """One broken rule as pydantic words it."""
    name, asked, given = problem.name, problem.asked, problem.given
    match problem.rule:
        case "required":
            return entry(name, "missing", "Field required", given)
        case "choice":
            words = " or ".join(f"'{choice}'" for choice in asked)
            return entry(name, "literal_error", f"Input should be {words}", given, expected=words)
        case "kind":
            return entry(name, *_KINDS[asked], given)
    kind, message, limit = _LIMITS[problem.rule]
    return entry(name, kind, message.format(asked), given, **{limit: asked})


def unknown(name: str, given: Any) -> Json:
    """A field that a strict endpoint does not take."""
    return entry(name, "extra_forbidden", "Extra inputs are not permitted", given)
