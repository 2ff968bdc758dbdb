"""A watched folder that files come into slowly, whose watchers are killed with SIGKILL at random moments.

    python -m tests.torture.watch [--files 100] [--kills 3] [--watchers 1] [--seed 6] [--short]

Everything is real but the pictures, which are drawn offline. Some files are no decks, every other one is renamed in,
the others are copied in pieces. Finished decks are carried out of the outbox as soon as they are seen. Exits with 1
where a claim does not hold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.integration.support import our_pictures
from tests.torture.checks import Checks, say
from tests.torture.watch_files import Sent, make_files, sending
from tests.torture.watch_places import WatchedPlace, WatcherProcess

_LOOK_S = 0.05
_ENOUGH_S = 15.0
"""For one file after the other, each of which takes a second at most."""
_END_S = 20.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=None, help="how many (100, short 14)")
    parser.add_argument("--kills", type=int, default=None, help="how many (3, short 2)")
    parser.add_argument("--watchers", type=int, default=1, help="how many watch the folder at the same time (1)")
    parser.add_argument("--seed", type=int, default=6, help="of the order and the moments (6)")
    parser.add_argument("--short", action="store_true", help="few files")
    arguments = parser.parse_args()
    count = arguments.files or (14 if arguments.short else 100)
    kills = arguments.kills if arguments.kills is not None else (2 if arguments.short else 3)
    say(f"{count} files, {kills} kills, {arguments.watchers} watchers, seed {arguments.seed}")
    rng, checks, began_s = random.Random(arguments.seed), Checks(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-watch-") as folder:
        files = make_files(count, Path(folder), rng)
        place = WatchedPlace(Path(folder) / "place")
        with_watchers(place, files, kills, arguments.watchers, rng, checks)
        check_ends(place, files, checks)
        broken = checks.summary()
        if broken:
            say(place.said)
    say(f"\n{count} files, {time.monotonic() - began_s:.0f} s")
    return int(broken > 0)


def with_watchers(
    place: WatchedPlace, files: Sequence[Sent], kills: int, watchers: int, rng: random.Random, checks: Checks
) -> None:
    """Send all files, kill one watcher after the other, wait until all has ended, and end the watchers in order."""
    alive = [place.start() for _ in range(watchers)]
    try:
        arriving, moments = sending(files, place.inbox, place.aside), _moments(len(files), kills, rng)
        give_up_at = time.monotonic() + 60 + _ENOUGH_S * len(files) / watchers
        while len(place.originals) < len(files) and time.monotonic() < give_up_at:
            next(arriving, None)
            place.carry_away()
            time.sleep(_LOOK_S)
            if moments and len(place.originals) >= moments[0]:
                moments.pop(0)
                _kill_one(alive, place, rng)
        checks.that("every kill came about", not moments, moments)
        codes = [watcher.ended(_END_S) for watcher in alive]
        checks.that("a watcher that is asked to end does so, with its code", set(codes) == {143}, codes)
        place.carry_away()
    finally:
        for watcher in alive:
            watcher.kill()


def _moments(files: int, kills: int, rng: random.Random) -> list[int]:
    """How many files have ended at each kill; the last ones are to come to the watchers that were begun anew."""
    return sorted(rng.sample(range(1, max(kills + 2, files * 8 // 10)), kills))


def _kill_one(alive: list[WatcherProcess], place: WatchedPlace, rng: random.Random) -> None:
    """At any moment within what one file takes; another is started at once."""
    time.sleep(rng.uniform(0, 0.8))
    victim = rng.randrange(len(alive))
    alive[victim].kill()
    under_way = [path.name for path in place.inbox.glob("processing/*/original/*")]
    say(f"killed after {len(place.originals)} files; it had {under_way or 'none'}")
    alive[victim] = place.start()


def check_ends(place: WatchedPlace, files: Sequence[Sent], checks: Checks) -> None:
    """What must hold when all is over."""
    ends = Counter(path.name for path in place.originals)
    for one in files:
        checks.that("every file ended, once", ends[one.name] == 1, (one.name, ends[one.name]))
        home = place.done / "originals" if one.is_deck else place.failed
        path = home / one.name
        if checks.that("decks are done, all else has failed", path.exists(), one.name):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            checks.that("originals are the same to the byte", digest == one.digest, one.name)
        if one.is_deck:
            _check_done(place, one, checks)
        else:
            reason = place.failed / f"{Path(one.name).stem}.reason.txt"
            checks.that("a failure has its reason", reason.exists() and "What: " in reason.read_text(), one.name)
    strange = ends.keys() - {one.name for one in files}
    checks.that("nothing ended under another name", not strange, strange)
    checks.that("nothing was left over", not place.left_over(), place.left_over())
    reports = Counter(path.name for folder in (place.done, place.failed) for path in folder.glob("*.report.json"))
    wanted = {f"{Path(one.name).stem}.report.json" for one in files}
    checks.that("each file has one report", reports == Counter(wanted), sorted(set(reports) ^ wanted))
    checks.that("no program broke", "Traceback" not in place.said)


def _check_done(place: WatchedPlace, one: Sent, checks: Checks) -> None:
    checks.that("a deck was delivered once", place.seen[one.name] == 1, (one.name, place.seen[one.name]))
    for deck in _delivered(place, one):
        checks.that("a delivered deck has its picture", len(our_pictures(deck)) == 1, one.name)
    report = place.done / f"{Path(one.name).stem}.report.json"
    if checks.that("a delivered deck has its report", report.exists(), one.name):
        told = json.loads(report.read_text())
        names = (told["exit_code"], Path(told["input"]).name, Path(told["output"]).name)
        checks.that("the report is about it", names == (0, one.name, one.name), names)


def _delivered(place: WatchedPlace, one: Sent) -> Iterator[Path]:
    return place.taken.glob(f"* {one.name}")


if __name__ == "__main__":
    sys.exit(main())
