"""What it costs to read a deck and plan its pictures: each in a process of its own, as a user has it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.config.settings import Settings
from pipeline.deck.package.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.errors import DeckError
from pipeline.planning.plan import plan_deck

MOST_MS = 12
"""Milliseconds a slide for reading and planning, at the median over the decks."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """One deck: how many slides it has, how long opening and reading took, and how long planning."""

    deck: str
    slides: int
    reading_s: float
    planning_s: float

    @property
    def ms_a_slide(self) -> float:
        return 1000 * (self.reading_s + self.planning_s) / self.slides


def readings(folder: Path, pattern: str) -> list[Read]:
    """Every deck of the folder that can be read."""
    decks = sorted(path for path in folder.glob(pattern) if path.suffix in {".pptx", ".pptm"})
    answers = (_in_own_process(deck) for deck in decks)
    return [Read(**json.loads(answer)) for answer in answers if answer]


def reading_table(read: Sequence[Read]) -> str:
    """Markdown: the median over the decks and the two ends."""
    by_cost = sorted(read, key=lambda one: one.ms_a_slide)
    rows = ["decks | slides | ms a slide, median | least | most", "--- | --- | --- | --- | ---"]
    ends = " | ".join(f"{one.ms_a_slide:.1f} ({one.deck}, {one.slides})" for one in (by_cost[0], by_cost[-1]))
    rows.append(f"{len(read)} | {sum(one.slides for one in read)} | {median_ms(read):.1f} | {ends}")
    return "\n".join(f"| {row} |" for row in rows)


def median_ms(read: Sequence[Read]) -> float:
    return statistics.median(one.ms_a_slide for one in read)


def reading_complaints(read: Sequence[Read]) -> list[str]:
    """What is not as it must be, one line each."""
    median = median_ms(read)
    return [f"reading and planning take {median:.1f} ms a slide, more than {MOST_MS}"] if median > MOST_MS else []


def _in_own_process(deck: Path) -> str:
    """The measurement as JSON; "" for a deck that is refused."""
    command = [sys.executable, "-m", "tests.benchmarks.reading", str(deck)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measure(path: Path) -> Read | None:
    start = time.perf_counter()
    try:
        package = open_deck(path)
    except DeckError:
        return None
    deck = read_deck(path, package)
    between = time.perf_counter()
    plan_deck(deck, Settings())
    end = time.perf_counter()
    return Read(deck=path.name, slides=len(deck.slides), reading_s=between - start, planning_s=end - between)


if __name__ == "__main__":
    measured = measure(Path(sys.argv[1]))
    if measured is not None:
        print(json.dumps(asdict(measured)))
