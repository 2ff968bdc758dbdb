"""A deck's runs killed with SIGKILL at random moments, begun anew each time until the deck is done.

    python -m tests.torture.kill [--kills 50] [--seed 5] [--short]

Everything is real but the services, which are servers on loopback: their counts say what was paid for. Exits with 1
where a claim does not hold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.integration.support import parts_of
from tests.torture.calls import check_history, check_repeats
from tests.torture.checks import Checks, say
from tests.torture.decks import make_deck
from tests.torture.killing import Kill, Load, Victim
from tests.torture.program import Ended, Place
from tests.torture.remains import difference, foreign, left_over
from tests.torture.timeline import Life, Moment, Phase, dealt, random_moments
from tests.torture.told import HistoryUnreadable, attempts_told, runs_told

LONG = Load(slides=24, workers=4, prompt_s=0.12, image_s=0.5)
SHORT = Load(slides=8, workers=4, prompt_s=0.1, image_s=0.4)
KILLS_OF_A_DECK = 5
ENOUGH_FOR_ALL = 30
ALREADY_THERE = 5
AGAIN = "again.pptx"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=None, help="how many (50, short 4)")
    parser.add_argument("--seed", type=int, default=5, help="of the moments (5)")
    parser.add_argument("--short", action="store_true", help="a small deck and few kills")
    arguments = parser.parse_args()
    load = SHORT if arguments.short else LONG
    count = arguments.kills or (4 if arguments.short else 50)
    rng = random.Random(arguments.seed)
    say(f"{count} kills, {load.slides} slides, {load.workers} image workers, seed {arguments.seed}")
    checks, began_s = Checks(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-kill-") as folder:
        torture = _Torture(Path(folder), load, checks)
        torture.undisturbed()
        torture.kill(random_moments(torture.life, count, rng), rng)
    fell = _tell(torture.kills, torture.life)
    if count >= ENOUGH_FOR_ALL:
        checks.that("kills fell into every phase", len(fell) == len(torture.life.bounds), dict(fell))
    broken = checks.summary()
    repeated = f"{torture.repeated['image']} image calls and {torture.repeated['prompt']} prompt calls repeated"
    seconds = time.monotonic() - began_s
    say(f"\n{len(torture.kills)} kills, {repeated}, {torture.found_done} runs found their deck done, {seconds:.0f} s")
    return int(broken > 0)


class _Torture:
    """All decks, one after the other, in folders of their own."""

    def __init__(self, folder: Path, load: Load, checks: Checks) -> None:
        self._folder = folder
        self._load = load
        self._checks = checks
        self.kills: list[Kill] = []
        self.repeated: Counter[str] = Counter()
        self.found_done = 0
        self.life: Life
        self._expected: dict[str, bytes] = {}

    def undisturbed(self) -> None:
        """One run nobody disturbs: its deck is what all others are compared with, its life is where kills fall."""
        with self._victim("undisturbed") as victim:
            self.life = victim.lived()
            self._expected = parts_of(victim.place.output)
            say("its life: " + ", ".join(f"{p} to {end:.2f} s" for p, (_, end) in self.life.bounds.items()))
            self._checks.that("the servers answer the same request the same", victim.is_steady())
            self._check_end(victim)

    def kill(self, moments: Sequence[Moment], rng: random.Random) -> None:
        """Use up all moments. One that a run did not live to comes again for another deck, a little earlier."""
        waiting = list(moments)
        number = 0
        while waiting:
            number += 1
            hand, waiting = dealt(waiting, rng, KILLS_OF_A_DECK)
            with self._victim(f"deck-{number}") as victim:
                waiting += self._missed(victim, hand)
                self._check_end(victim)
                if not waiting:
                    self._again(victim)
            self.kills += victim.kills

    def _missed(self, victim: Victim, hand: Sequence[Moment]) -> Sequence[Moment]:
        """Kill one run after the other and let the last one end. Returns what is left once one outlived its moment."""
        for number, moment in enumerate(hand):
            is_over = victim.place.is_over
            ended = victim.killed(moment, self.life)
            if ended is not None:
                self._check_code(ended, is_over=is_over)
                return [moment.earlier(), *hand[number + 1 :]]
            kill = victim.kills[-1]
            say(f"{victim.place.folder.name}: killed at {kill.elapsed_s:.3f} s ({kill.phase}; {moment.life_s:.3f} s)")
            self._check_whole(victim)
        is_over = victim.place.is_over
        self._check_code(victim.run(), is_over=is_over)
        return ()

    def _again(self, victim: Victim) -> None:
        """The same deck to another output: all of it is in the store."""
        before = len(victim.watch.calls())
        self._check_code(victim.run(AGAIN), is_over=False)
        made = len(victim.watch.calls()) - before
        self._checks.that("another output of the same deck needs no call", made == 0, f"{made} calls")
        again = victim.place.folder / AGAIN
        self._checks.that("and is the same deck", not again.exists() or not difference(again, self._expected))

    def _check_code(self, ended: Ended, *, is_over: bool) -> None:
        """Code 0, or that the deck is there: the run before was killed when it was over but for its process."""
        if is_over and ended.code == ALREADY_THERE:
            self.found_done += 1
            return
        self._checks.that(
            "a run that goes on ends with code 0", ended.code == 0, f"code {ended.code}: {ended.err.strip()[-300:]}"
        )

    def _check_whole(self, victim: Victim) -> None:
        output = victim.place.output
        problem = difference(output, self._expected) if output.exists() else ""
        self._checks.that("after a kill the deck is absent, or whole", not problem, problem)

    def _check_end(self, victim: Victim) -> None:
        """The deck, the disk, the servers' counts and the history of a deck that is done."""
        checks, place, kills = self._checks, victim.place, [kill.at_s for kill in victim.kills]
        calls = victim.watch.settled()
        is_there = place.output.exists()
        problem = difference(place.output, self._expected) if is_there else "no deck"
        checks.that("the finished deck equals that of an undisturbed run, part by part", not problem, problem)
        checks.that("no temporary file, lock or note remains", not left_over(place), left_over(place))
        checks.that("nothing else remains beside the deck", not foreign(place, "out.pptx"), foreign(place, "out.pptx"))
        self.repeated += check_repeats(checks, calls, kills, slides=self._load.slides, at_once=self._load.at_once)
        try:
            check_history(checks, calls, kills, attempts_told(place), at_once=self._load.at_once)
            states = Counter(row["state"] for row in runs_told(place))
            is_right = states["success"] >= 1 and not states.keys() - {"success", "broken_off"}
            checks.that("the history knows each run as done or broken off", is_right, dict(states))
            checks.that("no run is told that never was", states.total() <= victim.processes, dict(states))
        except HistoryUnreadable as error:
            checks.that("the history can be asked", False, error)

    def _victim(self, name: str) -> Victim:
        place = Place.at(self._folder / name, self._load.config)
        make_deck(place.deck, self._load.slides, ballast_bytes=self._load.ballast_bytes)
        return Victim(place, self._load)


def _tell(kills: Sequence[Kill], life: Life) -> Counter[Phase]:
    """In which phase the kills fell."""
    found = Counter(kill.phase for kill in kills)
    say("\nkills by phase, as the servers and the disk tell it:")
    for phase, (start, end) in life.bounds.items():
        say(f"{phase:10}{end - start:6.2f} s  {found[phase]:3d}  {'#' * found[phase]}")
    return found


if __name__ == "__main__":
    sys.exit(main())
