"""What the runs under way have come to, and when: overheard from their events, for metrics and traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.events import Event, EventSink, RunEnded, RunStarted, Stage, StageDone, current_run

# Times that nobody came for, of runs that broke off without a report: so many are kept, and no more.
_MOST_KEPT = 256


@dataclass(slots=True, kw_only=True)
class RunTimes:
    """When things happened in one run, in monotonic seconds.

    `prompted` has the slides whose prompt was ready, `settled` those of which no more came: a picture, or none.
    """

    planned: int
    started_s: float
    ended_s: float | None = None
    prompted: dict[int, float] = field(default_factory=dict)
    settled: dict[int, float] = field(default_factory=dict)

    @property
    def awaiting_prompt(self) -> int:
        """Slides that wait for their prompt, or for whoever writes it."""
        return max(0, self.planned - len(self.prompted.keys() | self.settled.keys()))

    @property
    def awaiting_image(self) -> int:
        """Slides with a prompt that wait for their picture, or for whoever makes it."""
        return len(self.prompted.keys() - self.settled.keys())

    def image_s(self, number: int) -> float | None:
        """Seconds from a slide's prompt to the end of its picture, waits included; None where it came to none."""
        if number in self.prompted and number in self.settled:
            return self.settled[number] - self.prompted[number]
        return None


class Progress:
    """Hears the events of any number of runs, each in its own thread, told apart by `events.current_run`."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._under_way: dict[str, RunTimes] = {}
        self._ended: dict[str, RunTimes] = {}

    @property
    def under_way(self) -> list[RunTimes]:
        """The runs that have begun and not ended."""
        return list(self._under_way.values())

    def watching(self, sink: EventSink) -> EventSink:
        """A listener that passes all it hears on to `sink`."""

        def heard(event: Event) -> None:
            self._note(event)
            sink(event)

        return heard

    def take(self, run_id: str) -> RunTimes | None:
        """The times of a run that has ended, once; None where it was not heard of."""
        return self._ended.pop(run_id, None)

    def _note(self, event: Event) -> None:
        run_id, now = current_run.get(), self._monotonic()
        if isinstance(event, RunStarted):
            self._under_way[run_id] = RunTimes(planned=event.planned, started_s=now)
            return
        times = self._under_way.get(run_id)
        if times is None:
            return
        match event:
            case StageDone(stage=Stage.PROMPTS, slide_number=number, problem="", skipped=False):
                times.prompted.setdefault(number, now)
            case StageDone(stage=Stage.IMAGES, slide_number=number):
                times.settled.setdefault(number, now)
            case RunEnded():
                times.ended_s = now
                del self._under_way[run_id]
                self._keep(run_id, times)

    def _keep(self, run_id: str, times: RunTimes) -> None:
        self._ended[run_id] = times
        for former in list(self._ended)[:-_MOST_KEPT]:
            self._ended.pop(former, None)
