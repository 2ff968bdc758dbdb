"""Progress for people: two bars on a terminal, plain lines elsewhere, next to nothing when asked to be quiet."""

from __future__ import annotations

from typing import Never, TextIO

from tqdm import tqdm

from pipeline.events import Event, EventSink, Notice, RunEnded, RunStarted, Stage, StageDone


def progress_on(stream: TextIO, *, quiet: bool, plain: bool) -> EventSink:
    """The listener for `stream`. `plain` forces lines where a log is written to the same terminal."""
    if quiet:
        return QuietProgress(stream)
    return LineProgress(stream) if plain or not stream.isatty() else BarProgress(stream)


class QuietProgress:
    """Says only what must not be missed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice):
            print(event.text, file=self._stream)


class LineProgress:
    """One line for each slide and stage, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        match event:
            case Notice(text=text):
                print(text, file=self._stream, flush=True)
            case RunStarted(planned=planned) if planned:
                print(f"{planned} slide{'s' * (planned > 1)} to illustrate", file=self._stream, flush=True)
            case StageDone(stage=stage, slide_number=number, problem=problem) if not event.skipped:
                done = f"failed: {problem}" if problem else "done"
                what = "prompt" if stage is Stage.PROMPTS else "image"
                print(f"slide {number}: {what} {done}", file=self._stream, flush=True)


class BarProgress:
    """Two bars, one for each stage."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bars: dict[Stage, tqdm[Never]] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Notice(text=text):
                tqdm.write(text, file=self._stream)
            case RunStarted(planned=planned) if planned:
                self._bars = {stage: self._bar(stage, position, planned) for position, stage in enumerate(Stage)}
            case StageDone(stage=stage, slide_number=number, problem=problem):
                self._bars[stage].update()
                if problem:
                    tqdm.write(f"slide {number}: {problem}", file=self._stream)
            case RunEnded():
                for bar in self._bars.values():
                    bar.close()

    def _bar(self, stage: Stage, position: int, total: int) -> tqdm[Never]:
        return tqdm(total=total, desc=f"{stage.value:8}", position=position, file=self._stream, unit="slide")
