"""One run as it is seen from outside: how far it is, by the servers' counts and by what stands on the disk."""

from __future__ import annotations

import time
from pathlib import Path

from tests.torture.calls import Call, Watch
from tests.torture.program import Place
from tests.torture.timeline import Life, Moment, Phase


class Observer:
    """Watches one process on a deck that others may have begun. Made before the process is."""

    def __init__(self, place: Place, watch: Watch, slides: int) -> None:
        self._place = place
        self._watch = watch
        self._calls = 2 * slides
        self._slides = slides
        self._was_done = place.output.exists()
        self._old_temporaries = _temporaries(place.folder)
        self._saving_s: float | None = None
        self._delivered_s: float | None = None

    def look(self) -> None:
        """To be called all the time: what is on the disk has no other witness."""
        if self._saving_s is None and self.is_saving:
            self._saving_s = time.monotonic()
        if self._delivered_s is None and self.is_delivered:
            self._delivered_s = time.monotonic()

    @property
    def is_saving(self) -> bool:
        """True while the finished deck is being written beside its place, and after a kill in that."""
        return bool(_temporaries(self._place.folder) - self._old_temporaries)

    @property
    def is_delivered(self) -> bool:
        """True where the deck is in its place and was not when the process began."""
        return not self._was_done and self._place.output.exists()

    @property
    def saving_s(self) -> float | None:
        """When it was seen to be saving first."""
        return self._saving_s

    @property
    def delivered_s(self) -> float | None:
        return self._delivered_s

    def due_s(self, moment: Moment, life: Life, started_s: float) -> float | None:
        """When the moment is, None before that can be known.

        What it follows may have happened in an earlier run; then it follows this run's start-up.
        """
        anchor_s = self._anchor_s(moment, started_s)
        if anchor_s is None:
            return None
        return (anchor_s if anchor_s >= started_s else started_s + life.calls[0]) + moment.offset_s

    def _anchor_s(self, moment: Moment, started_s: float) -> float | None:
        """When that happened which the moment follows, None where it has not yet."""
        match moment.phase:
            case Phase.START_UP:
                return started_s
            case Phase.DELIVERY:
                return self._saving_s
            case Phase.AFTER:
                return 0.0 if self._was_done else self._delivered_s
        calls = self._firsts(started_s)
        if moment.phase is Phase.SAVING:
            return max(call.answered_s for call in calls) if len(calls) == self._calls else None
        return calls[moment.calls - 1].begun_s if len(calls) >= moment.calls else None

    def phase(self, life: Life, started_s: float, at_s: float) -> Phase:
        """What a process that began at `started_s` was at when it was killed."""
        if self.is_saving:
            return Phase.DELIVERY
        if self.is_delivered:
            return Phase.AFTER
        calls = self._firsts(started_s)
        answered = [call for call in calls if call.answered_s <= at_s]
        has_called = any(call.begun_s >= started_s for call in calls)
        if not has_called and (len(answered) < self._calls or at_s - started_s < life.calls[0]):
            return Phase.START_UP
        if len(answered) == self._calls:
            return Phase.AFTER if self._was_done else Phase.SAVING
        written = sum(call.kind == "prompt" for call in answered)
        return Phase.IMAGES if written == self._slides else Phase.PROMPTS

    def _firsts(self, started_s: float) -> list[Call]:
        """The first call of each kind for each slide whose answer found a living process."""
        found: dict[tuple[str, int], Call] = {}
        for call in self._watch.calls():
            if call.begun_s >= started_s or call.answered_s < started_s:
                found.setdefault((call.kind, call.slide), call)
        return list(found.values())


def _temporaries(folder: Path) -> frozenset[str]:
    """Hidden files that something was written to; an empty one is only a try whether one can."""
    found = set()
    for path in folder.iterdir():
        try:
            if path.name.startswith(".") and path.stat().st_size:
                found.add(path.name)
        except FileNotFoundError:  # renamed since
            continue
    return frozenset(found)
