"""From single values, each with where it was written, to settings; and from a mistake back to who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.settings import Settings
from pipeline.errors import UsageError
from pipeline.services.mistakes import near

DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One setting's value before validation and where it was written; `within` likewise of what stands in a list."""

    value: Any
    origin: str
    within: Mapping[str, str] = field(default_factory=dict)


def validated(values: Mapping[str, Value]) -> Settings:
    """The settings that `values` make, by dotted keys. Raises UsageError naming every problem with its origin."""
    nested, problems = _nested(values)
    try:
        settings = Settings.model_validate(nested)
    except ValidationError as error:
        problems += [_problem(detail, values) for detail in error.errors()]
    if problems:
        raise UsageError("; ".join(problems))
    return settings


def _nested(values: Mapping[str, Value]) -> tuple[dict[str, Any], list[str]]:
    """The values as sections, and what was wrong with the keys that could not be put into one."""
    nested: dict[str, Any] = {}
    problems = []
    for key, value in values.items():
        *sections, name = key.split(".")
        target: Any = nested
        for section in sections:
            target = target.setdefault(section, {}) if isinstance(target, dict) else target
        if not isinstance(target, dict):
            problems.append(f"{value.origin}: {key}: '{'.'.join(sections)}' is a single value, it holds no settings")
        elif value.value == {}:
            target.setdefault(name, {})
        else:
            target[name] = value.value
    return nested, problems


def _problem(detail: ErrorDetails, values: Mapping[str, Value]) -> str:
    path = [str(part) for part in detail["loc"]]
    key = ".".join(path)
    origin = _origin(key, values)
    if detail["type"] != "extra_forbidden":
        given = "" if isinstance(detail["input"], dict) else f", got {detail['input']!r}"
        return f"{origin}: {key}: {detail['msg'].removeprefix('Value error, ')}{given}"
    return f"{origin}: {key}: unknown setting{near(path[-1], _keys_beside(path))}"


def _origin(key: str, values: Mapping[str, Value]) -> str:
    """Who wrote `key`, or what stands below it if anybody did, or what it stands below."""
    if key in values:
        return values[key].origin
    below = [value.origin for name, value in values.items() if name.startswith(f"{key}.")]
    above = [name for name in values if key.startswith(f"{name}.")]
    if above and not below:
        return inner_origin(key, values[max(above, key=len)])
    return next((origin for origin in below if origin != DEFAULT), below[0])


def inner_origin(key: str, value: Value) -> str:
    """Who wrote `key`, which stands inside the list `value`, or what it stands below there."""
    while key and key not in value.within:
        key = key.rpartition(".")[0]
    return value.within[key] if key else value.origin


def _keys_beside(path: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for section in path[:-1]:
        if section.isdigit():  # the number of an entry in a list, whose kind is known
            continue
        declared = model.model_fields[section].annotation
        annotation = next(iter(get_args(declared)), declared)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)
