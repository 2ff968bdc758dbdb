"""One batch of one kind of question: handed in, looked after, and collected when the service is done with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from pipeline.asking.batches import BatchLane, BatchState, Standing
from pipeline.engine.calls import Caller
from pipeline.errors import BudgetError, FailureKind, ServiceError
from pipeline.records import CallKind, Request
from pipeline.records.history import NOT_MADE
from pipeline.runs.batches.collecting import Collecting, Keep
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.brought import Brought
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.batch_notes import BatchNote, BatchQuestion, batch_name, drop_note, write_note
from pipeline.store.history import History

log = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")
T = TypeVar("T")

LOOK_TIMEOUT_S = 60.0
SUBMIT_TIMEOUT_S = 300.0
# For one of the results, which come one after the other.
RESULT_TIMEOUT_S = 300.0


class Course(Enum):
    """What became of a batch at one look. `never_was`: the service has none such, and nothing is to be paid."""

    UNDER_WAY = "under_way"
    COLLECTED = "collected"
    NEVER_WAS = "never_was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[Q]):
    """One question that is to go into a batch. `price_usd` is that of a single call, None where it is not known.

    `leads_to_usd` is the price of the picture a prompt is asked for, None for pictures: no prompt is paid whose picture
    a budget would then refuse.
    """

    asked: Q
    request: Request
    slide_number: int
    price_usd: float | None
    leads_to_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Generic[Q, A]):
    """One kind of question of one work folder, which nobody else has meanwhile. `run_id` is the run that asks.

    Everything raises ServiceError where the service cannot be asked or refuses, FileAccessError, and Stopped.
    """

    kind: CallKind
    lane: BatchLane[Q, A]
    caller: Caller
    folder: Path
    run_id: str
    history: History
    ledger: Ledger
    brought: Brought
    keep: Keep[A]
    tell: Callable[[str], None]

    def hand_in(self, missing: Iterable[Question[Q]]) -> BatchNote | None:
        """The batch of what is `missing`, as far as the budgets allow; None where that is nothing."""
        asked: dict[str, Q] = {}
        questions: dict[str, BatchQuestion] = {}
        rows: dict[str, int] = {}
        to_come: list[float] = []
        for one in missing:
            key = one.request.key
            if key in asked:  # two slides that want the same
                continue
            price_usd = None if one.price_usd is None else one.price_usd * self.lane.price_share
            try:
                call = Call(request=one.request, slide_number=one.slide_number, price_usd=price_usd)
                to_come += [] if one.leads_to_usd is None else [one.leads_to_usd]
                rows[key] = self.ledger.reserve(call, batch=batch_name(self.run_id, self.kind), also=to_come)
            except BudgetError as error:
                self.tell(f"From slide {one.slide_number} on nothing is handed in as a batch: {error}")
                break
            asked[key] = one.asked
            questions[key] = BatchQuestion(request=one.request, slide_number=one.slide_number, price_usd=price_usd)
        self._leave_to_others(asked, questions, rows)
        if not asked:
            return None
        created = self.caller.clock.now()
        note = BatchNote(run_id=self.run_id, kind=self.kind, created=created, questions=questions)
        write_note(self.folder, note)
        return self._submitted(note, asked)

    def follow(self, note: BatchNote) -> Course:
        """Look once how the batch stands; what it brought is collected if it is done."""
        batch = note.batch or self._found(note)
        if batch is None:
            error = ServiceError(FailureKind.TRANSIENT, "the batch never reached the service")
            self._give_up(note, error)
            return Course.NEVER_WAS
        standing = self._asked(lambda _: self.lane.standing(batch, LOOK_TIMEOUT_S))
        if standing.state is BatchState.UNDER_WAY:
            log.info("batch %s: %d of %d done (%s)", batch, standing.done, standing.total, standing.message)
            return Course.UNDER_WAY
        if note.batch is None and self._found(note) != batch:
            return Course.UNDER_WAY  # now that it is done it is seen to be another's: the next look finds ours, or none
        self._collect(note, batch, standing)
        return Course.COLLECTED

    def _leave_to_others(self, asked: dict[str, Q], questions: dict[str, BatchQuestion], rows: dict[str, int]) -> None:
        """Of two that hand in the same at the same time the one that was first in the history does so."""
        for call in self.history.batch_calls_under_way():
            mine = rows.get(call.request_key)
            if mine is None or call.id >= mine:
                continue
            message = f"run {call.run_id} has handed in the same"
            self.history.end_attempt(mine, cost_usd=0.0, error_kind=NOT_MADE, error=message)
            for kept in (asked, questions, rows):
                kept.pop(call.request_key)

    def _submitted(self, note: BatchNote, asked: Mapping[str, Q]) -> BatchNote:
        try:
            batch = self._asked(partial(self._submit, asked))
        except ServiceError as error:
            if not error.may_be_charged:
                self._give_up(note, error)
            raise
        known = replace(note, batch=batch)
        write_note(self.folder, known)
        self.tell(f"{len(asked)} {self.kind}s are handed in as batch {batch}.")
        return known

    def _submit(self, asked: Mapping[str, Q], timeout_s: float) -> str:
        try:
            return self.lane.submit(asked, min(timeout_s, SUBMIT_TIMEOUT_S))
        except ServiceError as error:
            error.is_final = error.may_be_charged  # it may have been taken: the next run looks for it
            raise

    def _found(self, note: BatchNote) -> str | None:
        """The batch that was handed in without its id being seen.

        It is not written down: of one under way a service may say no more than that it could be this one.
        """
        ids = set(note.questions)
        return self._asked(lambda _: self.lane.submitted_since(note.created, ids, LOOK_TIMEOUT_S))

    def _collect(self, note: BatchNote, batch: str, standing: Standing) -> None:
        """Put what came into store and history; what failed, or is not there, is left for single calls."""
        collecting = self._collecting(note)
        self._asked(lambda timeout_s: collecting.take(self.lane.results(batch, min(timeout_s, RESULT_TIMEOUT_S))))
        unanswered = f"batch {batch} has no answer to this question"
        lost = standing.failure or ServiceError(FailureKind.TRANSIENT, unanswered, may_be_charged=True)
        collecting.fail_the_rest(lost)
        drop_note(self.folder, self.kind)
        failed = f"; {collecting.failures} of them brought nothing" if collecting.failures else ""
        what = f"{len(note.questions)} {self.kind}s"
        collecting.tell_the_run(f"batch {batch} of {what} was collected by run {self.run_id}{failed}")
        self.tell(f"Batch {batch} of {what} is collected{failed}.")

    def _give_up(self, note: BatchNote, error: ServiceError) -> None:
        collecting = self._collecting(note)
        collecting.fail_the_rest(error)
        drop_note(self.folder, self.kind)
        collecting.tell_the_run(str(error))

    def _collecting(self, note: BatchNote) -> Collecting[A]:
        return Collecting(
            note=note,
            calls={call.request_key: call for call in self.history.batch_attempts(note.name)},
            history=self.history,
            keep=self.keep,
            brought=self.brought,
            run_id=self.run_id,
            now=self.caller.clock.now(),
            stop=self.caller.stop,
        )

    def _asked(self, function: Callable[[float], T]) -> T:
        return self.caller.call(function).value
