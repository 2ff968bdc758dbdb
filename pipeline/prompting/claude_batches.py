"""Prompts in Anthropic's Message Batches: asked at once, answered within a day, at half the price.

Wire: POST and GET /v1/messages/batches, GET …/{id} and …/{id}/results (anthropic 2.11, `resources/messages/batches.py`;
reference/providers.md section 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import anthropic
from anthropic.types.messages.batch_create_params import Request

from pipeline.asking.answers import Answer
from pipeline.asking.batches import (
    PAGE_SIZE,
    BatchState,
    NoSuchBatchError,
    Standing,
    count,
    id_in,
    is_since,
    listed,
    look_refusal_of,
    refusal_of,
)
from pipeline.asking.result_lines import ResultLine, ResultLines
from pipeline.asking.sdk_calls import judged
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.claude import ClaudeWriter, headers_for
from pipeline.prompting.claude_results import outcome_of
from pipeline.prompting.writer import PromptWriter
from pipeline.records import Brief, WriterAnswer
from pipeline.services.expressions import look_up
from pipeline.services.wire import Batch

_ENDED = "ended"
_COUNTS = ("processing", "succeeded", "errored", "canceled", "expired")


def batches_of(writer: PromptWriter) -> ClaudeBatches | None:
    """The batches of the service `writer` asks; None where it takes none, by the catalog."""
    if not isinstance(writer, ClaudeWriter) or writer.batch is None:
        return None
    return ClaudeBatches(writer, writer.batch)


class ClaudeBatches:
    """A BatchLane. What is asked, and how an answer is read and judged, is the writer's own."""

    def __init__(self, writer: ClaudeWriter, batch: Batch) -> None:
        self.price_share = batch.price_share
        self._writer = writer
        self._judge = writer.judge
        self._headers = headers_for(writer.access)
        self._batches = writer.client.messages.batches.with_raw_response

    def submit(self, questions: Mapping[str, Brief], timeout_s: float) -> str:
        requests: list[Request] = [
            {"custom_id": name, "params": self._writer.body_for(brief)} for name, brief in questions.items()
        ]
        with self._judged(timeout_s, self._refusal, is_order=True):
            response = self._batches.create(requests=requests, extra_headers=self._headers, timeout=timeout_s)
        return id_in(_answer(response), self._judge, self._writer.access, is_order=True)

    def standing(self, batch: str, timeout_s: float) -> Standing:
        try:
            answer = self._found(batch, timeout_s)
        except NoSuchBatchError as error:
            return Standing(state=BatchState.GONE, done=0, total=0, message=str(error), failure=error)
        status, counts = str(answer.find("processing_status")), _counts(answer.content)
        total = sum(counts.values())
        done = total - counts["processing"]
        failure = self._failure(answer, counts) if status == _ENDED else None
        if failure is not None:
            return Standing(state=BatchState.GONE, done=done, total=total, message=str(failure), failure=failure)
        state = BatchState.ENDED if status == _ENDED else BatchState.UNDER_WAY
        return Standing(state=state, done=done, total=total, message=status)

    def results(self, batch: str, timeout_s: float) -> Iterator[tuple[str, WriterAnswer | ServiceError]]:
        try:
            answer = self._found(batch, timeout_s)
            if answer.find("processing_status") != _ENDED or not answer.find("results_url"):
                return
            for line in self._lines(batch, timeout_s):
                yield line.id, outcome_of(line, self._writer, self.price_share)
        except NoSuchBatchError:
            return

    def submitted_since(
        self, moment: datetime, ids: Set[str], timeout_s: float, *, known: Set[str] = frozenset()
    ) -> str | None:
        """A batch says whose questions it holds only with its results: before, it goes by their number and the time.

        Where several may be it, it is the first of them.
        """
        may_be = None
        for batch in listed(lambda last: self._page(last, timeout_s)):
            name = str(batch.get("id"))
            if name in known or not is_since(_moment(batch.get("created_at")), moment):
                continue
            if sum(_counts(batch).values()) != len(ids):
                continue
            if batch.get("processing_status") != _ENDED:
                may_be = name
            elif self._is_of(name, ids, timeout_s):
                return name
        return may_be

    def _is_of(self, batch: str, ids: Set[str], timeout_s: float) -> bool:
        try:
            found = {line.id for line in self._lines(batch, timeout_s)}
        except NoSuchBatchError:
            return False
        return bool(found) and found <= ids

    def _found(self, batch: str, timeout_s: float) -> Answer:
        """Raises NoSuchBatchError where the service knows no such batch."""
        with self._judged(timeout_s, lambda answer: look_refusal_of(answer, self._judge, batch)):
            response = self._batches.retrieve(batch, extra_headers=self._headers, timeout=timeout_s)
        answer = _answer(response)
        if not isinstance(answer.find("processing_status"), str):
            raise self._judge.failure(FailureKind.TRANSIENT, "the answer about a batch does not say how it stands")
        return answer

    def _page(self, last: str | None, timeout_s: float) -> Answer:
        after_id = anthropic.omit if last is None else last
        with self._judged(timeout_s, self._refusal):
            response = self._batches.list(
                limit=PAGE_SIZE, after_id=after_id, extra_headers=self._headers, timeout=timeout_s
            )
        return _answer(response)

    def _lines(self, batch: str, timeout_s: float) -> Iterator[ResultLine]:
        """The SDK's own `results` reads what is no JSON as the end of all, and sends the key wherever it is told to."""
        path = f"/v1/messages/batches/{quote(batch, safe='')}/results"
        reader = ResultLines(self._judge, self._writer.timing.monotonic)
        with self._judged(timeout_s, lambda answer: look_refusal_of(answer, self._judge, batch)):
            stream = self._writer.client.get(
                path,
                cast_to=object,
                options={"headers": self._headers, "timeout": timeout_s},
                stream=True,
                stream_cls=anthropic.Stream[object],
            )
            with stream:
                yield from reader.read(stream.response.iter_bytes(), timeout_s)

    def _failure(self, answer: Answer, counts: Mapping[str, int]) -> ServiceError | None:
        """Why a batch that ended brought nothing, None where it may have."""
        if not answer.find("results_url"):
            problem = "the batch's results are no longer kept"
            return self._judge.failure(FailureKind.TRANSIENT, problem, may_be_charged=True)
        if counts["succeeded"] or counts["errored"] or not any(counts.values()):
            return None
        became = "cancelled" if counts["canceled"] > counts["expired"] else "not done within its time"
        return self._judge.failure(FailureKind.TRANSIENT, f"the batch was {became}")

    def _refusal(self, answer: Answer) -> ServiceError:
        return refusal_of(answer, self._judge, self._writer.access)

    def _judged(
        self, timeout_s: float, refusal: Callable[[Answer], ServiceError], *, is_order: bool = False
    ) -> AbstractContextManager[None]:
        return judged(anthropic, self._judge, timeout_s, is_order=is_order, refusal=refusal)


def _answer(response: anthropic.APIResponse[Any]) -> Answer:
    return Answer.of(response.status_code, response.headers, response.http_response.content)


def _counts(batch: Any) -> dict[str, int]:
    return {name: count(look_up(f"request_counts.{name}", batch)) for name in _COUNTS}


def _moment(found: Any) -> datetime | None:
    """A moment as RFC 3339 spells it."""
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
