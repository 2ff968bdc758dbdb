"""JMESPath over what a service answered: the one way the catalog says where something stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature
from jmespath.parser import ParsedResult
from pydantic import AfterValidator


class _Functions(Functions):
    """JMESPath's own; `from_json`, for services that put JSON into a text; `matches`, for what is said in words."""

    @signature({"types": ["string", "null"]})
    def _func_from_json(self, text: str | None) -> Any:
        try:
            return json.loads(text or "null")
        except ValueError:
            return None

    @signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_matches(self, text: str | None, pattern: str) -> bool:
        return bool(text) and re.search(pattern, text or "", re.IGNORECASE) is not None


def _compilable(expression: str) -> str:
    try:
        parsed = _compiled(expression).parsed
    except JMESPathError as error:
        raise ValueError(f"not a JMESPath expression: {' '.join(str(error).split())}") from error
    _check_calls(parsed)
    return expression


def _check_calls(node: Mapping[str, Any]) -> None:
    """Raise ValueError for a call that could only fail later: the function, its arguments or their number are none."""
    children = [child for child in node["children"] if isinstance(child, Mapping)]
    if node["type"] == "function_expression":
        if node["value"] not in _FUNCTIONS.FUNCTION_TABLE:
            raise ValueError(f"not a JMESPath expression: there is no function {node['value']}()")
        _check_count(node["value"], len(children))
        if node["value"] == "matches" and children[-1]["type"] == "literal":
            checked_pattern(str(children[-1]["value"]))
    for child in children:
        _check_calls(child)


def _check_count(name: str, count: int) -> None:
    """Raise ValueError where the function takes more or fewer arguments: every call of it would find nothing."""
    parameters = _FUNCTIONS.FUNCTION_TABLE[name]["signature"]
    is_open = bool(parameters) and bool(parameters[-1].get("variadic"))
    if count < len(parameters) or (count > len(parameters) and not is_open):
        takes = f"{len(parameters)} argument{'s' if len(parameters) != 1 else ''}{' or more' if is_open else ''}"
        raise ValueError(f"not a JMESPath expression: {name}() takes {takes}, not {count}")


def checked_pattern(text: str) -> str:
    """`text` itself. Raises ValueError where it is no regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


Expression = Annotated[str, AfterValidator(_compilable)]
"""A JMESPath expression (jmespath.org). Two functions besides its own: `from_json(text)`, and `matches(text, pattern)`,
which searches a text, or nothing, for a regular expression without regard to case."""


def look_up(expression: str, answer: Any) -> Any:
    """What `expression` finds in `answer`, None where it finds nothing or meets something of another type."""
    try:
        return _compiled(expression).search(answer, _OPTIONS)
    except (JMESPathError, TypeError, ValueError, OverflowError, RecursionError):
        # The last four are jmespath's own: contains('text', `1`), ceil() of infinity, JSON nested without end.
        return None


@cache
def _compiled(expression: str) -> ParsedResult:
    return jmespath.compile(expression)


_FUNCTIONS = _Functions()
_OPTIONS = jmespath.Options(custom_functions=_FUNCTIONS)
