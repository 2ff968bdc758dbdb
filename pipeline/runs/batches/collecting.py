"""What a batch brought, put into the store and the history question by question."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from pipeline.engine.clock import StopSignal
from pipeline.errors import ExitCode, ServiceError
from pipeline.records.history import AttemptRecord, Response, RunState
from pipeline.runs.spending.attempts import Call, row_of
from pipeline.runs.spending.brought import Brought
from pipeline.store.batch_notes import BatchNote, BatchQuestion
from pipeline.store.history import History

log = logging.getLogger(__name__)

A = TypeVar("A")

Keep = Callable[[BatchQuestion, A], tuple[Response, float | None]]
"""Puts an answer in the store; gives its facts and its price. Raises ServiceError for one that is of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting(Generic[A]):
    """The calls of one batch, found in the history by its name and their requests, and ended one by one.

    All of it can be done again after a run that died in the middle: nothing is counted twice. A call the history has
    lost, being begun anew or another one, is written into it as one of the run that collects, `run_id`.
    """

    note: BatchNote
    calls: dict[str, AttemptRecord]
    history: History
    keep: Keep[A]
    brought: Brought
    run_id: str
    now: datetime
    stop: StopSignal
    _settled: set[str] = field(default_factory=set)
    _failed: set[str] = field(default_factory=set)

    def take(self, results: Iterable[tuple[str, A | ServiceError]]) -> None:
        """Each result in turn. Raises what `results` raises, what came before being settled; and Stopped."""
        for key, result in results:
            self.stop.check()
            question = self.note.questions.get(key)
            if question is None or key in self._settled:
                continue
            if isinstance(result, ServiceError):
                self.failed(question, result)
            else:
                self._arrived(question, result)

    def fail_the_rest(self, error: ServiceError) -> None:
        """Every question without a result has failed so."""
        for key, question in self.note.questions.items():
            if key not in self._settled:
                self.failed(question, error)

    @property
    def failures(self) -> int:
        """How many questions brought nothing."""
        return len(self._failed)

    def tell_the_run(self, told: str) -> None:
        """The run that handed the batch in, and ended then, waits for it no more."""
        run = self.history.run(self.note.run_id)
        if run is not None and run.exit_code == ExitCode.WAITING:
            self.history.end_run(replace(run, state=RunState.SUCCESS, message=told), self.history.slides(run.id))

    def failed(self, question: BatchQuestion, error: ServiceError) -> None:
        log.warning("slide %d in the batch: %s", question.slide_number, error)
        self._failed.add(question.request.key)
        self._end(
            question,
            cost_usd=error.cost_usd,
            error_kind=error.kind.value,
            error=str(error),
            may_be_charged=error.may_be_charged,
        )

    def _arrived(self, question: BatchQuestion, answer: A) -> None:
        try:
            response, cost_usd = self.keep(question, answer)
        except ServiceError as error:
            self.failed(question, error)
            return
        self._end(question, response=response, cost_usd=cost_usd)
        self.brought.came(question.request, question.slide_number, cost_usd)

    def _end(self, question: BatchQuestion, *, response: Response | None = None, **how: object) -> None:
        number = self._call(question).id
        self.history.end_attempt(number, response=response, **how)  # type: ignore[arg-type]  # as both callers name them
        ended = self.history.attempt(number)
        if ended is not None:
            self.brought.calls.append(ended)
        self._settled.add(question.request.key)

    def _call(self, question: BatchQuestion) -> AttemptRecord:
        """The question's row, written anew where there is none."""
        key = question.request.key
        if key not in self.calls:
            call = Call(request=question.request, slide_number=question.slide_number, price_usd=question.price_usd)
            lost = row_of(call, call.price_usd, run_id=self.run_id, batch=self.note.name, created=self.now)
            self.calls[key] = replace(lost, id=self.history.save(lost))
        return self.calls[key]
