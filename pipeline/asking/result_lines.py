"""The results of a batch, line by line as they come: one JSON object each, some of many megabytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import MAX_ANSWER_BYTES, Deadline
from pipeline.errors import FailureKind, ServiceError

# Both services write the id before anything that is long.
_HEAD_BYTES = 4096
_ID = re.compile(rb'"custom_id"\s*:\s*"([\w-]{1,64})"', re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One question's result as it came: its id, and the JSON of the line, None where the line is damaged."""

    id: str
    content: Any = field(repr=False)


class ResultLines:
    """Reads the lines of a body that is never in memory as a whole. One object for each body."""

    def __init__(self, judge: Judge, monotonic: Callable[[], float], max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`max_bytes`: a longer line is a damaged one."""
        self._judge = judge
        self._monotonic = monotonic
        self._max_bytes = max_bytes

    def read(self, pieces: Iterable[bytes], timeout_s: float) -> Iterator[ResultLine]:
        """The lines that tell whose they are. Raises ServiceError where one takes longer than `timeout_s` to come.

        What whoever iterates does between two lines takes none of that time.
        """
        for line in self._whole(pieces, timeout_s):
            content = Answer.of(200, {}, line).content
            is_object = isinstance(content, dict)
            name = content.get("custom_id") if is_object else _id_in(line)
            if isinstance(name, str):
                yield ResultLine(id=name, content=content if is_object else None)

    def _whole(self, pieces: Iterable[bytes], timeout_s: float) -> Iterator[bytes]:
        """Each line without its end; of one that is too long, its head."""
        line, is_long = bytearray(), False
        deadline = self._deadline(timeout_s)
        for piece in pieces:
            deadline.left_s()
            *ended, rest = piece.split(b"\n")
            for part in ended:
                yield bytes(line[:_HEAD_BYTES] if is_long else line + part)
                line, is_long = bytearray(), False
            if ended:
                deadline = self._deadline(timeout_s)
            if not is_long:
                line += rest
                is_long = len(line) > self._max_bytes
        if line:
            yield bytes(line[:_HEAD_BYTES] if is_long else line)

    def _deadline(self, timeout_s: float) -> Deadline:
        return Deadline(timeout_s, self._monotonic, self._judge)


def damaged(judge: Judge) -> ServiceError:
    """What is said of a question whose line cannot be read: it was answered, and perhaps the next reading is whole."""
    problem = "its line among the batch's results is damaged"
    return judge.failure(FailureKind.TRANSIENT, problem, may_be_charged=True)


def _id_in(line: bytes) -> str | None:
    found = _ID.search(line[:_HEAD_BYTES])
    return found[1].decode() if found else None
