"""What a watcher does between two looks: it waits for the system to say that something changed, or for time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested

# Changes that come together are told together; one that goes on and on is told of after the second.
_STEP_MS, _DEBOUNCE_MS = 100, 1600
# How often it is looked whether the time is over.
_TICK_MS = 250


class Standby(Protocol):
    """Between two looks."""

    def wait(self, seconds: float) -> None:
        """Return when something may have changed, when so many seconds are over, or when a signal came."""

    def cause(self) -> StopCause | None:
        """Which signal came while nobody else heard it, None while none did."""


class SystemStandby:
    """The real one. `mailbox` is where signals arrive; `is_notified` asks the system to tell of changes in `folder`.

    Where the system cannot, `say` is told so, and time alone is waited for: a network share says nothing anyway.
    """

    def __init__(
        self, folder: Path, mailbox: SimpleQueue[Any], say: Callable[[str], None], *, is_notified: bool
    ) -> None:
        self._mailbox = mailbox
        self._say = say
        self._cause: StopCause | None = None
        self._ticks: Iterator[object] | None = None
        if is_notified:
            self._ticks = self._told_of(folder)
            self._changed()  # from here on nothing is missed: who waits has looked after this

    def wait(self, seconds: float) -> None:
        give_up_at = time.monotonic() + seconds
        while self.cause() is None and (left_s := give_up_at - time.monotonic()) > 0:
            if self._ticks is None:
                self._hear(left_s)
            elif self._changed():
                return

    def cause(self) -> StopCause | None:
        while not self._mailbox.empty():
            self._hear(0)
        return self._cause

    def is_set(self) -> bool:
        """Whether the watcher waits no more: asked by watchfiles, which has it as its event."""
        return self.cause() is not None

    def _hear(self, patience_s: float) -> None:
        try:
            message = self._mailbox.get(timeout=patience_s)
        except Empty:
            return
        if isinstance(message, StopRequested):
            self._cause = self._cause or message.cause

    def _told_of(self, folder: Path) -> Iterator[object]:
        """Sets of changes, empty ones after a tick without any. Nothing is watched before the first is asked for."""
        from watchfiles import watch  # noqa: PLC0415 - loaded where it is needed: by no other command

        return watch(
            folder,
            watch_filter=None,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            stop_event=self,
            recursive=False,
        )

    def _changed(self) -> bool:
        """Whether the system told of a change within a tick. It is not asked again once it could not."""
        if self._ticks is None:
            return False
        try:
            return bool(next(self._ticks, None))
        except (OSError, RuntimeError) as error:  # no more watches to be had, a folder that went away
            self._say(f"the system does not tell of changes ({error}); the folder is looked at every interval")
            self._ticks = None
            return False
