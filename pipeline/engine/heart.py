"""A heart: a thread that does one thing again and again while a process is alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

log = logging.getLogger(__name__)


class Heart:
    """Calls `beat` every `every_s` seconds, in a thread of its own, from `with` to its end. It needs no other thread.

    The thread is a daemon: it dies with its process, whatever way. What `beat` raises is logged; the next one comes.
    """

    def __init__(self, beat: Callable[[], object], every_s: float) -> None:
        self._beat = beat
        self._every_s = every_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Stop; a beat under way is waited for."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._every_s):
            try:
                self._beat()
            except Exception:  # the next beat may go well; without any, all that is held passes to others
                log.exception("the heart missed a beat")
