"""What it costs that nothing is lost: the store and the history with and without, and a run whose all was kept.

    python -m tests.benchmarks.keeping

Both protocol servers run in a process of their own and answer at once. Slides are made one after the other, so that the
time between two pictures is the time of one slide: with store and history on disk, and with others that keep nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pipeline.config.loader import Configuration, configuration_of
from pipeline.events import Event, Stage, StageDone
from pipeline.outcomes import RunReport
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate
from pipeline.runs.keeping import Keeping, open_keeping
from pipeline.runs.preparing import Order
from pipeline.store.pictures import KeptPicture
from tests.benchmarks.engine import Load, deck_of, own_home, servers

LOAD = Load(slides=100, workers=1, prompt_s=0.0, image_s=0.0, prompt_delay_s=0.0, image_delay_s=0.0)
MOST_MS, MOST_SHARE = 5.0, 0.10


class NoStore:
    """A store that keeps nothing and finds nothing."""

    def keep_picture(self, request: Any, image: Any) -> KeptPicture:
        return KeptPicture(
            path=Path("none"), data=image.data, hash="", cost_usd=None, provider=image.provider, model=image.model
        )

    def alone_with(self, request: Any, wait: Any) -> nullcontext[None]:
        return nullcontext()

    def room_for_call(self) -> nullcontext[None]:
        return nullcontext()

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


class NoHistory:
    """A history that writes nothing down."""

    def runs(self, *_: Any) -> list[Any]:
        return []

    def attempts(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def batch_calls_under_way(self) -> list[Any]:
        return []

    def begin_attempt(self, *_: Any) -> int:
        return 1

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class Stopwatch:
    """Hears a run and tells the milliseconds from picture to picture."""

    def __init__(self) -> None:
        self._at: list[float] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageDone) and event.stage is Stage.IMAGES:
            self._at.append(time.perf_counter())

    @property
    def slides_ms(self) -> list[float]:
        return [1000 * (after - before) for before, after in zip(self._at, self._at[1:], strict=False)]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--short", action="store_true", help="few slides; the milliseconds are told, not judged")
    short = arguments.parse_args().short
    slides, rounds = (20, 1) if short else (LOAD.slides, 15)
    with tempfile.TemporaryDirectory() as folder, own_home(Path(folder)), servers(LOAD):
        overhead_ms = _overhead(deck_of(20, Path(folder) / "few.pptx"), rounds)
        share = _again(deck_of(slides, Path(folder) / "deck.pptx"))
    return int(share > MOST_SHARE or (overhead_ms > MOST_MS and not short))


def _overhead(deck: Path, rounds: int) -> float:
    """Prints and gives what store and history take of a slide, in ms: the median of all slides with, less that without.

    In turns, a few slides at a time: a machine's speed changes from minute to minute by more than this.
    """
    found: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(rounds):
        with own_home(deck.parent / f"home-{number}"):
            for name, keeping in (("with", open_keeping), ("without", _nothing_kept)):
                watch = Stopwatch()
                _run(deck, f"{name}-{number}.pptx", keeping=keeping, sink=watch)
                found[name] += watch.slides_ms
    medians = {name: statistics.median(times) for name, times in found.items()}
    overhead_ms = medians["with"] - medians["without"]
    print(
        f"{len(found['with'])} slides, ms at the median: with {medians['with']:.1f}, without {medians['without']:.1f}"
    )
    print(f"store and history: {overhead_ms:.1f} ms a slide (at most {MOST_MS:.0f})")
    return overhead_ms


def _again(deck: Path) -> float:
    """Prints what a second run takes: of the same command, to another output, and where the first output is gone."""
    first = _run(deck, "first.pptx")
    calls_s = sum(_calls_s(deck))
    own_s = first.seconds - calls_s
    print(f"first run: {first.seconds:.2f} s, of which {calls_s:.2f} s in calls: its own work {own_s:.2f} s")
    shares = []
    for name, output in (("the same command", "first.pptx"), ("another output", "second.pptx")):
        report = _run(deck, output)
        shares.append(report.seconds / own_s)
        print(f"{name}: {report.seconds:.3f} s, {shares[-1]:.1%} of that, {report.images.succeeded} pictures")
    for output in ("first.pptx", "second.pptx"):
        (deck.parent / output).unlink()
    report = _run(deck, "third.pptx")
    print(f"every output gone: {report.seconds:.3f} s, {report.seconds / own_s:.1%} of that")
    return max(shares)


def _calls_s(deck: Path) -> Iterator[float]:
    """Seconds of each call of the only run in this home."""
    configuration = _configuration()
    keeping = open_keeping(configuration, "", Surroundings(sink=_unheard).clock, print)
    yield from (attempt.seconds or 0.0 for attempt in keeping.history.attempts())
    keeping.close()


def _run(
    deck: Path,
    output: str,
    *,
    keeping: Callable[..., Keeping] = open_keeping,
    sink: Callable[[Event], None] | None = None,
) -> RunReport:
    order = Order(input=deck, output=deck.parent / output, sequential=True)
    report = illustrate(order, _configuration(), Surroundings(sink=sink or _unheard, keeping=keeping))
    if report.exit_code:
        raise SystemExit(f"{output}: {report.exit_code.name}: {report.message}")
    return report


def _nothing_kept(*_: Any) -> Keeping:
    return Keeping(store=NoStore(), history=NoHistory())  # type: ignore[arg-type]


def _configuration() -> Configuration:
    return configuration_of(LOAD.settings())


def _unheard(_event: Event) -> None:
    """Progress nobody asked for."""


if __name__ == "__main__":
    sys.exit(main())
