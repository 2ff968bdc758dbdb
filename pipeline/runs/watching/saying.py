"""Telling a person what keeps a file waiting: once, not at each look."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

# So many subjects are remembered: whoever watches for years may meet any number of names.
_REMEMBERED = 1000


class Said:
    """Calls `tell` with a text about a subject unless that was the last one about it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last: OrderedDict[str, str] = OrderedDict()

    def __call__(self, subject: str, text: str) -> None:
        before = self._last.pop(subject, None)
        self._last[subject] = text
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        if text != before:
            self._tell(text)
