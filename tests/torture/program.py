"""The program as a person starts it: `python run.py`, in a session, a home and a folder of temporaries of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes import AnthropicServer, OpenAIServer

ROOT = Path(__file__).parent.parent.parent
OUTPUT = "out.pptx"
NOTE = "run.json"
_OURS = ("ANTHROPIC_", "OPENAI_", "DECK_ILLUSTRATOR_", "XDG_")
_OF_SERVICES = ("_KEY", "_TOKEN", "_BASE_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder with one deck and all that runs on it leave behind; what they say goes to `said`, outside of it."""

    folder: Path
    deck: Path
    config: Path
    home: Path
    temporaries: Path
    said: Path

    @classmethod
    def at(cls, folder: Path, config: str) -> Place:
        """Make the folder. The deck is to be written by the caller."""
        place = cls(
            folder=folder,
            deck=folder / "deck.pptx",
            config=folder / "config.yaml",
            home=folder / "home",
            temporaries=folder / "tmp",
            said=folder.with_name(f"{folder.name}.said"),
        )
        for made in (folder, place.temporaries, place.said):
            made.mkdir(parents=True)
        place.config.write_text(config, encoding="utf-8")
        return place

    @property
    def output(self) -> Path:
        return self.folder / OUTPUT

    @property
    def work(self) -> Path:
        return self.output.with_suffix(".work")

    @property
    def is_over(self) -> bool:
        """True where the deck is in its place and the run that put it there has taken back its note."""
        return self.output.exists() and not (self.work / NOTE).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that has ended. `code` is negative where a signal ended it; `report` is {} where none came out."""

    code: int
    seconds: float
    report: Mapping[str, Any]
    err: str


class Program:
    """One process on the deck of a place. It has a session of its own, so that killing reaches all it started."""

    def __init__(self, place: Place, services: Mapping[str, str], *, output: str = OUTPUT) -> None:
        self._files = [(place.said / f"{output}.{name}").open("w+", encoding="utf-8") for name in ("out", "err")]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*command("run.py"), place.deck.name, "-o", output, "--config", place.config.name, "--json"],
            cwd=place.folder,
            env=environment(place, services),
            stdin=subprocess.DEVNULL,
            stdout=self._files[0],
            stderr=self._files[1],
            start_new_session=True,
        )

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started

    def kill(self) -> None:
        """SIGKILL, to the whole session. A process that has just ended by itself is left as it is."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)

    def ended(self, timeout_s: float) -> Ended:
        """Wait for the end. Raises subprocess.TimeoutExpired, after killing the process."""
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
            raise
        seconds = self.elapsed_s
        out, err = (_content(file) for file in self._files)
        return Ended(code=code, seconds=seconds, report=_report(out), err=err)


def command(script: str) -> Sequence[str]:
    return [sys.executable, str(ROOT / script)]


def environment(place: Place, services: Mapping[str, str]) -> dict[str, str]:
    """This process's own without anything that is about services, and with `services`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OURS) and not name.endswith(_OF_SERVICES)
    }
    own = {
        "DECK_ILLUSTRATOR_HOME": str(place.home),
        "TMPDIR": str(place.temporaries),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    return kept | own | dict(services)


def addresses(prompts: AnthropicServer, images: OpenAIServer) -> dict[str, str]:
    """Where the services are, and their keys."""
    return {
        "ANTHROPIC_BASE_URL": prompts.base_url,
        "ANTHROPIC_API_KEY": prompts.api_key,
        "OPENAI_BASE_URL": images.base_url,
        "OPENAI_API_KEY": images.api_key,
    }


def _content(file: Any) -> str:
    file.seek(0)
    text: str = file.read()
    file.close()
    return text


def _report(out: str) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(out)
    except ValueError:
        return {}
    return report
