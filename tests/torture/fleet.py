"""A fleet of two machines; one is killed with SIGKILL again and again, and the broker is away for a while in between.

    python -m tests.torture.fleet [--decks 200] [--slides 10] [--kills 5] [--away 60] [--seed 6] [--short]

Everything is real but the services, which are servers on loopback: their counts say what was paid for, how many calls
were under way at once, and how many there were in any minute. Exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes import AnthropicServer, OpenAIServer, anthropic_faults
from tests.fakes.wire import Exchange, Reply
from tests.integration.fleets import Machine, RedisBroker, asked, command, until
from tests.integration.support import our_pictures
from tests.integration.test_fleet import deck_named
from tests.torture.checks import Checks, say

LEASE_S = 3.0
PROMPT_S, IMAGE_S = 0.05, 0.8
DECKS_AT_ONCE, PICTURES_AT_ONCE = 2, 4
PARALLEL = 6  # less than the two machines together could have
A_MINUTE_S = 60.0
_COLOURS = ("red", "white", "blue", "green", "yellow", "grey", "brown", "golden", "black", "pink", "silver", "orange")
_THINGS = (
    *("boat", "lighthouse", "kite", "bridge", "windmill", "tram", "ladder", "lantern", "barrel", "compass", "teapot"),
    *("bicycle", "telescope", "globe", "anchor", "basket", "clock", "violin", "wagon", "fountain", "tent", "harbour"),
)

Servers = dict[str, AnthropicServer | OpenAIServer]


@dataclass(slots=True, kw_only=True)
class Load:
    """What is done, and what is done to it."""

    decks: int
    slides: int
    kills: int
    away_s: float
    per_minute: int


@dataclass(slots=True)
class Told:
    """What happened: how many calls of each kind were under way at each kill."""

    kills: list[int] = field(default_factory=list)
    seconds: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decks", type=int, default=None, help="how many (200, short 8)")
    parser.add_argument("--slides", type=int, default=None, help="with a picture, of each deck (10, short 4)")
    parser.add_argument("--kills", type=int, default=None, help="of one machine (5, short 1)")
    parser.add_argument("--away", type=float, default=None, help="seconds the broker is stopped (60, short 3)")
    parser.add_argument("--per-minute", type=int, default=300, help="requests the image service takes (300)")
    parser.add_argument("--seed", type=int, default=6, help="of the moments (6)")
    parser.add_argument("--short", action="store_true", help="few decks, one kill")
    given = parser.parse_args()
    usual = Load(decks=8, slides=4, kills=1, away_s=3.0, per_minute=given.per_minute)
    if not given.short:
        usual = Load(decks=200, slides=10, kills=5, away_s=60.0, per_minute=given.per_minute)
    load = Load(
        decks=given.decks or usual.decks,
        slides=given.slides or usual.slides,
        kills=usual.kills if given.kills is None else given.kills,
        away_s=usual.away_s if given.away is None else given.away,
        per_minute=given.per_minute,
    )
    say(f"{load.decks} decks of {load.slides} pictures, {load.kills} kills, broker away {load.away_s:g} s")
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="torture-fleet-") as folder:
        _torture(Path(folder), load, checks, random.Random(given.seed))
    return int(checks.summary() > 0)


def unlike_any_other(exchange: Exchange) -> Reply:
    """The answer with a subject of the slide's own: the fake invents few enough that slides would share pictures."""
    told = json.dumps(exchange.request.body["messages"], sort_keys=True)
    pick = random.Random(told).choice
    first, second, third = (pick(_THINGS) for _ in range(3))
    subject = f"A {pick(_COLOURS)} {first} beside a {pick(_COLOURS)} {second} and a {pick(_COLOURS)} {third}"
    return anthropic_faults.answering_with(prompt=subject)(exchange)


def _torture(folder: Path, load: Load, checks: Checks, rng: random.Random) -> None:
    with (
        RedisBroker(folder / "redis") as broker,
        AnthropicServer(latency_s=PROMPT_S) as claude,
        OpenAIServer(latency_s=IMAGE_S, shrink=4) as openai,
    ):
        claude.faults.always(unlike_any_other)
        environment = machine_environment(claude, openai)
        config = _config(folder, broker, load)
        source, target = folder / "in", folder / "out"
        source.mkdir()
        for number in range(load.decks):
            (source / f"deck{number:03}.pptx").write_bytes(deck_named(f"deck {number}", load.slides))
        machines = [Machine(name, folder, config, environment) for name in ("steady", "unlucky")]
        try:
            for machine in machines:
                machine.start()
            for machine in machines:
                machine.wait_until_ready()
            began = time.monotonic()
            waiting = command(["submit", source, "-o", target, "--config", config], folder, environment)
            job = waiting.communicate(timeout=120)[0].strip()
            told = _disturbed(machines[1], broker, openai, load, rng)
            status = ["status", job, "--config", config]
            until("the end", lambda: _is_over(status, folder, environment), 60 + 30.0 * load.decks)
            told.seconds = time.monotonic() - began
            report = asked(status, folder, environment)
        finally:
            for machine in machines:
                machine.kill()
        _check(report, target, load, checks, told, {"prompt": claude, "picture": openai})


def _disturbed(machine: Machine, broker: RedisBroker, openai: OpenAIServer, load: Load, rng: random.Random) -> Told:
    """Kills and the outage, at so many pictures made, which the seed says."""
    told, whole = Told(), load.decks * load.slides
    moments = sorted(rng.uniform(0.1, 0.9) for _ in range(load.kills))
    deeds = sorted([*((moment, "kill") for moment in moments), *([(0.5, "away")] if load.away_s else [])])
    for moment, deed in deeds:
        until("that many pictures", lambda moment=moment: len(openai.requests) >= moment * whole, 30.0 * load.decks)
        if deed == "kill":
            under_way = openai._in_flight
            machine.kill()
            told.kills.append(under_way)
            say(f"killed at {len(openai.requests)} pictures, {under_way} under way")
            machine.start()
        else:
            broker.stop()
            time.sleep(load.away_s)
            broker.start()
            say(f"the broker was away for {load.away_s:g} s at {len(openai.requests)} pictures")
    return told


def _check(
    report: dict,
    target: Path,
    load: Load,
    checks: Checks,
    told: Told,
    servers: dict[str, AnthropicServer | OpenAIServer],
) -> None:
    decks = report["decks"]
    checks.that("every deck is delivered", report["counts"] == {"COMPLETED": load.decks}, report["counts"])
    products = Counter(path.suffix for path in target.iterdir())
    checks.that("each once, with its report", products == {".pptx": load.decks, ".json": load.decks}, products)
    whole = all(len(our_pictures(Path(deck["target"]))) == load.slides for deck in decks)
    checks.that("every deck has all its pictures", whole)
    pictures = Counter(request.body["prompt"] for request in servers["picture"].requests)
    slides = [slide for deck in decks for slide in json.loads(Path(deck["report"]).read_text())["slides"]]
    wanted = {slide["prompt"] for slide in slides if slide["status"] == "illustrated"}  # two slides may have one prompt
    checks.that("every picture was made", wanted == set(pictures), f"{len(pictures)} of {len(wanted)}")
    lost = PICTURES_AT_ONCE * len(told.kills)
    twice = pictures.total() - len(pictures)
    checks.that("none twice but those in flight at a kill", twice <= lost, f"{twice} of at most {lost}")
    prompts = len(servers["prompt"].requests)
    twice_asked, lost_prompts = prompts - load.decks * load.slides, DECKS_AT_ONCE * len(told.kills)
    checks.that("no prompt twice but those in flight at a kill", twice_asked <= lost_prompts, twice_asked)
    peak = servers["picture"].peak_in_flight
    checks.that("never more at once than allowed", peak <= PARALLEL, f"{peak} of {PARALLEL}")
    most = _most_in(A_MINUTE_S, [request.at_s for request in servers["picture"].requests])
    checks.that("never more in a minute than allowed", most <= load.per_minute, f"{most} of {load.per_minute}")
    say(
        f"\n{told.seconds:.0f} s; {pictures.total()} pictures paid for {len(wanted)}, {prompts} prompts; at most {peak}"
        f" at once (allowed {PARALLEL}), {most} in a minute (allowed {load.per_minute}); under way at kills:"
        f" {told.kills}"
    )


def _most_in(window_s: float, starts: Sequence[float]) -> int:
    """The most starts in any window."""
    most, first = 0, 0
    for last, moment in enumerate(starts):
        while moment - starts[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


def _is_over(status: list[object], folder: Path, environment: dict[str, str]) -> bool:
    time.sleep(2.0)  # each look is a process
    return bool(asked(status, folder, environment)["is_over"])


def _config(folder: Path, broker: RedisBroker, load: Load) -> Path:
    catalog = folder / "catalog"
    catalog.mkdir()
    limits = f"{{parallel: {PARALLEL}, requests_per_minute: {load.per_minute}}}"
    (catalog / "openai.yaml").write_text(f"service: openai\nlimits: {limits}\n", encoding="utf-8")
    fleet = {"broker_url": broker.url, "storage": str(folder / "shared"), "lease_s": LEASE_S}
    fleet |= {"deck_workers": DECKS_AT_ONCE, "image_workers": PICTURES_AT_ONCE}
    path = folder / "fleet.yaml"
    path.write_text(json.dumps({"fleet": fleet, "services": {"catalog": str(catalog)}}), encoding="utf-8")
    return path


def machine_environment(claude: AnthropicServer, openai: OpenAIServer) -> dict[str, str]:
    """A machine's own: keys, addresses, no delays, pictures of few pixels."""
    return {
        "PATH": os.environ["PATH"],
        "ANTHROPIC_BASE_URL": claude.base_url,
        "ANTHROPIC_API_KEY": claude.api_key,
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": openai.api_key,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "DECK_ILLUSTRATOR_WORKERS__PROMPT_DELAY_S": "0",
        "DECK_ILLUSTRATOR_WORKERS__IMAGE_DELAY_S": "0",
        "DECK_ILLUSTRATOR_LAYOUT__MAX_PX_PER_IN": "50",
    }


if __name__ == "__main__":
    sys.exit(main())
