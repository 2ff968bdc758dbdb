"""Slide numbers as a person types them: "2-5,8"."""

from __future__ import annotations

import re

from pipeline.errors import UsageError

_PART = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def parse_selection(text: str, slide_count: int) -> frozenset[int]:
    """The slide numbers in `text`. Raises UsageError where it is no list of ranges within the deck."""
    chosen: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if not match:
            raise UsageError(f"--slides {text}: {part.strip()!r} is no slide or range; write it like 2-5,8")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= slide_count:
            raise UsageError(f"--slides {text}: {part.strip()} is not within 1-{slide_count}, the slides of this deck")
        chosen.update(range(first, last + 1))
    return frozenset(chosen)
