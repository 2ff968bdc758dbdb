"""The `{{names}}` in a template: which there are, and which a model has no value for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")

ALWAYS = frozenset({"prompt", "model", "route", "key"})
OF_A_TASK = frozenset({"id", "model", "route"})
OF_SHAPES = frozenset({"width", "height", "size", "aspect_ratio", "resolution"})


def names_in(template: Any) -> Iterator[str]:
    """Every name that stands in double braces in `template`: a text, or lists and mappings of them, keys included."""
    if isinstance(template, str):
        yield from PLACEHOLDER.findall(template)
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from names_in(key)
            yield from names_in(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from names_in(value)
