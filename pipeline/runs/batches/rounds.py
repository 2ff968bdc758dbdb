"""One batch of one kind of question: handed in if there is none, followed, and collected into the store and history."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from pipeline.asking.batches import BatchLane, BatchState, Standing
from pipeline.engine.calls import Caller
from pipeline.errors import BudgetError, FailureKind, ServiceError
from pipeline.records import CallKind, Request
from pipeline.records.history import Response
from pipeline.runs.ledger import Call, Ledger
from pipeline.store.batch_notes import BatchNote, BatchQuestion, drop_note, read_note, write_note
from pipeline.store.history import History

log = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")
T = TypeVar("T")

# Batches take minutes to hours; nobody gains by looking more often.
LOOK_EVERY_S = 30.0
LOOK_TIMEOUT_S = 60.0
# For one of the results, which come one after the other.
RESULT_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[Q]):
    """One question that is to go into a batch. `price_usd` is that of a single call, None where it is not known."""

    asked: Q
    request: Request
    slide_number: int
    price_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Generic[Q, A]):
    """One kind of question of one run. `keep` puts an answer in the store; it raises ServiceError for one of no use.

    `waits` until the batch is done, instead of leaving it for the next run.
    """

    kind: CallKind
    lane: BatchLane[Q, A]
    caller: Caller
    folder: Path
    run_id: str
    history: History
    ledger: Ledger
    keep: Callable[[Request, A], tuple[Response, float | None]]
    waits: bool
    tell: Callable[[str], None]

    @property
    def is_under_way(self) -> bool:
        """True where a batch of this kind was handed in, or may have been, and is not collected."""
        return read_note(self.folder, self.kind) is not None

    def brought(self, missing: Callable[[], Iterable[Question[Q]]]) -> str:
        """Collect the batch under way, or hand in what is `missing`; "" where nothing of it is under way any more.

        Raises ServiceError where the service cannot be asked or refuses the batch, and FileAccessError.
        """
        note = read_note(self.folder, self.kind)
        if note is not None and note.batch is None:
            note = self._found_again(note)
        if note is None:
            note = self._handed_in(list(missing()))
        if note is None or note.batch is None:
            return ""
        standing = self._waited_for(note.batch)
        if standing.state is BatchState.UNDER_WAY:
            return f"{len(note.questions)} {self.kind}s are under way in batch {note.batch}"
        self._collect(note, note.batch, standing)
        return ""

    def _handed_in(self, missing: list[Question[Q]]) -> BatchNote | None:
        name = f"{self.run_id}-{self.kind}"
        asked: dict[str, Q] = {}
        questions: dict[str, BatchQuestion] = {}
        for one in missing:
            key = one.request.key
            if key in asked:  # two slides that want the same
                continue
            price_usd = None if one.price_usd is None else one.price_usd * self.lane.price_share
            try:
                call = Call(request=one.request, slide_number=one.slide_number, price_usd=price_usd)
                attempt = self.ledger.reserve(call, batch=name)
            except BudgetError as error:
                log.warning("slide %d is not in the batch: %s", one.slide_number, error)
                break
            asked[key] = one.asked
            questions[key] = BatchQuestion(request=one.request, slide_number=one.slide_number, attempt=attempt)
        if not asked:
            return None
        note = BatchNote(name=name, kind=self.kind, created=self.caller.clock.now(), questions=questions)
        write_note(self.folder, note)
        return self._submitted(note, asked)

    def _submitted(self, note: BatchNote, asked: Mapping[str, Q]) -> BatchNote:
        try:
            batch = self._asked(partial(self._submit, asked))
        except ServiceError as error:
            if not error.may_be_charged:
                self._give_up(note, error)
            raise
        self.tell(f"{len(asked)} {self.kind}s handed in as batch {batch}.")
        return self._known(note, batch)

    def _submit(self, asked: Mapping[str, Q], timeout_s: float) -> str:
        try:
            return self.lane.submit(asked, timeout_s)
        except ServiceError as error:
            error.is_final = error.may_be_charged  # it may have been taken: the next run looks for it
            raise

    def _found_again(self, note: BatchNote) -> BatchNote | None:
        """The batch we handed in without seeing its id; None where the service has none such, and never had."""
        batch = self._asked(lambda timeout_s: self.lane.submitted_since(note.created, set(note.questions), timeout_s))
        if batch is None:
            gone = ServiceError(FailureKind.TRANSIENT, "the batch never reached the service")
            self._give_up(note, gone)
            return None
        return self._known(note, batch)

    def _known(self, note: BatchNote, batch: str) -> BatchNote:
        known = replace(note, batch=batch)
        write_note(self.folder, known)
        return known

    def _waited_for(self, batch: str) -> Standing:
        while True:
            standing = self._asked(lambda _: self.lane.standing(batch, LOOK_TIMEOUT_S))
            if standing.state is not BatchState.UNDER_WAY or not self.waits:
                return standing
            log.info("batch %s: %d of %d done (%s)", batch, standing.done, standing.total, standing.message)
            self.caller.clock.sleep(LOOK_EVERY_S, self.caller.stop)

    def _collect(self, note: BatchNote, batch: str, standing: Standing) -> None:
        """Put what came into store and history; what failed, or is not there, is left for single calls."""
        settled: set[str] = set()
        self._asked(partial(self._read, note, batch, settled))
        unanswered = f"batch {batch} has no answer to this question"
        lost = standing.failure or ServiceError(FailureKind.TRANSIENT, unanswered, may_be_charged=True)
        missing = note.questions.keys() - settled
        for key in missing:
            self._failed(note.questions[key], lost)
        drop_note(self.folder, self.kind)
        failed = f"; {len(missing)} of them are missing there" if missing else ""
        self.tell(f"Batch {batch} of {len(note.questions)} {self.kind}s is collected{failed}.")

    def _read(self, note: BatchNote, batch: str, settled: set[str], timeout_s: float) -> None:
        for key, result in self.lane.results(batch, min(timeout_s, RESULT_TIMEOUT_S)):
            question = note.questions.get(key)
            if question is None or key in settled:
                continue
            if isinstance(result, ServiceError):
                self._failed(question, result)
            else:
                self._arrived(question, result)
            settled.add(key)

    def _arrived(self, question: BatchQuestion, answer: A) -> None:
        try:
            response, cost_usd = self.keep(question.request, answer)
        except ServiceError as error:
            self._failed(question, error)
            return
        self.history.end_attempt(question.attempt, response=response, cost_usd=cost_usd)

    def _failed(self, question: BatchQuestion, error: ServiceError) -> None:
        log.warning("slide %d in the batch: %s", question.slide_number, error)
        self.history.end_attempt(
            question.attempt,
            cost_usd=error.cost_usd,
            error_kind=error.kind.value,
            error=str(error),
            may_be_charged=error.may_be_charged,
        )

    def _give_up(self, note: BatchNote, error: ServiceError) -> None:
        for question in note.questions.values():
            self._failed(question, error)
        drop_note(self.folder, self.kind)

    def _asked(self, function: Callable[[float], T]) -> T:
        return self.caller.call(function).value
