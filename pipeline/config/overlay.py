"""A second file of settings, laid over a configuration by whoever owns a folder: how its pictures are made, no more.

Who may put a deck into a shared folder may put a file beside it. So it cannot name commands, addresses, folders of
ours or bounds for money: those are set by whoever starts the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config.loader import Configuration, from_file
from pipeline.config.paths import flatten
from pipeline.config.settings import Settings
from pipeline.config.values import Value, validated
from pipeline.errors import UsageError

OPEN_SECTIONS = ("style", "project", "workers", "gate", "prompts", "images", "rules", "layout")
ARGUMENT = "argument"
# Settings that only mean something together: who sets one of them here wants none of the others from elsewhere.
_NAMING = (
    {"prompts.provider": "auto", "prompts.model": None},
    {"images.provider": "auto", "images.model": None, "images.chain": ()},
)


def overlaid(configuration: Configuration, path: Path) -> Configuration:
    """`configuration` with the settings of the file `path` over all but those given as arguments.

    Raises UsageError naming every problem with its line, FileAccessError where the file cannot be read.
    """
    given = from_file(path)
    closed = [value.origin for key, value in given.items() if key.partition(".")[0] in _closed_sections()]
    if closed:
        told = ", ".join(OPEN_SECTIONS)
        raise UsageError(f"{'; '.join(closed)}: is set where the program is started, not here; here may stand: {told}")
    origins = configuration.origins
    held = {key: Value(value=value, origin=origins.get(key, "settings")) for key, value in _open(configuration)}
    over = {key: value for key, value in _with_their_own(given, origins).items() if origins.get(key) != ARGUMENT}
    found = validated({**held, **over})
    settings = configuration.settings.model_copy(update={name: getattr(found, name) for name in OPEN_SECTIONS})
    told_origins = {**origins, **{key: value.origin for key, value in over.items()}}
    return replace(configuration, settings=settings, origins=told_origins)


def _closed_sections() -> set[str]:
    return Settings.model_fields.keys() - set(OPEN_SECTIONS)


def _open(configuration: Configuration) -> Iterator[tuple[str, Any]]:
    return flatten(configuration.settings.model_dump(include=set(OPEN_SECTIONS)))


def _with_their_own(given: Mapping[str, Value], origins: Mapping[str, str]) -> dict[str, Value]:
    """`given` with what belongs to it put back to its default, and without what arguments have settled."""
    over = dict(given)
    for group in _NAMING:
        named = group.keys() & given.keys()
        if any(origins.get(key) == ARGUMENT for key in group):
            over = {key: value for key, value in over.items() if key not in group}
        elif named:
            origin = given[min(named)].origin
            over |= {key: Value(value=value, origin=origin) for key, value in group.items() if key not in given}
    return over
