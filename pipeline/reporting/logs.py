"""The log of one run: a file with the run's id, the worker and the slide on every line, and no key in it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from pipeline.errors import FileAccessError
from pipeline.events import current_run, current_slide

_STAMP = "{time} {level:7} run={run} {worker} slide={slide} "


class _RunFormatter(logging.Formatter):
    """Adds what every line must say and takes out what none may."""

    def __init__(self, run_id: str, secrets: Sequence[str]) -> None:
        super().__init__("%(message)s")
        self._run_id = run_id
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        stamp = _STAMP.format(
            time=self.formatTime(record),
            level=record.levelname,
            run=self._run_id,
            worker=record.threadName,
            slide=current_slide.get() or "-",
        )
        # Tracebacks and service messages have many lines; searching the log for a slide must find them all.
        return "\n".join(stamp + line for line in text.splitlines() or [""])


class _RunFile(logging.FileHandler):
    """A disk that takes no more of the log takes nothing else from the run, and is told of where it matters."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with suppress(OSError):  # of what could not be written before
            super().close()


@contextmanager
def run_log(path: Path, run_id: str, secrets: Sequence[str], echo: TextIO | None) -> Iterator[None]:
    """Write what the program logs for this run to `path`, and to `echo` if given, while the block runs.

    Other runs may be under way in other threads: theirs is not written. Raises FileAccessError.
    """
    try:
        handlers: list[logging.Handler] = [_RunFile(path, encoding="utf-8", errors="backslashreplace")]
    except OSError as error:
        raise FileAccessError(f"{path}: the log cannot be written ({error.strerror})") from error
    if echo is not None:
        handlers.append(logging.StreamHandler(echo))
    logger = logging.getLogger("pipeline")
    for handler in handlers:
        handler.setFormatter(_RunFormatter(run_id, secrets))
        handler.addFilter(lambda _record: current_run.get() == run_id)
        logger.addHandler(handler)
    before = current_run.set(run_id)
    try:
        with _in_full(logger):
            yield
    finally:
        current_run.reset(before)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


_former_levels: list[int] = []


@contextmanager
def _in_full(logger: logging.Logger) -> Iterator[None]:
    """Have everything logged until the last run that wants it is over."""
    _former_levels.append(logger.level if not _former_levels else _former_levels[0])
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        former = _former_levels.pop()
        if not _former_levels:
            logger.setLevel(former)
