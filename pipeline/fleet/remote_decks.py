"""Decks in storage: which are meant by a URL that names one, a folder, or a pattern."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from pipeline.fleet.addresses import below, name_of
from pipeline.runs.collection.finding import fits, is_deck, is_work
from pipeline.runs.targets import DECK_SUFFIXES
from pipeline.store.shared.depot import listing

_WILD = "*?["


def find_remote(
    url: str, *, recursive: bool, include: Collection[str], exclude: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Each deck's URL, and how it stands below the folder, or below a pattern's part without wildcards.

    `include` and `exclude` are patterns for the name or the path below the folder; who names one deck means it. Raises
    FileAccessError where nothing of the kind can be listed, UsageError where there is no such kind of place.
    """
    if not any(sign in url for sign in _WILD) and PurePosixPath(name_of(url)).suffix.lower() in DECK_SUFFIXES:
        yield url, name_of(url)
        return
    folder, pattern = _split(url, "**" if recursive else "*")
    for found in listing(folder, pattern):
        relative = PurePosixPath(found.removeprefix(folder.rstrip("/") + "/"))
        if _is_deck(relative) and (not include or fits(relative, include)) and not fits(relative, exclude):
            yield below(folder, str(relative)), str(relative)


def _split(url: str, everything: str) -> tuple[str, str]:
    """The folder without wildcards, and the pattern below it; `everything` where there is none."""
    parts = url.split("/")
    fixed = next((number for number, part in enumerate(parts) if any(sign in part for sign in _WILD)), len(parts))
    return "/".join(parts[:fixed]), "/".join(parts[fixed:]) or everything


def _is_deck(relative: PurePosixPath) -> bool:
    return is_deck(relative.name) and not any(map(is_work, relative.parts[:-1]))
