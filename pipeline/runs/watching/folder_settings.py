"""The settings of a watched folder: what the program was started with, under the `illustrate.yaml` in the inbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.config.overlay import overlaid
from pipeline.errors import PipelineError
from pipeline.runs.watching.inbox import SETTINGS_NAME


class FolderSettings:
    """Read again when the file has changed. `say(subject, text)` has a person told, once for each text."""

    def __init__(self, base: Configuration, inbox: Path, say: Callable[[str, str], None]) -> None:
        self.base = base
        self._file = inbox / SETTINGS_NAME
        self._say = say
        self._stamp: tuple[int, ...] | None = None
        self._current: Configuration | None = base

    def current(self) -> Configuration | None:
        """What holds now; None while the file cannot be used, which stops nothing but what would be made by it."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._current = self._read() if stamp is not None else self.base
        return self._current

    def _read(self) -> Configuration | None:
        try:
            configuration = overlaid(self.base, self._file)
        except PipelineError as error:
            self._say(SETTINGS_NAME, f"{error}; decks wait in the inbox until that is mended")
            return None
        self._say(SETTINGS_NAME, f"{self._file}: its settings hold from now on")
        return configuration

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            status = self._file.stat()
        except OSError:  # there is none, or the whole inbox is away, which who looks into it tells
            return None
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns
