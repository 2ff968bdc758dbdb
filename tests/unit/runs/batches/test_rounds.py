"""One batch at a toy service: what is written before and after each step, and what the next one makes of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from pipeline.asking.batches import BatchState, Standing
from pipeline.config.settings import Budget
from pipeline.engine.calls import Caller
from pipeline.engine.clock import StopCause, Stopped, StopSignal
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import FailureKind, ServiceError
from pipeline.records import CallKind, Request
from pipeline.records.history import AttemptState, Response, RunRecord, RunState
from pipeline.runs.batches.rounds import Course, Question, Round
from pipeline.runs.spending.brought import Brought
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.batch_notes import BatchNote, read_note, write_note
from pipeline.store.history import open_history
from tests.clocks import ManualClock

IMAGE = CallKind.IMAGE


@dataclass
class Toy:
    """A service with one batch; answers are texts. `refusals` are raised by the next submits, in turn."""

    price_share: float = 0.5
    state: BatchState = BatchState.UNDER_WAY
    failure: ServiceError | None = None
    batches: dict[str, dict[str, str]] = field(default_factory=dict)
    results_of: dict[str, str | ServiceError] = field(default_factory=dict)
    refusals: list[ServiceError] = field(default_factory=list)
    breaks_after: int | None = None
    found: list[str | None] = field(default_factory=list)

    def submit(self, questions, timeout_s) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        name = f"batch-{len(self.batches) + 1}"
        self.batches[name] = dict(questions)
        return name

    def standing(self, batch, timeout_s) -> Standing:
        return Standing(state=self.state, done=0, total=0, message="", failure=self.failure)

    def results(self, batch, timeout_s) -> Iterator[tuple[str, str | ServiceError]]:
        for number, (key, answer) in enumerate(self.results_of.items()):
            if number == self.breaks_after:
                self.breaks_after = None
                raise ServiceError(FailureKind.TRANSIENT, "the connection broke")
            yield key, answer

    def submitted_since(self, moment, ids, timeout_s, *, known=frozenset()) -> str | None:
        return self.found.pop(0)


class Desk:
    """One run's round, and all it stands on."""

    def __init__(self, folder, *, run_id="run-1", **budget):
        self.folder, self.run_id, self.clock, self.stop = folder, run_id, ManualClock(), StopSignal()
        self.told, self.kept, self.lane, self.brought = [], {}, Toy(), Brought()
        self.history = open_history(None, folder / "data", now=self.clock.now, warn=self.told.append)
        self.budget = Budget(**budget)
        self.begin(run_id)

    def begin(self, run_id, **facts):
        run = RunRecord(id=run_id, state=RunState.PENDING, created=self.clock.now(), **facts)
        self.history.begin_run(run)
        return run

    @property
    def round(self):
        limits = ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=self.clock)
        caller = Caller(
            limits=limits,
            pace=limits_of_its_own(self.clock, self.stop),
            clock=self.clock,
            stop=self.stop,
            rng=random.Random(1),
            timeout_s=600,
            max_attempts=3,
        )
        return Round(
            kind=IMAGE,
            lane=self.lane,
            caller=caller,
            folder=self.folder,
            run_id=self.run_id,
            history=self.history,
            ledger=Ledger(self.history, self.budget, Account(run_id=self.run_id), self.clock, self.stop),
            brought=self.brought,
            keep=self.keep,
            tell=self.told.append,
        )

    def keep(self, question, answer):
        self.kept[question.request.key] = answer
        if answer == "garbage":
            error = ServiceError(FailureKind.EMPTY, "no picture")
            error.cost_usd = 0.02
            raise error
        return Response(format="png"), 0.02

    @property
    def note(self) -> BatchNote | None:
        return read_note(self.folder, IMAGE)

    def calls(self):
        return [(call.slide_number, call.state.value, call.cost_usd) for call in self.history.attempts()]


def limits_of_its_own(clock, stop):
    return ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=clock)


def question(number, *, price_usd=0.04, prompt="", leads_to_usd=None):
    request = Request(kind=IMAGE, service="toy", model="m", prompt=prompt or f"picture {number}")
    return Question(
        asked=request.prompt, request=request, slide_number=number, price_usd=price_usd, leads_to_usd=leads_to_usd
    )


KEYS = [question(number).request.key for number in (1, 2)]
TWO = [question(1), question(2)]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.history.close()


def test_a_batch_is_remembered_with_its_id_and_half_the_prices(desk):
    note = desk.round.hand_in(TWO)
    assert (note.batch, note, list(note.questions)) == ("batch-1", desk.note, KEYS)
    assert [call.reserved_usd for call in desk.history.batch_attempts("run-1-image")] == [0.02, 0.02]
    assert desk.told == ["2 images are handed in as batch batch-1."]


def test_two_slides_that_want_the_same_ask_once(desk):
    desk.round.hand_in([question(1), question(2, prompt="picture 1")])
    assert len(desk.lane.batches["batch-1"]) == len(desk.history.attempts()) == 1


def test_nothing_missing_is_no_batch(desk):
    assert desk.round.hand_in([]) is None
    assert (desk.note, desk.lane.batches) == (None, {})


def test_where_the_budget_ends_the_rest_stays_out(tmp_path):
    desk = Desk(tmp_path, max_usd_per_day=0.03)
    note = desk.round.hand_in(TWO)
    assert list(note.questions) == KEYS[:1]
    assert "From slide 2 on nothing is handed in as a batch: budget.max_usd_per_day" in desk.told[0]
    desk.history.close()


def test_a_prompt_whose_picture_would_not_fit_stays_out(tmp_path):
    desk = Desk(tmp_path, max_usd_per_day=0.10)
    prompts = [question(number, price_usd=0.02, leads_to_usd=0.05) for number in (1, 2)]
    assert list(desk.round.hand_in(prompts).questions) == KEYS[:1]
    desk.history.close()


def test_a_refused_batch_leaves_no_note_and_no_open_call(desk):
    desk.lane.refusals = [ServiceError(FailureKind.AUTH, "no")]
    with pytest.raises(ServiceError):
        desk.round.hand_in(TWO)
    assert desk.note is None
    assert desk.calls() == [(1, "error", 0.0), (2, "error", 0.0)]


def test_a_passing_fault_is_tried_again(desk):
    desk.lane.refusals = [ServiceError(FailureKind.TRANSIENT, "busy")]
    assert desk.round.hand_in(TWO).batch == "batch-1"


def test_one_that_may_have_been_taken_is_not_handed_in_again_but_looked_for(desk):
    desk.lane.refusals = [ServiceError(FailureKind.TRANSIENT, "lost", may_be_charged=True)]
    with pytest.raises(ServiceError):
        desk.round.hand_in(TWO)
    assert desk.lane.batches == {}
    assert desk.note.batch is None
    assert [state for _, state, _ in desk.calls()] == ["pending"] * 2
    desk.lane.found = ["batch-7"]
    assert desk.round.follow(desk.note) is Course.UNDER_WAY
    assert desk.note.batch is None, "a service may not be sure whose it is before it is done"
    desk.lane.state, desk.lane.found = BatchState.ENDED, ["batch-7", "batch-7"]
    desk.lane.results_of = dict.fromkeys(KEYS, "picture")
    assert desk.round.follow(desk.note) is Course.COLLECTED


def test_one_that_turns_out_to_be_anothers_is_left_alone(desk):
    write_note(desk.folder, BatchNote(run_id="run-1", kind=IMAGE, created=desk.clock.now(), questions=handed(desk)))
    desk.lane.state, desk.lane.found = BatchState.ENDED, ["theirs", None]
    assert desk.round.follow(desk.note) is Course.UNDER_WAY
    assert desk.kept == {}
    desk.lane.found = [None]
    assert desk.round.follow(desk.note) is Course.NEVER_WAS
    assert desk.note is None
    assert [state for _, state, _ in desk.calls()] == ["error"] * 2


def handed(desk):
    note = desk.round.hand_in(TWO)
    return note.questions


def test_what_came_is_kept_and_the_rest_has_failed(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state = BatchState.ENDED
    desk.lane.results_of = {KEYS[1]: "picture", "of another batch": "x"}
    assert desk.round.follow(note) is Course.COLLECTED
    assert desk.kept == {KEYS[1]: "picture"}
    first, second = desk.history.attempts()
    assert (first.state, first.may_be_charged) == (AttemptState.ERROR, True)
    assert (second.state, second.cost_usd) == (AttemptState.SUCCESS, 0.02)
    assert desk.note is None
    assert desk.told[-1] == "Batch batch-1 of 2 images is collected; 1 of them brought nothing."
    assert desk.brought.take_usd(TWO[1].request) == 0.02
    assert desk.brought.take_usd(TWO[1].request) is None, "told once"


def test_a_batch_that_is_gone_says_why_each_failed(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state, desk.lane.failure = BatchState.GONE, ServiceError(FailureKind.TRANSIENT, "the batch expired")
    assert desk.round.follow(note) is Course.COLLECTED
    assert {call.error for call in desk.history.attempts()} == {"the batch expired"}
    assert not any(call.may_be_charged for call in desk.history.attempts())


def test_garbage_that_was_charged_counts_as_wasted(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state, desk.lane.results_of = BatchState.ENDED, dict.fromkeys(KEYS, "garbage")
    desk.round.follow(note)
    assert desk.calls() == [(1, "error", 0.02), (2, "error", 0.02)]
    assert desk.brought.wasted_usd == pytest.approx(0.04)


def test_a_connection_that_breaks_in_the_middle_is_read_again(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state, desk.lane.results_of, desk.lane.breaks_after = BatchState.ENDED, dict.fromkeys(KEYS, "p"), 1
    assert desk.round.follow(note) is Course.COLLECTED
    assert desk.calls() == [(1, "success", 0.02), (2, "success", 0.02)]
    assert len(desk.brought.calls) == 2


def test_collecting_once_more_after_a_death_counts_nothing_twice(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state, desk.lane.results_of = BatchState.ENDED, dict.fromkeys(KEYS, "p")
    desk.round.follow(note)
    write_note(desk.folder, note)  # it died just before it could forget it
    desk.brought = Brought()
    desk.round.follow(desk.note)
    assert desk.calls() == [(1, "success", 0.02), (2, "success", 0.02)]


def test_calls_a_lost_history_does_not_know_are_written_anew(desk):
    """Their numbers are those of others' calls by now, which stay as they are."""
    note = desk.round.hand_in(TWO)
    for call in desk.history.attempts():
        desk.history.save(replace(call, batch="another"))
    desk.lane.state, desk.lane.results_of = BatchState.ENDED, dict.fromkeys(KEYS, "p")
    desk.round.follow(note)
    assert desk.calls() == [(1, "pending", None), (2, "pending", None), (1, "success", 0.02), (2, "success", 0.02)]


def test_a_run_that_is_stopped_leaves_the_rest_for_the_next(desk):
    note = desk.round.hand_in(TWO)
    desk.lane.state, desk.lane.results_of = BatchState.ENDED, dict.fromkeys(KEYS, "p")
    desk.stop.request(StopCause.INTERRUPTED, "stop", None)
    with pytest.raises(Stopped):
        desk.round.follow(note)
    assert desk.note == note
    assert desk.kept == {}


def test_of_two_runs_that_hand_in_the_same_at_once_the_first_does(desk, tmp_path):
    other = Desk(tmp_path, run_id="run-2")
    other.folder = tmp_path / "other"
    other.folder.mkdir()
    desk.round.hand_in(TWO[:1])
    note = other.round.hand_in(TWO)
    assert list(note.questions) == KEYS[1:]
    assert [call.error_kind for call in other.history.batch_attempts("run-2-image")] == ["not_made", ""]
    other.history.close()
