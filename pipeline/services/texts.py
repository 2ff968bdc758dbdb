"""What the catalog's texts and requests must look like to be of use: names, addresses, headers, what JSON can say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field

SERVICE_NAME = r"^[a-z][a-z0-9-]*$"
VARIABLE = r"^[A-Z][A-Z0-9_]*$"
ADDRESS = r"^https?://"
SIZE = r"^[1-9]\d*x[1-9]\d*$"
RATIO = r"^[1-9]\d*(\.\d+)?:[1-9]\d*(\.\d+)?$"
# RFC 9110, section 5.1 and 5.5: a token; visible ASCII with blanks inside.
_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
KEY_TEXT = r"^([!-~][ \t!-~]*)?\{\{key\}\}([ \t!-~]*[!-~])?$"
_HEADER_TEXT = r"^([!-~]([ \t!-~]*[!-~])?)?$"

_CARRIED = "must be what an HTTP header can carry: ASCII in one line, no blank at its ends"
LOOKS = {
    SERVICE_NAME: "must be small letters, digits and hyphens, like my-service",
    VARIABLE: "must be a variable's name in capitals, like ACME_API_KEY",
    ADDRESS: "must begin with http:// or https://",
    SIZE: "must be a size like 1024x768",
    RATIO: "must be a ratio like 16:9",
    _HEADER_NAME: "must be a header's name like X-Api-Key",
    _HEADER_TEXT: _CARRIED,
    KEY_TEXT: f"must hold {{{{key}}}}, and {_CARRIED}",
}
"""How a text that does not match one of the patterns is told what it should be."""

HeaderName = Annotated[str, Field(pattern=_HEADER_NAME)]
HeaderText = Annotated[str, Field(pattern=_HEADER_TEXT)]


def _sayable(template: dict[str, Any]) -> dict[str, Any]:
    problem = _problem(template, "")
    if problem:
        raise ValueError(problem)
    return template


Template = Annotated[dict[str, Any], AfterValidator(_sayable)]
"""What is sent as JSON: only what JSON can say, which is less than YAML can."""


def _problem(value: Any, where: str) -> str:
    """The first value inside that JSON has no word for, "" where there is none."""
    if isinstance(value, Mapping):
        return next(filter(None, (_problem(item, f"{where}.{name}") for name, item in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (_problem(item, f"{where}.{place}") for place, item in enumerate(value))), "")
    words = _unsayable(value)
    return f"{where.lstrip('.')} is {words}" if words else ""


def _unsayable(value: Any) -> str:
    if value is None or isinstance(value, str | int):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else "no finite number, which JSON cannot say"
    if isinstance(value, set):
        return "a set, which JSON cannot say; write it as a list"
    return f"{'a date' if isinstance(value, date) else 'binary'}, which JSON cannot say; put it in quotes"
