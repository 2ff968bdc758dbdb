"""Every kind of failure, through the engine as a run has it: what is called again, what is waited for, how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

import pytest

from pipeline.engine.board import Board
from pipeline.engine.chain import Chain
from pipeline.engine.clock import StopCause, StopSignal
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.failures import consequence_of
from pipeline.engine.messages import Drawn
from pipeline.errors import (
    BudgetError,
    CredentialsError,
    DeckError,
    FailureKind,
    FileAccessError,
    PictureError,
    PipelineError,
    PromptError,
    ServiceError,
)
from pipeline.outcomes import SlideStatus
from pipeline.records import FittedPicture, Prompt
from tests.builders import plan
from tests.clocks import ManualClock
from tests.unit.engine.services import Service, caller

SLIDES, GATE, FAILURES_TO_OPEN, ATTEMPTS = 10, 0.8, 5, 4
HINT_S = 7.0
PICTURE = FittedPicture(data=b"", extension="png", width_px=1, height_px=1)


class Run:
    """A whole run of the engine with one worker, over a writer and a chain of services."""

    def __init__(self, *services, writer=None):
        self.clock, self.stop, self.events, self.told = ManualClock(), StopSignal(), [], []
        self.board = Board([plan(n) for n in range(1, SLIDES + 1)], GATE, self.events.append)
        self.writer, self.services = writer or Service("writer"), services
        self.writing = caller(self.clock, stop=self.stop, max_attempts=ATTEMPTS)
        self.chain = Chain(
            [service.link(self.clock, self.stop, ATTEMPTS) for service in services],
            failures_to_open=FAILURES_TO_OPEN,
            has_last_resort=False,
            tell=self.told.append,
        )
        self.refused = 0
        Coordinator(
            self.board,
            Steps(write=self.write, draw=self.draw, insert=lambda drawn: None),
            workers=1,
            queue_size=3,
            slides_at_once=None,
            mailbox=SimpleQueue(),
            stop=self.stop,
            clock=self.clock,
        ).run()

    def write(self, order):
        number = order.slide_number
        self.refused += bool(order.milder_than)
        self.writing.call(partial(self.writer.ask, number))
        text = f"milder {number}" if order.milder_than else f"prompt {number}"
        return Prompt(slide_number=number, text=text, subject="", alt_text="")

    def draw(self, prompt):
        reply = self.chain.call(prompt.text, asks_for_milder=not prompt.is_last)
        return Drawn(
            slide_number=prompt.slide_number,
            alt_text="",
            fit=lambda: PICTURE,
            provider=reply.link.service,
            model=reply.link.model,
            attempts=len(reply.failed_calls) + 1,
            failed_calls=reply.failed_calls,
            cost_usd=0.0,
            image=None,
        )

    @property
    def seen(self):
        statuses = [outcome.status for outcome in self.board.outcomes.values()]
        assert statuses.count(SlideStatus.ILLUSTRATED) + statuses.count(SlideStatus.FAILED) == SLIDES
        return Seen(
            calls=tuple(len(service.asked) for service in self.services),
            milder=self.refused,
            made=statuses.count(SlideStatus.ILLUSTRATED),
            cause=self.stop.cause,
        )


@dataclass(frozen=True)
class Seen:
    """How a run went: calls of each service, milder prompts asked for, slides illustrated, why it was stopped."""

    calls: tuple[int, ...]
    made: int
    cause: StopCause | None = None
    milder: int = 0


def kind(which):
    return ServiceError(which, f"{which} fault", retry_after_s=HINT_S if which is FailureKind.RATE else None)


KEY, FILE, BUDGET = StopCause.CREDENTIALS, StopCause.FILE_ACCESS, StopCause.BUDGET
PROMPTS, IMAGES = StopCause.PROMPT_GATE, StopCause.IMAGE_GATE
BACKOFF = "backoff"

# The first call for a picture fails, and no other: what is done again, after which wait?
ONCE = {
    FailureKind.AUTH: (Seen((1,), 0, KEY), None),
    FailureKind.BILLING: (Seen((1,), 0, KEY), None),
    FailureKind.UNKNOWN_MODEL: (Seen((10,), 9), None),
    FailureKind.RATE: (Seen((11,), 10), HINT_S),
    FailureKind.TRANSIENT: (Seen((11,), 10), BACKOFF),
    FailureKind.EMPTY: (Seen((11,), 10), BACKOFF),
    FailureKind.EXPIRED_URL: (Seen((11,), 10), BACKOFF),
    FailureKind.POLICY: (Seen((11,), 10, milder=1), None),
    FailureKind.BAD_PARAMETER: (Seen((10,), 9), None),
    BudgetError: (Seen((10,), 9, BUDGET), None),
    FileAccessError: (Seen((1,), 0, FILE), None),
    CredentialsError: (Seen((1,), 0, KEY), None),
    PictureError: (Seen((10,), 9), None),
    PromptError: (Seen((10,), 9), None),
    DeckError: (Seen((10,), 9), None),
    RuntimeError: (Seen((10,), 9), None),
}

# Every call to the first service fails, which serves two models; another service comes after it and works.
FOR_EVER = {
    FailureKind.AUTH: Seen((1, 0, 10), 10),
    FailureKind.BILLING: Seen((1, 0, 10), 10),
    FailureKind.UNKNOWN_MODEL: Seen((1, 1, 10), 10),
    FailureKind.RATE: Seen((ATTEMPTS, 1, 10), 10),  # five in a row, wherever: the circuit opens
    FailureKind.TRANSIENT: Seen((ATTEMPTS, 1, 10), 10),
    FailureKind.EMPTY: Seen((20, 20, 10), 10),
    FailureKind.EXPIRED_URL: Seen((20, 20, 10), 10),
    FailureKind.POLICY: Seen((20, 10, 10), 10, milder=10),
    FailureKind.BAD_PARAMETER: Seen((10, 10, 10), 10),
    BudgetError: Seen((10, 0, 0), 0, BUDGET),
    FileAccessError: Seen((1, 0, 0), 0, FILE),
    CredentialsError: Seen((1, 0, 0), 0, KEY),
    PictureError: Seen((3, 0, 0), 0, IMAGES),  # the third failure loses the gate
    PromptError: Seen((3, 0, 0), 0, IMAGES),
    DeckError: Seen((3, 0, 0), 0, IMAGES),
    RuntimeError: Seen((3, 0, 0), 0, IMAGES),
}

# Every call for a prompt fails: calls of the writer, and why the run was stopped.
WRITING = {
    FailureKind.AUTH: (1, KEY),
    FailureKind.BILLING: (1, KEY),
    FailureKind.UNKNOWN_MODEL: (3, PROMPTS),
    FailureKind.RATE: (3 * ATTEMPTS, PROMPTS),
    FailureKind.TRANSIENT: (3 * ATTEMPTS, PROMPTS),
    FailureKind.EMPTY: (6, PROMPTS),
    FailureKind.EXPIRED_URL: (6, PROMPTS),
    FailureKind.POLICY: (3, PROMPTS),
    FailureKind.BAD_PARAMETER: (3, PROMPTS),
    BudgetError: (10, BUDGET),
    FileAccessError: (1, FILE),
    CredentialsError: (1, KEY),
    PictureError: (3, PROMPTS),
    PromptError: (3, PROMPTS),
    DeckError: (3, PROMPTS),
    RuntimeError: (3, PROMPTS),
}


def failure(which):
    return kind(which) if isinstance(which, FailureKind) else which("it is so")


@pytest.mark.parametrize("which", ONCE)
def test_a_failure_that_comes_once(which):
    seen, wait_s = ONCE[which]
    run = Run(Service("only", failure(which)))
    assert run.seen == seen
    first_s = run.clock.slept[:1]
    if wait_s is BACKOFF:
        assert 0.5 <= first_s[0] <= 1.0
    else:
        assert first_s == ([] if wait_s is None else [wait_s])
    calls_start_apart_now = len(run.clock.slept) > 1
    assert calls_start_apart_now == (which is FailureKind.RATE)


@pytest.mark.parametrize("which", FOR_EVER)
def test_a_failure_that_comes_every_time_at_one_service_of_two(which):
    broken = [Service("first/1", for_ever=failure(which)), Service("first/2", for_ever=failure(which))]
    run = Run(*broken, Service("second"))
    assert run.seen == FOR_EVER[which]
    row = consequence_of(failure(which))
    assert all(row.why in line for line in run.told)
    assert bool(run.told) == bool(row.why)


@pytest.mark.parametrize("which", WRITING)
def test_a_failure_that_comes_every_time_at_the_writer(which):
    run = Run(Service("only"), writer=Service("writer", for_ever=failure(which)))
    calls, cause = WRITING[which]
    assert (len(run.writer.asked), run.stop.cause) == (calls, cause)
    assert run.seen.made == 0


def test_the_tables_above_leave_nothing_out():
    everything = {*FailureKind, BudgetError, FileAccessError, CredentialsError, PictureError, PromptError}
    assert everything <= set(ONCE) == set(FOR_EVER) == set(WRITING)


@pytest.mark.parametrize("which", ONCE)
def test_a_slide_that_fails_says_why(which):
    run = Run(Service("only", for_ever=failure(which)))
    outcome = run.board.outcomes[1]
    assert outcome.status is SlideStatus.FAILED
    text = str(failure(which))
    assert outcome.reason == (text if isinstance(failure(which), PipelineError) else f"unexpected RuntimeError: {text}")


def test_a_budget_counts_against_no_gate_and_ends_the_run_when_all_else_is_settled():
    """Its message is the run's; what needs no call is delivered all the same."""
    error = BudgetError("budget.max_usd_per_day: $5.00 of $5.00 spent")
    service = Service("only", None, None, *[error] * SLIDES)
    service.kept["prompt 10"] = "kept"
    run = Run(service)
    assert (run.seen.made, run.seen.cause, run.stop.message) == (3, BUDGET, str(error))
    assert run.board.outcomes[SLIDES].status is SlideStatus.ILLUSTRATED
    assert run.stop.give_up_at is None
    assert (run.board.prompts.failed, run.board.images.failed) == (0, 0)


def test_a_budget_that_calls_under_way_may_leave_room_in_is_waited_for():
    """Neither the slide nor the run fails for it."""
    error = BudgetError("$4.99 of $5.00 spent")
    error.may_pass = True
    run = Run(Service("only", *[error] * (2 * ATTEMPTS)))
    assert run.seen == Seen((SLIDES + 2 * ATTEMPTS,), SLIDES)
    assert len(run.services[0].waited_for) == SLIDES + 2 * ATTEMPTS


def test_a_budget_that_is_reached_before_the_call_is_as_one_reached_at_it():
    service = Service("only")
    service.bars = [BudgetError("$5.00 of $5.00 spent")]
    run = Run(service)
    assert run.seen == Seen((SLIDES - 1,), SLIDES - 1, BUDGET)
    assert run.stop.message == "$5.00 of $5.00 spent"


def test_what_came_before_a_budget_was_reached_stays_the_cause():
    service = Service("only", BudgetError("spent"), *[failure(FailureKind.BAD_PARAMETER)] * 3)
    assert Run(service).seen == Seen((4,), 0, IMAGES)


def test_a_prompt_that_no_budget_allows_to_soften_holds_its_slide_back():
    """The others are drawn, and the call that was refused is told."""
    writer = Service("writer", *[None] * SLIDES, BudgetError("spent"))
    run = Run(Service("only", *[None] * (SLIDES - 1), failure(FailureKind.POLICY)), writer=writer)
    assert run.seen == Seen((10,), 9, BUDGET, milder=1)
    outcome = run.board.outcomes[SLIDES]
    assert (outcome.reason, [call.kind for call in outcome.failed_calls]) == ("spent", [FailureKind.POLICY])
