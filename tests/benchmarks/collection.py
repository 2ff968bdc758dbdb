"""Many decks in one process: memory at deck 50 beside that at deck 500, and how soon the first of 2,000 begins.

    python -m tests.benchmarks.collection

Pictures are drawn on this machine, so that all the work there is happens in the process that is measured. Decks have 3
to 10 slides, each with words of its own: nothing is found in the store.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.util import Inches

from pipeline.config.loader import Configuration, configuration_of
from pipeline.config.settings import Settings
from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested
from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, RunReport
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.finding import find_decks
from pipeline.runs.collection.flow import illustrate_all
from pipeline.runs.collection.placing import orders
from pipeline.runs.keeping import Keeping, open_keeping
from pipeline.runs.preparing import Order
from tests.benchmarks.engine import own_home

WORDS = ("harbour", "glacier", "orchard", "ledger", "turbine", "archive", "bridge", "lantern", "circuit", "forest")
MOST_GROWTH, MOST_START_S = 0.10, 1.0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--short", action="store_true", help="60 decks; told, not judged")
    arguments.add_argument("--jobs", type=int, default=2, help="decks at the same time (default 2)")
    given = arguments.parse_args()
    first, last = (12, 60) if given.short else (50, 500)
    with tempfile.TemporaryDirectory() as folder, own_home(Path(folder)):
        start_s = _seconds_to_begin(Path(folder) / "many", 2000)
        growth = _growth(Path(folder) / "few", first, last, jobs=given.jobs)
    return int(not given.short and (growth > MOST_GROWTH or start_s > MOST_START_S))


def _seconds_to_begin(folder: Path, decks: int) -> float:
    """Prints and gives the seconds from the command to the first deck's begin, with so many decks in 20 folders."""
    source = _deck(folder / "0" / "0.pptx", 0)
    for number in range(1, decks):
        place = folder / str(number % 20) / f"{number}.pptx"
        place.parent.mkdir(exist_ok=True)
        place.hardlink_to(source)
    begun: list[float] = []
    crowd = Crowd(keeping=lambda *how: _opened(begun, crowd, *how))
    configuration = _configuration(jobs=1)
    started = time.perf_counter()
    report = illustrate_all(_asked(folder), configuration, crowd)
    if report.stopped is not ExitCode.INTERRUPTED:
        raise SystemExit(f"{report.exit_code.name}: {report.message}")
    print(f"the first of {decks:,} decks begins after {begun[0] - started:.3f} s (at most {MOST_START_S:.0f})")
    listed = time.perf_counter()
    found = sum(1 for _ in _asked(folder))
    print(f"all {found:,} are listed in {time.perf_counter() - listed:.3f} s")
    return begun[0] - started


def _opened(begun: list[float], crowd: Crowd, *how: Any) -> Keeping:
    """What a run opens first of all. That of the first deck ends the whole."""
    begun.append(time.perf_counter())
    crowd.mailbox.put(StopRequested(cause=StopCause.INTERRUPTED))
    return open_keeping(*how)


def _growth(folder: Path, first: int, last: int, *, jobs: int) -> float:
    """Prints the memory as decks are made, and gives its growth from deck `first` to deck `last` as a share."""
    for number in range(last):
        _deck(folder / f"{number:04}.pptx", number)
    lock, seen_mb = threading.Lock(), [_resident_mb()]

    def heard(outcome: DeckOutcome, _report: RunReport | None) -> None:
        if outcome.exit_code:
            raise SystemExit(f"{outcome.input}: {outcome.exit_code.name}: {outcome.message}")
        with lock:
            seen_mb.append(_resident_mb())
            if len(seen_mb) - 1 in {1, first, 2 * first, 4 * first, last}:
                threads = threading.active_count()
                print(f"deck {len(seen_mb) - 1:4}: {seen_mb[-1]:6.1f} MB, {threads} threads, {_open_files()} files")

    started = time.perf_counter()
    illustrate_all(_asked(folder), _configuration(jobs=jobs), Crowd(heard=heard))
    print(f"{last} decks, {jobs} at the same time: {(time.perf_counter() - started) / last:.3f} s a deck")
    # The middle of several: what decks of different size need for a moment comes and goes.
    early, late = (sorted(seen_mb[at - 9 : at + 1])[5] for at in (first, last))
    print(f"memory: {early:.1f} MB at deck {first}, {late:.1f} MB at deck {last}: {late / early - 1:+.1%}")
    return late / early - 1


def _asked(folder: Path) -> Any:
    found = find_decks([str(folder)], recursive=True)
    return orders(found, folder.with_name(f"{folder.name}.out"), Order(input=Path()))


def _configuration(*, jobs: int) -> Configuration:
    return configuration_of(
        Settings.model_validate(
            {
                "prompts": {"provider": "offline"},
                "images": {"provider": "offline", "chain": ()},
                "workers": {"prompt_delay_s": 0.0, "image_delay_s": 0.0},
                "layout": {"max_px_per_in": 50},
                "decks": {"jobs": jobs},
            }
        )
    )


def _deck(path: Path, number: int) -> Path:
    """A deck of 3 to 10 slides that says what no other says."""
    chance = random.Random(number)
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    for slide_number in range(chance.randint(3, 10)):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        for shape, box in zip(slide.placeholders, ((0.5, 0.4, 12, 1), (0.5, 1.6, 6, 5)), strict=True):
            shape.left, shape.top, shape.width, shape.height = map(Inches, box)
        slide.shapes.title.text = f"How the {chance.choice(WORDS)} of {number} works, part {slide_number}"
        slide.placeholders[1].text = "\n".join(
            f"The {chance.choice(WORDS)} needs a {chance.choice(WORDS)} in {number}" for _ in range(5)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    presentation.save(str(path))
    return path


def _resident_mb() -> float:
    """What of this process is in memory now."""
    with Path("/proc/self/status").open(encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


if __name__ == "__main__":
    sys.exit(main())
