"""A run always ends and says why, whatever breaks and wherever."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from pipeline.engine.board import Board
from pipeline.engine.clock import GRACE_S, StopCause, StopSignal, SystemClock
from pipeline.engine.coordinator import Coordinator, Steps
from pipeline.engine.messages import Drawn, StopRequested, Told
from pipeline.errors import BudgetError, FailedCall, FailureKind, FileAccessError, PromptError, ServiceError
from pipeline.events import Notice, Stage, StageDone
from pipeline.outcomes import SlideStatus
from pipeline.records import Declined, FittedPicture, Prompt
from tests.builders import plan

SLIDES = 10
ENDS_WITHIN_S = 5.0


class HastyClock(SystemClock):
    """Most of the grace that calls in flight get has passed as soon as a run is stopped."""

    def __init__(self, stop):
        self.stop = stop

    def monotonic(self):
        return super().monotonic() + (GRACE_S - 0.2 if self.stop.event.is_set() else 0.0)


class ToyRun:
    """An engine over steps that do nothing but what a test tells them to."""

    def __init__(self, slides=SLIDES, workers=2, slides_at_once=None, min_success_rate=0.8):
        self.events = []
        self.stop = StopSignal()
        self.mailbox = SimpleQueue()
        self.board = Board([plan(n) for n in range(1, slides + 1)], min_success_rate, self.events.append)
        self.written, self.drawn, self.inserted = [], [], []
        self.fail_write, self.fail_draw, self.fail_insert = {}, {}, {}
        self.stands_in_for = {}
        self.workers, self.slides_at_once = workers, slides_at_once
        self.orders = []

    def write(self, order):
        self.orders.append(order)
        number = order.slide_number
        self.written.append(number)
        if number in self.fail_write:
            raise self.fail_write[number]
        return Prompt(slide_number=number, text=f"prompt {number}", subject="x", alt_text="alt", cost_usd=0.01)

    def draw(self, prompt):
        number = prompt.slide_number
        self.drawn.append(number)
        if number in self.fail_draw:
            raise self.fail_draw[number]
        picture = FittedPicture(data=b"", extension="png", width_px=1, height_px=1)
        return Drawn(
            slide_number=number,
            alt_text="alt",
            fit=lambda: picture,
            provider="toy",
            model="m",
            attempts=1,
            failed_calls=(),
            stands_in_for=self.stands_in_for.get(number, ""),
            cost_usd=0.1,
            image=Path("x"),
        )

    def insert(self, drawn):
        if drawn.slide_number in self.fail_insert:
            raise self.fail_insert[drawn.slide_number]
        self.inserted.append(drawn.slide_number)

    def coordinator(self):
        return Coordinator(
            self.board,
            Steps(write=self.write, draw=self.draw, insert=self.insert),
            workers=self.workers,
            queue_size=3,
            slides_at_once=self.slides_at_once,
            mailbox=self.mailbox,
            stop=self.stop,
            clock=HastyClock(self.stop),
        )

    def run(self):
        owner = threading.Thread(target=self.coordinator().run, daemon=True)
        owner.start()
        owner.join(ENDS_WITHIN_S)
        assert not owner.is_alive(), "the run did not end"
        return self

    def statuses(self):
        return {number: outcome.status for number, outcome in self.board.outcomes.items()}


FIRST, MIDDLE, LAST = 1, SLIDES // 2, SLIDES
ERRORS = [PromptError("no prompt"), ServiceError(FailureKind.TRANSIENT, "busy"), RuntimeError("a bug")]


def test_every_slide_is_illustrated_once_when_nothing_fails():
    run = ToyRun().run()
    assert sorted(run.inserted) == list(range(1, SLIDES + 1))
    assert set(run.statuses().values()) == {SlideStatus.ILLUSTRATED}
    assert run.stop.cause is None
    assert sum(outcome.cost_usd for outcome in run.board.outcomes.values()) == pytest.approx(SLIDES * 0.11)


def test_prompts_are_written_in_slide_order():
    assert ToyRun().run().written == list(range(1, SLIDES + 1))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("number", [FIRST, MIDDLE, LAST])
@pytest.mark.parametrize("position", ["fail_write", "fail_draw", "fail_insert"])
def test_one_failure_anywhere_costs_one_slide_and_no_more(position, number, error):
    run = ToyRun()
    getattr(run, position)[number] = error
    run.run()
    assert run.statuses()[number] is SlideStatus.FAILED
    assert sorted(run.inserted) == [n for n in range(1, SLIDES + 1) if n != number]
    assert str(error) in run.board.outcomes[number].reason
    assert run.stop.cause is None


@pytest.mark.parametrize("number", [FIRST, MIDDLE, LAST])
def test_a_prompt_and_an_image_that_fail_at_once_cost_two_slides(number):
    run = ToyRun()
    run.fail_write[number] = PromptError("no")
    run.fail_draw[number % SLIDES + 1] = RuntimeError("no")
    run.run()
    assert sum(status is SlideStatus.FAILED for status in run.statuses().values()) == 2


@pytest.mark.parametrize(
    ("position", "cause"),
    [
        ("fail_write", StopCause.PROMPT_GATE),
        ("fail_draw", StopCause.IMAGE_GATE),
        ("fail_insert", StopCause.IMAGE_GATE),
    ],
)
def test_everything_failing_stops_at_the_gate_before_everything_was_tried(position, cause):
    run = ToyRun(slides=50)
    getattr(run, position).update({n: ServiceError(FailureKind.TRANSIENT, "no") for n in range(1, 51)})
    run.run()
    assert run.stop.cause is cause
    assert set(run.statuses().values()) == {SlideStatus.FAILED}
    if position != "fail_insert":  # pictures in flight when an insert fails are paid for already
        assert len(run.drawn if position == "fail_draw" else run.written) < 50


def test_failures_at_both_stages_together_reach_the_gate():
    """Slides without a prompt have no picture either: the image gate counts them."""
    run = ToyRun()
    run.fail_write.update({1: PromptError("no"), 2: PromptError("no")})
    run.fail_draw[3] = ServiceError(FailureKind.BAD_PARAMETER, "no")
    run.run()
    assert run.stop.cause is StopCause.IMAGE_GATE


def test_exactly_the_allowed_share_may_fail():
    run = ToyRun()
    run.fail_draw.update({n: ServiceError(FailureKind.TRANSIENT, "no") for n in (4, 7)})
    run.run()
    assert run.stop.cause is None
    assert len(run.inserted) == 8


@pytest.mark.parametrize("position", ["fail_write", "fail_draw"])
@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.BILLING])
def test_a_refused_key_or_an_empty_account_ends_the_run_at_once(position, kind):
    run = ToyRun(slides=50)
    getattr(run, position).update({n: ServiceError(kind, "your key is bad") for n in range(1, 51)})
    run.run()
    assert run.stop.cause is StopCause.CREDENTIALS
    assert run.stop.message == "your key is bad"
    assert len(run.written) < 50


def refusal():
    """A service refuses a prompt by its policy."""
    error = ServiceError(FailureKind.POLICY, "too wild")
    error.calls = (FailedCall(service="toy", model="m", kind=error.kind, message="too wild", cost_usd=0.0),)
    return error


def test_a_refused_prompt_is_rewritten_once_and_drawn():
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    original = run.write

    def write(order):
        if order.milder_than:
            run.fail_draw = {}
        return original(order)

    run.write = write
    run.run()
    assert [order.milder_than for order in run.orders if order.slide_number == 4] == ["", "prompt 4"]
    assert run.statuses()[4] is SlideStatus.ILLUSTRATED
    assert run.board.outcomes[4].attempts == 2
    assert run.board.prompts.succeeded == SLIDES


def test_a_prompt_refused_twice_fails_its_slide():
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    run.run()
    assert run.written.count(4) == 2
    assert run.statuses()[4] is SlideStatus.FAILED


def test_a_refused_prompt_that_nobody_can_soften_is_offered_to_the_other_services_as_it_is():
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    originals = run.write, run.draw
    offered = []

    def write(order):
        if order.milder_than:
            raise PromptError("nothing milder")
        return originals[0](order)

    def draw(prompt):
        if prompt.slide_number == 4:
            offered.append((prompt.text, prompt.is_last))
            if prompt.is_last:
                run.fail_draw = {}
        return originals[1](prompt)

    run.write, run.draw = write, draw
    run.run()
    assert offered == [("prompt 4", False), ("prompt 4", True)]
    assert run.statuses()[4] is SlideStatus.ILLUSTRATED
    assert (run.board.outcomes[4].attempts, len(run.board.outcomes[4].failed_calls)) == (2, 1)


def test_where_the_other_services_refuse_it_too_the_slide_says_that_there_was_no_milder_prompt():
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    original = run.write

    def write(order):
        if order.milder_than:
            raise PromptError("nothing milder")
        return original(order)

    run.write = write
    run.run()
    assert run.board.outcomes[4].reason == "refused, and no milder prompt: nothing milder"


def test_a_card_in_place_of_a_picture_counts_as_a_failure_and_is_told_apart():
    run = ToyRun(slides=10)
    run.stands_in_for = {3: "no service answered"}
    run.run()
    outcome = run.board.outcomes[3]
    assert (outcome.status, outcome.reason) == (SlideStatus.PLACEHOLDER, "a placeholder: no service answered")
    assert (run.board.images.succeeded, run.board.images.failed) == (9, 1)
    assert 3 in run.inserted
    assert run.stop.cause is None


def test_cards_alone_lose_the_gate():
    run = ToyRun(slides=10)
    run.stands_in_for = dict.fromkeys(range(1, 11), "no service answered")
    run.run()
    assert run.stop.cause is StopCause.IMAGE_GATE
    assert "no service answered" in run.stop.message


def test_what_a_thread_has_to_tell_a_person_is_told():
    run = ToyRun()
    run.mailbox.put(Told(text="toy is left"))
    run.run()
    assert Notice(text="toy is left") in run.events


def test_a_declined_slide_is_skipped_and_counts_neither_way():
    run = ToyRun()
    original = run.write
    run.write = lambda order: (
        Declined(slide_number=3, reason="an agenda", cost_usd=0.02) if order.slide_number == 3 else original(order)
    )
    run.run()
    assert run.statuses()[3] is SlideStatus.SKIPPED
    assert run.board.outcomes[3].reason == "an agenda"
    assert run.board.outcomes[3].cost_usd == pytest.approx(0.02)
    assert (run.board.prompts.succeeded, run.board.prompts.failed) == (SLIDES - 1, 0)


def test_a_milder_prompt_that_is_declined_skips_the_slide():
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    original = run.write
    run.write = lambda order: (
        Declined(slide_number=4, reason="nothing mild to show") if order.milder_than else original(order)
    )
    run.run()
    assert run.statuses()[4] is SlideStatus.SKIPPED
    assert run.stop.cause is None


def test_one_at_a_time_means_no_prompt_before_the_last_picture_is_in():
    run = ToyRun(slides_at_once=1)
    log = []
    write, insert = run.write, run.insert
    run.write = lambda order: log.append(("write", order.slide_number)) or write(order)
    run.insert = lambda drawn: log.append(("insert", drawn.slide_number)) or insert(drawn)
    run.run()
    assert log == [(what, n) for n in range(1, SLIDES + 1) for what in ("write", "insert")]


def test_what_the_store_spared_a_slide_is_added_up():
    run = ToyRun()
    write, draw = run.write, run.draw
    run.write = lambda order: replace(write(order), saved_usd=0.01)
    run.draw = lambda prompt: replace(draw(prompt), saved_usd=0.2 if prompt.slide_number == 3 else 0.0)
    run.run()
    assert run.board.outcomes[3].saved_usd == pytest.approx(0.21)
    assert run.board.outcomes[4].saved_usd == pytest.approx(0.01)


def test_what_the_store_spared_a_slide_that_wants_no_picture_is_told():
    run = ToyRun()
    write = run.write
    run.write = lambda order: (
        Declined(slide_number=3, reason="an agenda", saved_usd=0.02) if order.slide_number == 3 else write(order)
    )
    run.run()
    assert run.board.outcomes[3].saved_usd == pytest.approx(0.02)


def test_what_was_paid_before_a_budget_was_reached_is_told_of_its_slide():
    run = ToyRun()
    error = BudgetError("spent")
    error.calls, error.cost_usd = refusal().calls, 0.04
    run.fail_draw = {4: error}
    run.run()
    outcome = run.board.outcomes[4]
    assert (outcome.status, outcome.failed_calls, outcome.attempts) == (SlideStatus.FAILED, error.calls, 1)
    assert outcome.cost_usd == pytest.approx(0.05)
    assert run.stop.cause is StopCause.BUDGET
    assert StageDone(stage=Stage.IMAGES, slide_number=4, problem="spent") in run.events


def test_a_prompt_held_back_by_a_budget_ends_both_stages_of_its_slide():
    run = ToyRun()
    run.fail_write = {4: BudgetError("spent")}
    run.run()
    assert StageDone(stage=Stage.PROMPTS, slide_number=4, problem="spent") in run.events
    assert StageDone(stage=Stage.IMAGES, slide_number=4, skipped=True) in run.events
    assert len(run.inserted) == SLIDES - 1


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FileAccessError("disk full"), StopCause.FILE_ACCESS),
        (ServiceError(FailureKind.AUTH, "bad key"), StopCause.CREDENTIALS),
    ],
)
def test_what_stops_the_run_stops_it_while_a_milder_prompt_is_asked_for_too(error, cause):
    run = ToyRun()
    run.fail_draw = {4: refusal()}
    write = run.write

    def no_milder(order):
        if order.milder_than:
            raise error
        return write(order)

    run.write = no_milder
    run.run()
    assert run.stop.cause is cause
    outcome = run.board.outcomes[4]
    assert (outcome.reason, len(outcome.failed_calls)) == (str(error), 1)
    assert run.drawn.count(4) == 1


def test_the_first_picture_is_made_while_prompts_are_still_being_written():
    run = ToyRun()
    drawing = threading.Event()
    write, draw = run.write, run.draw

    def wait_for_the_first_picture(order):
        if order.slide_number == 2:
            assert drawing.wait(ENDS_WITHIN_S)
        return write(order)

    run.write = wait_for_the_first_picture
    run.draw = lambda prompt: drawing.set() or draw(prompt)
    assert len(run.run().inserted) == SLIDES


def test_the_writer_pauses_when_the_queue_is_full():
    """Two workers, three in the queue, one in the writer's hands: no more prompts before a picture is done."""
    run = ToyRun(slides=30)
    release = threading.Event()
    draw = run.draw
    most = []

    def slow(prompt):
        most.append(len(run.written))
        if len(most) >= 2:
            threading.Timer(0.05, release.set).start()
        release.wait(ENDS_WITHIN_S)
        return draw(prompt)

    run.draw = slow
    run.run()
    assert max(most[:2]) <= 2 + 3 + 1


@pytest.mark.parametrize(("cause"), [StopCause.INTERRUPTED, StopCause.TERMINATED])
def test_a_signal_ends_a_run_whose_calls_hang_and_keeps_what_is_done(cause):
    run = ToyRun()
    hang = threading.Event()
    draw = run.draw

    def draw_or_hang(prompt):
        if prompt.slide_number >= 3:
            run.mailbox.put(StopRequested(cause=cause))
            hang.wait(30)
        return draw(prompt)

    run.draw = draw_or_hang
    run.run()
    hang.set()
    assert run.stop.cause is cause
    assert run.inserted == [1, 2]
    assert run.statuses()[SLIDES] is SlideStatus.FAILED
    assert cause.value in run.board.outcomes[SLIDES].reason


def test_a_signal_that_came_before_the_start_lets_no_call_begin():
    run = ToyRun()
    run.mailbox.put(StopRequested(cause=StopCause.TERMINATED))
    run.run()
    assert run.written == []


def test_a_thread_that_dies_ends_the_run_and_says_why():
    run = ToyRun()
    run.write = lambda order: (_ for _ in ()).throw(SystemExit("gone"))
    run.run()
    assert run.stop.cause is StopCause.BUG
    assert "SystemExit" in run.stop.message


def test_what_was_in_flight_when_the_gate_fell_is_still_used():
    run = ToyRun(slides=4, workers=2)
    slow_started = threading.Event()
    draw = run.draw

    def one_slow_one_failing(prompt):
        if prompt.slide_number == 1:
            slow_started.set()
            run.stop.event.wait(ENDS_WITHIN_S)
        else:
            slow_started.wait(ENDS_WITHIN_S)
            raise ServiceError(FailureKind.TRANSIENT, "no")
        return draw(prompt)

    run.draw = one_slow_one_failing
    run.run()
    assert run.stop.cause is StopCause.IMAGE_GATE
    assert run.inserted == [1]


def test_workers_report_what_they_did():
    run = ToyRun()
    run.fail_draw[5] = RuntimeError("x")
    run.run()
    assert sum(worker.images for worker in run.board.workers) == SLIDES - 1
    assert sum(worker.failures for worker in run.board.workers) == 1
    assert {worker.name for worker in run.board.workers} <= {"worker-1", "worker-2"}


def test_no_thread_outlives_a_run():
    before = set(threading.enumerate())
    ToyRun().run()
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(ENDS_WITHIN_S)
    assert not any(thread.is_alive() for thread in left)


def test_an_exception_in_the_owner_itself_leaves_no_thread_calling():
    """A second Ctrl-C reaches the caller as it is, and nothing more is paid for."""
    run = ToyRun(slides=30)

    def insert(drawn):
        raise KeyboardInterrupt

    run.insert = insert
    coordinator = run.coordinator()
    with pytest.raises(KeyboardInterrupt):
        coordinator.run()
    for thread in threading.enumerate():
        if thread.name == "producer" or thread.name.startswith("worker-"):
            thread.join(ENDS_WITHIN_S)
            assert not thread.is_alive()


def test_what_broke_a_thread_is_in_the_log_with_its_traceback(caplog):
    run = ToyRun()
    run.write = lambda order: (_ for _ in ()).throw(SystemExit("gone"))
    run.run()
    assert any(record.exc_info and "producer broke" in record.message for record in caplog.records)


def test_a_lost_gate_says_what_the_last_failure_was():
    run = ToyRun(slides=3)
    run.fail_draw.update({n: ServiceError(FailureKind.BAD_PARAMETER, "no such model") for n in (1, 2, 3)})
    run.run()
    assert "at least 80% must succeed; the last: no such model" in run.stop.message


class SlowOwner(ToyRun):
    """Does not come to the first insert's end before all pictures are drawn, if they ever are so early."""

    def __init__(self):
        super().__init__()
        self.drawn_before_the_first_insert = 0
        self.all_drawn = threading.Event()

    def draw(self, prompt):
        drawn = super().draw(prompt)
        if len(self.drawn) == SLIDES:
            self.all_drawn.set()
        return drawn

    def insert(self, drawn):
        if not self.inserted:
            self.all_drawn.wait(0.3)
            self.drawn_before_the_first_insert = len(self.drawn)
        super().insert(drawn)


def test_pictures_do_not_pile_up_before_an_owner_who_is_slow():
    run = SlowOwner().run()
    assert run.drawn_before_the_first_insert <= 2 * run.workers
    assert sorted(run.inserted) == list(range(1, SLIDES + 1))
