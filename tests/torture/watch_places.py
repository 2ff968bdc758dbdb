"""A watched folder with its watchers, as processes of the program, and what they have brought to an end so far."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

from tests.torture.program import Place, command, environment

_SETTINGS = """\
watch: {steady_s: 0.4, interval_s: 0.5}
workers: {prompt_delay_s: 0, image_delay_s: 0}
layout: {max_px_per_in: 50}
"""


class WatchedPlace:
    """The folders. `taken` is where a person carries finished decks as soon as they see them."""

    def __init__(self, folder: Path) -> None:
        self.place = Place.at(folder, _SETTINGS)
        self.inbox, self.done, self.failed = folder / "inbox", folder / "done", folder / "failed"
        self.taken, self.aside = folder / "taken", folder / "aside"
        self.seen: Counter[str] = Counter()
        for made in (self.inbox, self.done, self.failed, self.taken, self.aside):
            made.mkdir()

    @property
    def originals(self) -> list[Path]:
        """Every original that has ended, wherever."""
        return [*(self.done / "originals").glob("*.pptx"), *self.failed.glob("*.pptx")]

    def carry_away(self) -> None:
        """Take every finished deck out of the outbox at once, as a greedy consumer does."""
        for path in self.done.glob("*.pptx"):
            self.seen[path.name] += 1
            path.rename(self.taken / f"{self.seen[path.name]} {path.name}")

    def left_over(self) -> list[str]:
        """What should be nowhere when all is done: files waiting or under way, notes, temporary files."""
        hidden = [path for folder in (self.done, self.failed) for path in folder.rglob(".*")]
        under_way = [path for path in self.inbox.rglob("*") if path.is_file()]
        return sorted(str(path.relative_to(self.place.folder)) for path in (*under_way, *hidden))

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")

    @property
    def _said(self) -> Path:
        return self.place.said / "watchers.txt"

    def start(self) -> WatcherProcess:
        """One more watcher."""
        return WatcherProcess(self.place, self._said)


class WatcherProcess:
    """One `watch` of a place, in a session of its own."""

    def __init__(self, place: Place, said: Path) -> None:
        words = ("watch", "inbox", "--outbox", "done", "--failed", "failed", "--offline", "--config", place.config.name)
        with said.open("ab") as stream:
            self._process = subprocess.Popen(
                [*command("run.py"), *words],
                cwd=place.folder,
                env=environment(place, {}),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL."""
        if not self.is_over:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ended(self, within_s: float) -> int | None:
        """SIGTERM; returns its code, None where it took longer and was killed."""
        self._process.terminate()
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
