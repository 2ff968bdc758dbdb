"""The catalog's templates with values put in: the request becomes an exact copy of the service's own. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pipeline.services.placeholders import PLACEHOLDER

ABSENT = object()
"""What a text becomes that stands for a value there is not."""

# In these a "/" divides what the service itself divides: owner/name.
_PATHS = ("route", "model")


def rendered(template: Any, values: Mapping[str, Any]) -> Any:
    """`template` with its `{{name}}` replaced, ABSENT where nothing is left of it.

    A text that is nothing but `{{name}}` becomes the value with its type, any other text gets values as text. A member
    that stands for no value disappears, and so do the lists and mappings it leaves empty. Values are not rendered.
    """
    if isinstance(template, str):
        whole = PLACEHOLDER.fullmatch(template)
        return _value(whole[1], values) if whole else _text(template, values)
    if isinstance(template, Mapping):
        members = ((_text(str(name), values), rendered(member, values)) for name, member in template.items())
        left = {name: member for name, member in members if name is not ABSENT and member is not ABSENT}
        return left if left or not template else ABSENT
    if isinstance(template, list | tuple):
        items = [item for item in (rendered(entry, values) for entry in template) if item is not ABSENT]
        return items if items or not template else ABSENT
    return template


def rendered_texts(template: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Headers or a query: every value a text, those that stand for no value left out."""
    texts = ((name, _text(text, values)) for name, text in template.items())
    return {name: text for name, text in texts if text is not ABSENT}


def rendered_path(template: str, values: Mapping[str, Any]) -> str:
    """A path whose values are percent-encoded, but for the "/" in a model's name. "" for a value there is not."""

    def encoded(name: str) -> str:
        value = _value(name, values)
        return "" if value is ABSENT else quote(as_text(value), safe="/:@" if name in _PATHS else "", errors="replace")

    return PLACEHOLDER.sub(lambda match: encoded(match[1]), template)


def as_text(value: Any) -> str:
    """A value as a form or an address says it: what is no text, as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    value = values.get(name)
    return ABSENT if value is None else value


def _text(template: str, values: Mapping[str, Any]) -> Any:
    if any(_value(name, values) is ABSENT for name in PLACEHOLDER.findall(template)):
        return ABSENT
    return PLACEHOLDER.sub(lambda match: as_text(values[match[1]]), template)
