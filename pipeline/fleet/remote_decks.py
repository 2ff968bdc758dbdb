"""Decks in storage: which are meant by a URL that names one, a folder, or a pattern."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from pipeline.fleet.addresses import below, name_of
from pipeline.runs.targets import DECK_SUFFIXES
from pipeline.store.shared.depot import listing

_WILD = "*?["
_OUR_WORDS = (".illustrated", ".partial")


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
        if _is_deck(relative) and (not include or _fits(relative, include)) and not _fits(relative, exclude):
            yield below(folder, str(relative)), str(relative)


def _split(url: str, everything: str) -> tuple[str, str]:
    """The folder without wildcards, and the pattern below it; `everything` where there is none."""
    parts = url.split("/")
    fixed = next((number for number, part in enumerate(parts) if any(sign in part for sign in _WILD)), len(parts))
    return "/".join(parts[:fixed]), "/".join(parts[fixed:]) or everything


def _is_deck(relative: PurePosixPath) -> bool:
    """Hidden files, owner files, work folders and our own products are no decks."""
    hidden = any(part.startswith((".", "~$")) for part in relative.parts)
    work = any(part.endswith(".work") for part in relative.parts[:-1])
    product = relative.stem.lower().endswith(_OUR_WORDS)
    return relative.suffix.lower() in DECK_SUFFIXES and not (hidden or work or product)


def _fits(relative: PurePosixPath, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(relative.name, one) or fnmatchcase(str(relative), one) for one in patterns)
