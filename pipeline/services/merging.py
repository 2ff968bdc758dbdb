"""Catalog files laid over one another: what a person's own file says wins, the rest stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.services.mistakes import Mistake, MistakesError

# What is said in one of several ways: half of one and half of another would be neither.
_WHOLE = ("shape", "price")


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, what `above` says winning.

    Sections are laid over one another in the same way; lists are replaced, and so are a model's shape and its price.
    """
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping) and name not in _WHOLE:
            merged[name] = laid_over(under, value)
        else:
            merged[name] = value
    return merged


def with_likes(models: Mapping[str, Any]) -> dict[str, Any]:
    """The models of a service, each with what it takes over from the one it is `like`.

    A model stands alone in being a default, in its aliases and in where it is asked for; those are not taken over.
    Raises MistakesError where `like` leads nowhere or in a circle.
    """
    return {name: _taken_over(name, models, ()) for name in models}


_OWN = ("default", "pattern", "aliases", "title", "route", "retires")


def _taken_over(name: str, models: Mapping[str, Any], seen: tuple[str, ...]) -> Any:
    entry = models[name]
    other = entry.get("like") if isinstance(entry, Mapping) else None
    if not isinstance(other, str):
        return entry
    if other not in models or name in seen:
        what = f"there is no model {other!r} of this service it could be like"
        raise MistakesError([Mistake(("models", name, "like"), what)])
    pattern = _taken_over(other, models, (*seen, name))
    if not isinstance(pattern, Mapping):
        return entry
    shared = {key: value for key, value in pattern.items() if key not in _OWN}
    return laid_over(shared, entry)
