"""How much faster two and four machines are than one, against servers as slow as real ones.

    python -m tests.benchmarks.fleet [--decks 48] [--slides 5] [--image-seconds 12] [--machines 1,2,4]

Each number of machines makes the same decks, with a store and a broker of its own. The time runs from handing in, with
all workers ready, to the end of the last deck.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from tests.fakes import AnthropicServer, OpenAIServer
from tests.integration.fleets import Machine, RedisBroker, asked, command
from tests.integration.test_fleet import deck_named
from tests.torture.fleet import machine_environment, unlike_any_other

DECKS_AT_ONCE, PICTURES_AT_ONCE = 4, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decks", type=int, default=48)
    parser.add_argument("--slides", type=int, default=5)
    parser.add_argument("--prompt-seconds", type=float, default=2.0)
    parser.add_argument("--image-seconds", type=float, default=12.0)
    parser.add_argument("--machines", default="1,2,4")
    given = parser.parse_args()
    alone_s = 0.0
    for count in map(int, given.machines.split(",")):
        with tempfile.TemporaryDirectory(prefix="bench-fleet-") as folder:
            seconds = _seconds(Path(folder), count, given)
        alone_s = alone_s or seconds * count
        print(f"{count} machines: {seconds:6.1f} s, {alone_s / seconds:.2f} times as fast as one", flush=True)


def _seconds(folder: Path, count: int, given: argparse.Namespace) -> float:
    source = folder / "in"
    source.mkdir()
    for number in range(given.decks):
        (source / f"deck{number:03}.pptx").write_bytes(deck_named(f"deck {number}", given.slides))
    with (
        RedisBroker(folder / "redis") as broker,
        AnthropicServer(latency_s=given.prompt_seconds) as claude,
        OpenAIServer(latency_s=given.image_seconds, shrink=4) as openai,
    ):
        claude.faults.always(unlike_any_other)
        environment = machine_environment(claude, openai)
        fleet = {"broker_url": broker.url, "storage": str(folder / "shared")}
        fleet |= {"deck_workers": DECKS_AT_ONCE, "image_workers": PICTURES_AT_ONCE}
        config = folder / "fleet.yaml"
        config.write_text(json.dumps({"fleet": fleet}), encoding="utf-8")
        machines = [Machine(f"machine{number}", folder, config, environment) for number in range(count)]
        try:
            for machine in machines:
                machine.start()
            for machine in machines:
                machine.wait_until_ready()
            began = time.monotonic()
            words = ["submit", source, "-o", folder / "out", "--wait", "--config", config]
            waiting = command(words, folder, environment)
            job = waiting.communicate()[0].split()[0]
            seconds = time.monotonic() - began
            report = asked(["status", job, "--config", config], folder, environment)
            assert report["counts"] == {"COMPLETED": given.decks}, report["counts"]
        finally:
            for machine in machines:
                machine.kill()
    return seconds


if __name__ == "__main__":
    main()
