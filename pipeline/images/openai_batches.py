"""Pictures through OpenAI's Batch API: asked for at once, drawn within a day, at half the price.

Wire: the questions are a JSONL file, uploaded with POST /files; POST and GET /batches, GET /batches/{id}; the answers
are two files, read with GET /files/{id}/content, one of the good ones and one of the others (openai 3.52,
`resources/batches.py` and `files.py`; reference/providers.md section 2).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

import openai

from pipeline.asking.answers import Answer
from pipeline.asking.batches import (
    PAGE_SIZE,
    BatchState,
    NoSuchBatchError,
    Standing,
    count,
    digest_of,
    id_in,
    is_since,
    listed,
    look_refusal_of,
    refusal_of,
)
from pipeline.asking.openai_sdk import headers_for
from pipeline.asking.result_lines import ResultLine, ResultLines, damaged
from pipeline.asking.sdk_calls import judged
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.openai_images import OpenAIImages
from pipeline.images.provider import ImageProvider
from pipeline.records import GeneratedImage, ImageRequest
from pipeline.services.expressions import look_up
from pipeline.services.wire import Batch

_ENDPOINT: Final = "/v1/images/generations"
# The note kept with a batch: which questions it is of.
_NOTE = "deck-illustrator-questions"
_COMPLETED = "completed"
_BROUGHT_DOWN = {
    "expired": "the batch was not done within its 24 hours",
    "cancelled": "the batch was cancelled",
    "failed": "the batch failed",
}
_LAST_MOMENT = 1e11


def batches_of(provider: ImageProvider) -> OpenAIBatches | None:
    """The batches of the service `provider` asks; None where it takes none, by the catalog."""
    if not isinstance(provider, OpenAIImages) or provider.batch is None:
        return None
    return OpenAIBatches(provider, provider.batch)


class OpenAIBatches:
    """A BatchLane. What is asked, and how an answer is read and judged, is the provider's own."""

    def __init__(self, provider: OpenAIImages, batch: Batch) -> None:
        self.price_share = batch.price_share
        self._provider = provider
        self._judge = provider.judge
        self._headers = headers_for(provider.access)
        self._client = provider.client

    def submit(self, questions: Mapping[str, ImageRequest], timeout_s: float) -> str:
        uploaded = self._uploaded(b"".join(self._line(name, asked) for name, asked in questions.items()), timeout_s)
        with self._judged(timeout_s, self._refusal, is_order=True):
            response = self._client.batches.with_raw_response.create(
                input_file_id=uploaded,
                endpoint=_ENDPOINT,
                completion_window="24h",
                metadata={_NOTE: digest_of(questions.keys())},
                extra_headers=self._headers,
                timeout=timeout_s,
            )
        answer = Answer.of(response.status_code, response.headers, response.content)
        return id_in(answer, self._judge, self._provider.access, is_order=True)

    def standing(self, batch: str, timeout_s: float) -> Standing:
        try:
            answer = self._found(batch, timeout_s)
        except NoSuchBatchError as error:
            return Standing(state=BatchState.GONE, done=0, total=0, message=str(error), failure=error)
        status = str(answer.find("status"))
        done = count(answer.find("request_counts.completed")) + count(answer.find("request_counts.failed"))
        total = count(answer.find("request_counts.total"))
        if status in _BROUGHT_DOWN:
            failure = self._failure(answer, status)
            return Standing(state=BatchState.GONE, done=done, total=total, message=str(failure), failure=failure)
        state = BatchState.ENDED if status == _COMPLETED else BatchState.UNDER_WAY
        return Standing(state=state, done=done, total=total, message=status)

    def results(self, batch: str, timeout_s: float) -> Iterator[tuple[str, GeneratedImage | ServiceError]]:
        try:
            answer = self._found(batch, timeout_s)
        except NoSuchBatchError:
            return
        if answer.find("status") not in (_COMPLETED, *_BROUGHT_DOWN):
            return
        for name in (answer.find("output_file_id"), answer.find("error_file_id")):
            if isinstance(name, str) and name:
                for line in self._lines(batch, name, timeout_s):
                    yield line.id, self._outcome(line, timeout_s)

    def submitted_since(
        self, moment: datetime, ids: Set[str], timeout_s: float, *, known: Set[str] = frozenset()
    ) -> str | None:
        note = digest_of(ids)
        for batch in listed(lambda last: self._page(last, timeout_s)):
            name = str(batch.get("id"))
            is_ours = look_up(f'metadata."{_NOTE}"', batch) == note
            if is_ours and name not in known and is_since(_moment(batch.get("created_at")), moment):
                return name
        return None

    def _line(self, name: str, request: ImageRequest) -> bytes:
        body = self._provider.body_for(request)
        line = {"custom_id": name, "method": "POST", "url": _ENDPOINT, "body": body}
        return json.dumps(line).encode() + b"\n"

    def _uploaded(self, lines: bytes, timeout_s: float) -> str:
        """The file of the questions. Nothing is paid for it, and the service removes it after a month."""
        with self._judged(timeout_s, self._refusal):
            response = self._client.files.with_raw_response.create(
                file=("questions.jsonl", lines), purpose="batch", extra_headers=self._headers, timeout=timeout_s
            )
        answer = Answer.of(response.status_code, response.headers, response.content)
        return id_in(answer, self._judge, self._provider.access, is_order=False)

    def _found(self, batch: str, timeout_s: float) -> Answer:
        """Raises NoSuchBatchError where the service knows no such batch."""
        with self._judged(timeout_s, lambda answer: look_refusal_of(answer, self._judge, batch)):
            response = self._client.batches.with_raw_response.retrieve(
                batch, extra_headers=self._headers, timeout=timeout_s
            )
        answer = Answer.of(response.status_code, response.headers, response.content)
        if not isinstance(answer.find("status"), str):
            raise self._judge.failure(FailureKind.TRANSIENT, "the answer about a batch does not say how it stands")
        return answer

    def _page(self, last: str | None, timeout_s: float) -> Answer:
        after = openai.omit if last is None else last
        with self._judged(timeout_s, self._refusal):
            response = self._client.batches.with_raw_response.list(
                limit=PAGE_SIZE, after=after, extra_headers=self._headers, timeout=timeout_s
            )
        return Answer.of(response.status_code, response.headers, response.content)

    def _lines(self, batch: str, file: str, timeout_s: float) -> Iterator[ResultLine]:
        """The lines of one of its files; none of a file that is no longer kept."""
        reader = ResultLines(self._judge, self._provider.timing.monotonic)
        content = self._client.files.with_streaming_response.content
        try:
            with (
                self._judged(timeout_s, lambda answer: look_refusal_of(answer, self._judge, batch)),
                content(file, extra_headers=self._headers, timeout=timeout_s) as response,
            ):
                yield from reader.read(response.iter_bytes(), timeout_s)
        except NoSuchBatchError:
            return

    def _outcome(self, line: ResultLine, timeout_s: float) -> GeneratedImage | ServiceError:
        """Raises nothing: what is wrong with one line is told of its question alone."""
        response, error = look_up("response", line.content), look_up("error", line.content)
        if not isinstance(response, dict) and isinstance(error, dict):
            return self._judge.failed_task(Answer.of(200, {}, json.dumps({"error": error}).encode()), "")
        status, content = look_up("status_code", response), look_up("body", response)
        if type(status) is not int or not isinstance(content, dict):
            return damaged(self._judge)
        # The bytes are for words in what is refused, and a picture has none.
        said = json.dumps(content).encode() if status >= 400 else b""
        try:
            answer = Answer(status=status, headers={}, body=said, content=content)
            return self._provider.drawn(answer, timeout_s, self.price_share)
        except ServiceError as failure:
            return failure

    def _failure(self, answer: Answer, status: str) -> ServiceError:
        """What it means that a batch came down as a whole. `failed`: its file was not accepted, and nothing drawn."""
        found = answer.find("errors.data[0]")
        if status != "failed" or not isinstance(found, dict):
            return self._judge.failure(FailureKind.TRANSIENT, _BROUGHT_DOWN[status])
        told = Answer.of(400, {}, json.dumps({"error": found}).encode())
        message = told.find_text("error.message") or "it does not say why"
        return self._judge.failure(self._judge.refusal_in(told).kind, f"{_BROUGHT_DOWN[status]}: {message}")

    def _refusal(self, answer: Answer) -> ServiceError:
        return refusal_of(answer, self._judge, self._provider.access)

    def _judged(
        self, timeout_s: float, refusal: Callable[[Answer], ServiceError], *, is_order: bool = False
    ) -> AbstractContextManager[None]:
        return judged(openai, self._judge, timeout_s, is_order=is_order, refusal=refusal)


def _moment(found: Any) -> datetime | None:
    """A moment counted in seconds from 1970."""
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return datetime.fromtimestamp(found, UTC) if is_number and 0 <= found < _LAST_MOMENT else None
