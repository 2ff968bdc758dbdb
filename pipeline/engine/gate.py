"""The success gate of one stage: how many of the planned slides have come through, and whether enough still can."""

from __future__ import annotations

# Rates are ratios of small whole numbers; this is far below the step of any deck's.
_ROUNDING = 1e-9


class Gate:
    """Counts one stage's outcomes. Touched by the run's owner alone."""

    def __init__(self, planned: int, min_success_rate: float) -> None:
        self.planned = planned
        self.succeeded = 0
        self.failed = 0
        self._min_success_rate = min_success_rate

    @property
    def is_lost(self) -> bool:
        """True once so many have failed for good that the rate cannot be reached, whatever comes."""
        return self.planned - self.failed < self._needed

    def skip(self) -> None:
        """One planned slide wants no picture after all; it no longer counts either way."""
        self.planned -= 1

    def describe(self) -> str:
        """The state as a person reads it: "3 of 12 failed, at least 80 % must succeed"."""
        return f"{self.failed} of {self.planned} failed, at least {self._min_success_rate:.0%} must succeed"

    @property
    def _needed(self) -> float:
        return self._min_success_rate * self.planned - _ROUNDING
