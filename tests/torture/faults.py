"""Many runs of small decks whose services fail at random, on both protocols.

    python -m tests.torture.faults [--runs 200] [--seed 5] [--at-once 4] [--short]

Every run is a process of its own, each with servers of its own. Exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.torture.checks import Checks, say
from tests.torture.faulty import FaultyRun, Outcome, Plan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=None, help="how many (200, short 6)")
    parser.add_argument("--only", type=int, default=None, help="this one of them alone, by its number")
    parser.add_argument("--seed", type=int, default=5, help="of everything that is random (5)")
    parser.add_argument("--at-once", type=int, default=4, help="runs at the same time (4)")
    parser.add_argument("--short", action="store_true", help="few runs")
    arguments = parser.parse_args()
    count = arguments.runs or (6 if arguments.short else 200)
    numbers = range(1, count + 1) if arguments.only is None else [arguments.only]
    plans = [Plan.drawn(number, arguments.seed) for number in numbers]
    say(f"{len(plans)} runs, {arguments.at_once} at once, seed {arguments.seed}")
    checks, began_s = Checks(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="torture-faults-") as folder,
        ThreadPoolExecutor(arguments.at_once) as pool,
    ):
        outcomes = list(pool.map(lambda plan: FaultyRun(plan, Path(folder), checks)(), plans))
    _tell(outcomes)
    broken = checks.summary()
    say(f"\n{len(outcomes)} runs, {time.monotonic() - began_s:.0f} s")
    return int(broken > 0)


def _tell(outcomes: Sequence[Outcome]) -> None:
    """How the runs ended, and what struck them."""
    codes = Counter(str(one.code) for one in outcomes)
    say("\ncodes: " + ", ".join(f"{code} {times} times" for code, times in codes.most_common()))
    seconds = [one.seconds for one in outcomes]
    say(f"seconds a run: {statistics.median(seconds):.1f} at the median, {max(seconds):.1f} at most")
    struck = sum((one.struck for one in outcomes), Counter[str]())
    say(f"{struck.total()} calls: " + ", ".join(f"{word} {times}" for word, times in struck.most_common()))


if __name__ == "__main__":
    sys.exit(main())
