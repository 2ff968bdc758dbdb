"""Answers of prompt writers that were paid for, one file under the key of each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipeline.records import Request, WriterAnswer
from pipeline.records.history import Arrival, Response
from pipeline.store.shelf import KeptRequest, Shelf, record_bytes


class AnswerRecord(BaseModel):
    """What stands under a request's key. `run_id` is of the run that paid for it."""

    model_config = ConfigDict(frozen=True)

    request: KeptRequest
    run_id: str = ""
    created: AwareDatetime
    answer: WriterAnswer


class AnswerShelf:
    """Safe for threads and processes. Raises FileAccessError where the disk refuses."""

    def __init__(self, shelf: Shelf, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._now = now

    def find(self, request: Request) -> WriterAnswer | None:
        name = f"{request.key}.json"
        record = read_answer(self._shelf, name)
        if record is None:
            return None
        self._shelf.renew(name, self._now())
        return record.answer

    def keep(self, request: Request, answer: WriterAnswer) -> None:
        """What the service said of its limits is not kept: it is not so any more when the answer is found."""
        record = AnswerRecord(
            request=KeptRequest.of(request),
            run_id=self._shelf.owner,
            created=self._now(),
            answer=replace(answer, allowance=None),
        )
        name = f"{request.key}.json"
        self._shelf.write(name, record_bytes(record))
        self._shelf.renew(name, record.created)

    def raw(self, key: str) -> bytes | None:
        """The record of the answer under `key` as it was written; None where there is none."""
        return self._shelf.read(f"{key}.json")

    def adopt(self, key: str, data: bytes | None) -> bool:
        """Keep here what another store keeps under `key`. Returns False where nothing can be made of it."""
        if data is None or parse_answer(data) is None:
            return False
        self._shelf.write(f"{key}.json", data)
        return True

    def arrival(self, key: str) -> Arrival | None:
        """What is known of the answer kept under `key`; None where there is none."""
        record = read_answer(self._shelf, f"{key}.json")
        if record is None:
            return None
        answer = record.answer
        return Arrival(run_id=record.run_id, cost_usd=answer.cost_usd, response=Response.of_answer(answer))

    def discard(self, request: Request) -> None:
        self._shelf.remove(f"{request.key}.json")


def read_answer(answers: Shelf, name: str) -> AnswerRecord | None:
    """The record in the file `name`, None where there is none that can be understood. Raises FileAccessError."""
    return parse_answer(answers.read(name))


def parse_answer(data: bytes | None) -> AnswerRecord | None:
    """A record as it was written, None where nothing can be made of it."""
    try:
        return AnswerRecord.model_validate_json(data) if data is not None else None
    except ValidationError:
        return None
