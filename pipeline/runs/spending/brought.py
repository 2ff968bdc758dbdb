"""What batches brought in a run: it is paid for now, and not spared by the store it is then found in."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.records import Request
from pipeline.records.history import AttemptRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Safe for the threads of one run. `calls` are those of batches that ended in this run, as the history has them.

    What came of them is in `_usd` with its slide and its price until somebody uses it.
    """

    calls: list[AttemptRecord] = field(default_factory=list)
    _usd: dict[str, tuple[int, float]] = field(default_factory=dict)

    def came(self, request: Request, slide_number: int, usd: float | None) -> None:
        """The answer to `request` is in the store, paid for with `usd`, None where nobody knows."""
        self._usd[request.key] = (slide_number, usd or 0.0)

    def take_usd(self, request: Request) -> float | None:
        """What was paid for the answer to `request`, told once; None where no batch of this run brought it."""
        found = self._usd.pop(request.key, None)
        return None if found is None else found[1]

    def take_all(self) -> list[tuple[int, float]]:
        """The slides and prices of what nobody used."""
        left = list(self._usd.values())
        self._usd.clear()
        return left

    @property
    def wasted_usd(self) -> float:
        """What was charged for questions that brought nothing."""
        return sum(call.cost_usd or 0.0 for call in self.calls if call.error_kind)
