"""How fast the engine is: one deck one call at a time, then through the pipeline, beside the bound nothing can beat.

    python -m tests.benchmarks.engine

Both protocol servers run in a process of their own, so that drawing their pictures takes no time from the engine.
Every run is the whole program without its start-up: reading, calls, checking, cutting, inserting, saving.
"""

from __future__ import annotations

import argparse
import heapq
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anthropic  # noqa: F401 - loading the SDKs is start-up, which is not measured
import openai  # noqa: F401
from pptx import Presentation
from pptx.util import Inches

from pipeline import Settings, illustrate_deck

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is run: how many slides and workers, and the seconds that calls take and starts lie apart."""

    slides: int
    workers: int
    prompt_s: float = 0.3
    image_s: float = 1.5
    prompt_delay_s: float = 0.1
    image_delay_s: float = 0.2

    def sequential_bound_s(self) -> float:
        return self.slides * (self.prompt_s + self.image_s)

    def pipeline_bound_s(self) -> float:
        """When the last picture can be there at the earliest, if nothing but the calls took time."""
        free_at = [0.0] * self.workers
        written, next_start, last = 0.0, 0.0, 0.0
        for _ in range(self.slides):
            written += max(self.prompt_s, self.prompt_delay_s)
            begun = max(written, heapq.heappop(free_at), next_start)
            next_start = begun + self.image_delay_s
            last = max(last, begun + self.image_s)
            heapq.heappush(free_at, begun + self.image_s)
        return last

    def settings(self) -> Settings:
        return Settings.model_validate(
            {
                "prompts": {"provider": "anthropic"},
                "images": {"provider": "openai"},
                "workers": {
                    "image_workers": self.workers,
                    "prompt_delay_s": self.prompt_delay_s,
                    "image_delay_s": self.image_delay_s,
                },
            }
        )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--short", action="store_true", help="the first load only, with calls ten times as fast")
    short = arguments.parse_args().short
    first = Load(slides=12, workers=2)
    if short:
        first = Load(slides=12, workers=2, prompt_s=0.1, image_s=0.5, prompt_delay_s=0.03, image_delay_s=0.06)
    with tempfile.TemporaryDirectory() as folder, servers(first):
        sequential_s = _timed(first, Path(folder), sequential=True)
        pipeline_s = _timed(first, Path(folder), sequential=False)
        print(f"{'12 slides, 2 workers':28} {'seconds':>8} {'bound':>8} {'x bound':>8}")
        _row("one call at a time", sequential_s, first.sequential_bound_s())
        _row("pipeline", pipeline_s, first.pipeline_bound_s())
        print(f"the pipeline is {sequential_s / pipeline_s:.2f} times as fast")
        if not short:
            many = Load(slides=48, workers=16)
            print(f"{'48 slides, 16 workers':28}")
            _row("pipeline", _timed(many, Path(folder), sequential=False), many.pipeline_bound_s())
    return 0


def _row(name: str, seconds: float, bound_s: float) -> None:
    print(f"{name:28} {seconds:8.2f} {bound_s:8.2f} {seconds / bound_s:8.3f}")


def _timed(load: Load, folder: Path, *, sequential: bool) -> float:
    name = f"{load.slides}-{load.workers}-{'one' if sequential else 'all'}"
    deck = deck_of(load.slides, folder / f"{name}.pptx")
    with own_home(folder / name):
        started = time.perf_counter()
        report = illustrate_deck(deck, settings=load.settings(), sequential=sequential)
        seconds = time.perf_counter() - started
    if report.exit_code or report.images.succeeded != load.slides:
        raise SystemExit(f"{name}: {report.exit_code.name}: {report.message}")
    return seconds


def deck_of(slides: int, path: Path) -> Path:
    """Slides with a title and five lines on the left."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    for number in range(1, slides + 1):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        for shape, box in zip(slide.placeholders, ((0.5, 0.4, 12, 1), (0.5, 1.6, 6, 5)), strict=True):
            shape.left, shape.top, shape.width, shape.height = map(Inches, box)
        slide.shapes.title.text = f"Step {number} of the process"
        slide.placeholders[1].text = "\n".join(f"Point {point} of step {number}" for point in range(5))
    presentation.save(str(path))
    return path


@contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """A person's own folder that nobody has used: nothing is kept from before, nothing is left."""
    before = dict(os.environ)
    os.environ["DECK_ILLUSTRATOR_HOME"] = str(folder / "home")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def servers(load: Load) -> Iterator[None]:
    """The fakes in another process, their addresses in this one's environment."""
    command = [sys.executable, "-m", "tests.fakes"]
    command += ["--prompt-seconds", str(load.prompt_s), "--image-seconds", str(load.image_s)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(2):
                line = process.stdout.readline() if process.stdout else ""
                pairs = line.removeprefix("export ").split()
                os.environ.update(pair.split("=", 1) for pair in pairs)
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
