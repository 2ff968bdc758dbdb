"""The log of a run, or of a whole process, as text or JSON: run, worker and slide on every line, and no key in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from pipeline.errors import FileAccessError
from pipeline.events import current_run, current_slide

LogFormat = Literal["text", "json"]

_STAMP = "{time} {level:7} run={run} {worker} slide={slide} "


class _TextFormatter(logging.Formatter):
    """Adds what every line must say and takes out what none may."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        stamp = _STAMP.format(
            time=self.formatTime(record),
            level=record.levelname,
            run=current_run.get(),
            worker=record.threadName,
            slide=current_slide.get() or "-",
        )
        text = _without(self._secrets, super().format(record))
        # Tracebacks and service messages have many lines; searching the log for a slide must find them all.
        return "\n".join(stamp + line for line in text.splitlines() or [""])


class _JsonFormatter(logging.Formatter):
    """One JSON object a record, all of it on one line of ASCII.

    `time` is ISO 8601 in UTC, `run` is "" and `slide` null where the line belongs to none, `traceback` is there where
    one was logged. Keys are taken out before a text is escaped: an escaped key would not be recognised.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "run": current_run.get(),
            "worker": record.threadName,
            "slide": current_slide.get(),
            "logger": record.name,
            "message": self._told(record.getMessage()),
        }
        if traceback := self._traceback(record):
            line["traceback"] = self._told(traceback)
        return json.dumps(line)

    def _traceback(self, record: logging.LogRecord) -> str:
        """As `logging.Formatter.format` has it; `exc_text` is what a formatter before this one made of it."""
        raised = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        return "\n".join(filter(None, (raised, stack)))

    def _told(self, text: str) -> str:
        """Without keys, and without half a surrogate pair (of a file's name), which strict JSON readers refuse."""
        return _without(self._secrets, text).encode("utf-8", "backslashreplace").decode("utf-8")


class _RunFile(logging.FileHandler):
    """A disk that takes no more of the log takes nothing else from the run, and is told of where it matters."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with suppress(OSError):  # of what could not be written before
            super().close()


@contextmanager
def run_log(
    path: Path, run_id: str, secrets: Sequence[str], echo: TextIO | None, *, log_format: LogFormat = "text"
) -> Iterator[None]:
    """Write what the program logs for this run to `path`, and to `echo` if given, while the block runs.

    `secrets` are all spellings of all keys, the longest first. Other runs may be under way in other threads: theirs is
    not written. Raises FileAccessError.
    """
    try:
        handlers: list[logging.Handler] = [_RunFile(path, encoding="utf-8", errors="backslashreplace")]
    except OSError as error:
        raise FileAccessError(f"{path}: the log cannot be written ({error.strerror})") from error
    if echo is not None:
        handlers.append(logging.StreamHandler(echo))
    logger = logging.getLogger("pipeline")
    formatter = _JsonFormatter(secrets) if log_format == "json" else _TextFormatter(secrets)
    for handler in handlers:
        handler.setFormatter(formatter)
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


def json_lines(stream: TextIO, secrets: Sequence[str]) -> logging.Handler:
    """A handler that writes one JSON object a line to `stream`, whichever run a line belongs to, or none.

    For a process that makes many runs: whoever makes it adds it to the logger "pipeline", sets that logger's level for
    what is logged between runs (while one is under way everything is), and gives runs no echo on the same stream.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonFormatter(secrets))
    return handler


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


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
