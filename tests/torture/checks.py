"""What a torture script claims: each claim holds or is told at once, and all of them are listed at the end."""

from __future__ import annotations

import sys
import threading
from collections import Counter


class Checks:
    """Claims by name, each made any number of times. Safe for many threads."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def that(self, claim: str, holds: bool, detail: object = "") -> bool:
        """Make one claim; `detail` says what was found where it does not hold. Returns `holds`."""
        with self._lock:
            self._made[claim] += 1
            if not holds:
                self._broken[claim] += 1
        if not holds:
            say(f"  FAILED  {claim}: {detail}")
        return holds

    def summary(self) -> int:
        """A line for each claim; returns how many of them broke."""
        say("")
        for claim, times in self._made.items():
            broken = self._broken[claim]
            say(f"{'FAILED' if broken else 'ok':8}{claim} ({times - broken} of {times})")
        return len(self._broken)


def say(text: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
