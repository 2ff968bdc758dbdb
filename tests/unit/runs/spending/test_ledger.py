"""No call is made that no budget allows, none is forgotten, and nobody waits for what cannot come."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.engine.clock import StopCause, Stopped, SystemClock
from pipeline.errors import BudgetError, FailureKind, FileAccessError, ServiceError
from pipeline.records.history import LOST, AttemptState, Response
from tests.unit.runs.paying import PICTURE_USD, PROMPT_USD, Till, picture, prompt

DOWN = ServiceError(FailureKind.TRANSIENT, "down")


@pytest.fixture
def open_till(tmp_path):
    tills = []

    def make(**how):
        tills.append(Till(tmp_path, **how))
        return tills[-1]

    yield make
    for till in tills:
        till.history.close()


@pytest.fixture
def pictures(open_till):
    """As many as that may be made."""
    return lambda most: open_till(budget={"max_images_per_day": most})


@pytest.fixture
def dollars(open_till):
    """So much may be spent, and what a call costs is known from a run before."""

    def make(most):
        known = open_till(name="earlier")
        known.pay(picture(1))
        known.pay(prompt(1))
        return open_till(budget={"max_usd_per_run": most})

    return make


# --- what is written down ---


def test_a_call_is_written_down_with_its_price_before_it_is_made(open_till):
    till = open_till()
    with till.ledger.entered(picture(3), 10) as entry:
        (call,) = till.calls
        assert (call.state, call.reserved_usd, call.slide_number) == (AttemptState.PENDING, PICTURE_USD, 3)
        entry.cost_usd, entry.response = 0.06, Response(format="png", hash="ab")
    (call,) = till.calls
    assert (call.state, call.cost_usd, call.response.hash) == (AttemptState.SUCCESS, 0.06, "ab")


@pytest.mark.parametrize(
    ("facts", "counted"),
    [({}, 0.0), ({"may_be_charged": True}, PICTURE_USD), ({"cost_usd": 0.02}, 0.02)],
    ids=["not charged", "may be charged", "charged"],
)
def test_a_call_that_failed_counts_what_it_cost_or_may_have_cost(open_till, facts, counted):
    till = open_till()
    till.begin(picture(1))(error=ServiceError(FailureKind.TRANSIENT, "down", **facts))
    (call,) = till.calls
    assert (call.state, call.error_kind, call.error) == (AttemptState.ERROR, "transient", "down")
    assert till.history.run("run-1").cost_usd + till.history.run("run-1").maybe_usd == pytest.approx(counted)


def test_a_call_that_broke_may_have_been_charged(open_till):
    till = open_till(budget={"max_images_per_day": 1})
    till.begin(picture(1))(error=ValueError("a bug"))
    (call,) = till.calls
    assert (call.error_kind, call.may_be_charged, call.cost_usd) == (LOST, True, None)
    with pytest.raises(BudgetError):  # at once: it will never leave room
        till.ledger.wait_for_room(picture(2))


def test_what_was_paid_for_and_could_not_be_kept_is_known_to_be_paid(open_till):
    till = open_till()
    till.begin(picture(1))(usd=0.06, error=FileAccessError("disk full"))
    (call,) = till.calls
    assert (call.error_kind, call.may_be_charged, call.cost_usd) == (LOST, False, 0.06)


def test_the_reservation_is_never_below_what_such_a_call_cost_before(open_till):
    till = open_till()
    till.pay(picture(1), usd=0.08)
    till.pay(picture(2, size="512x512"), usd=0.02)
    till.begin(picture(3))
    till.begin(picture(4, size="512x512"))
    till.begin(picture(5, size="2048x2048"))
    assert [call.reserved_usd for call in till.calls[2:]] == [0.08, PICTURE_USD, PICTURE_USD]
    later = open_till(name="run-2")
    later.begin(picture(1))
    assert [call.reserved_usd for call in later.calls] == [0.08]


def test_a_call_in_a_batch_is_reserved_at_its_own_price_or_refused_at_once(pictures):
    till = pictures(1)
    number = till.ledger.reserve(picture(1, usd=0.025), batch="batch-1")
    call = till.history.attempt(number)
    assert (call.batch, call.reserved_usd, call.state) == ("batch-1", 0.025, AttemptState.PENDING)
    with pytest.raises(BudgetError):
        till.ledger.reserve(picture(2), batch="batch-1")
    with pytest.raises(BudgetError):  # a batch takes hours: nobody waits for the room it may leave
        till.ledger.wait_for_room(picture(3))


# --- waiting for room ---


def test_without_a_budget_nobody_looks(open_till):
    till = open_till()
    assert not till.ledger.is_bounded
    till.history.close()
    till.ledger.wait_for_room(picture(1))


def test_a_call_waits_for_the_room_that_another_may_leave(pictures):
    till = pictures(1)
    end = till.begin(picture(1))
    with pytest.raises(BudgetError) as caught:
        till.begin(picture(2))
    assert caught.value.may_pass
    till.clock.steps = [lambda: None, lambda: end(error=DOWN)]
    till.ledger.wait_for_room(picture(2))
    assert till.clock.steps == []


def test_it_is_refused_as_soon_as_the_other_keeps_its_room(pictures):
    till = pictures(1)
    end = till.begin(picture(1))
    till.clock.steps = [lambda: end(usd=PICTURE_USD)]
    with pytest.raises(BudgetError, match=r"max_images_per_day: 1 of 1 pictures") as caught:
        till.ledger.wait_for_room(picture(2))
    assert not caught.value.may_pass


def test_a_call_that_was_left_behind_is_waited_for_no_longer_than_it_may_take(pictures):
    till = pictures(1)
    end = till.begin(picture(1))  # nobody ends it in time
    till.clock.steps = [lambda: till.clock.advance(11), lambda: None]
    with pytest.raises(BudgetError):
        till.ledger.wait_for_room(picture(2))
    (call,) = till.calls
    assert (call.state, call.may_be_charged, call.error_kind) == (AttemptState.ERROR, True, "transient")
    end(usd=0.07)  # it came after all
    (call,) = till.calls
    assert (call.state, call.may_be_charged, call.cost_usd) == (AttemptState.SUCCESS, False, 0.07)


def test_who_waits_hears_that_the_run_is_over(pictures):
    till = pictures(1)
    till.begin(picture(1))
    till.clock.steps = [lambda: till.stop.request(StopCause.INTERRUPTED, "enough", None)]
    with pytest.raises(Stopped):
        till.ledger.wait_for_room(picture(2))


def test_what_goes_on_with_an_order_needs_no_room(pictures):
    till = pictures(1)
    till.begin(picture(1))(error=ServiceError(FailureKind.TRANSIENT, "lost", may_be_charged=True))
    till.ledger.wait_for_room(picture(1, continues=True))
    with till.ledger.entered(picture(1, continues=True), 10) as entry:
        entry.cost_usd, entry.continues = PICTURE_USD, True
    assert [call.may_be_charged for call in till.calls] == [False, False]


# --- prompts and their pictures ---


def test_a_prompt_needs_room_for_its_picture(pictures):
    till = pictures(1)
    till.pay(picture(1))
    till.ledger.set_aside(picture(2))
    with pytest.raises(BudgetError, match="1 of 1 pictures"):
        till.ledger.wait_for_room(prompt(2))


@pytest.mark.parametrize(("most", "fits"), [(PICTURE_USD + PROMPT_USD, True), (PICTURE_USD, False)])
def test_a_prompt_needs_the_price_of_its_picture(dollars, most, fits):
    till = dollars(most)
    till.ledger.set_aside(picture(2))
    if fits:
        till.ledger.wait_for_room(prompt(2))
    else:
        with pytest.raises(BudgetError, match=r"budget\.max_usd_per_run"):
            till.ledger.wait_for_room(prompt(2))


def test_a_prompt_waits_for_pictures_to_come(pictures):
    till = pictures(1)
    till.ledger.set_aside(picture(1))
    till.ledger.set_aside(picture(2))
    till.clock.steps = [lambda: till.ledger.release(1)]
    till.ledger.wait_for_room(prompt(2))


def test_a_prompt_is_refused_once_the_pictures_before_it_are_there(pictures):
    till = pictures(1)
    till.ledger.set_aside(picture(1))
    till.ledger.set_aside(picture(2))
    till.clock.steps = [lambda: till.pay(picture(1))]
    with pytest.raises(BudgetError):
        till.ledger.wait_for_room(prompt(2))


def test_a_picture_with_room_of_its_own_never_waits_for_those_of_others(pictures):
    till = pictures(2)
    till.ledger.set_aside(picture(1))
    till.ledger.set_aside(picture(2))
    till.pay(picture(2))
    till.pay(picture(1))


def test_a_picture_without_room_of_its_own_takes_that_of_no_other_and_waits_for_none(pictures):
    till = pictures(1)
    till.ledger.set_aside(picture(1))
    with pytest.raises(BudgetError) as caught:
        till.ledger.wait_for_room(picture(2))
    assert not caught.value.may_pass


def test_a_picture_keeps_its_room_while_it_fails_and_is_tried_again(pictures):
    till = pictures(1)
    till.ledger.set_aside(picture(1))
    till.begin(picture(1))(error=DOWN)
    with pytest.raises(BudgetError):
        till.ledger.wait_for_room(picture(2))
    till.pay(picture(1))


def test_room_is_made_for_a_picture_whose_prompt_cost_nothing(pictures):
    till = pictures(1)
    till.ledger.set_aside(picture(1))
    till.clock.steps = [lambda: till.ledger.release(1)]
    till.ledger.make_room(picture(2))
    till.clock.steps = [lambda: till.pay(picture(2))]
    with pytest.raises(BudgetError):
        till.ledger.make_room(picture(3))
    till.ledger.release(3)


# --- prices that are not known yet ---


def test_the_first_of_a_kind_goes_ahead_and_tells_the_price(open_till):
    till = open_till(budget={"max_usd_per_run": 0.2})
    end = till.begin(picture(1))
    with pytest.raises(BudgetError) as caught:
        till.begin(picture(2))
    assert caught.value.may_pass
    other = till.begin(picture(3, size="512x512"))
    other(usd=0.01)
    till.clock.steps = [lambda: None, lambda: end(usd=0.15)]
    with pytest.raises(BudgetError, match=r"next call costs about \$0.15"):
        till.ledger.wait_for_room(picture(2))


def test_where_it_fails_the_next_goes_ahead(open_till):
    till = open_till(budget={"max_usd_per_run": 1})
    till.begin(picture(1))(error=DOWN)
    till.ledger.wait_for_room(picture(2))
    till.begin(picture(2))
    with pytest.raises(BudgetError):
        till.begin(picture(3))


def test_a_service_that_hangs_is_not_waited_for_longer_than_a_minute(open_till):
    till = open_till(budget={"max_usd_per_run": 1})
    with till.ledger.entered(picture(1), 300):
        till.clock.steps = [lambda: till.clock.advance(61)]
        till.ledger.wait_for_room(picture(2))
        till.begin(picture(2))
        till.begin(picture(3))


def test_nobody_goes_ahead_where_no_dollars_are_bounded_or_none_are_charged(open_till):
    till = open_till(budget={"max_images_per_day": 5})
    till.begin(picture(1))
    till.begin(picture(2))
    free = open_till(name="run-2", budget={"max_usd_per_run": 1})
    free.begin(picture(1, usd=0.0))
    free.begin(picture(2, usd=0.0))


def test_what_nobody_knows_the_price_of_is_reserved_with_a_margin_while_there_is_room(open_till):
    till = open_till(budget={"max_usd_per_run": 2.5 * PICTURE_USD})
    end = till.begin(picture(1))
    with pytest.raises(BudgetError) as caught:
        till.begin(
            picture(2, size="512x512"),
        )
    assert caught.value.may_pass  # once the first has told its price
    end(usd=PICTURE_USD)
    till.ledger.wait_for_room(picture(2, size="512x512"))
    till.begin(picture(2, size="512x512"))
    end_of_third = till.begin(picture(3, size="256x256", usd=0.0))
    end_of_third(usd=0.0)
    assert [call.reserved_usd for call in till.calls] == pytest.approx([1.5 * PICTURE_USD, 1.5 * PICTURE_USD, 0.0])


def test_the_margin_alone_keeps_no_call_from_being_made(open_till):
    till = open_till(budget={"max_usd_per_run": PICTURE_USD})
    till.ledger.wait_for_room(picture(1))
    till.begin(picture(1))
    assert [call.reserved_usd for call in till.calls] == [PICTURE_USD]


def test_prompts_are_written_ahead_only_as_far_as_dear_pictures_would_leave_room(open_till):
    till = open_till(budget={"max_usd_per_run": 4 * PICTURE_USD})
    end = till.begin(picture(1))
    till.ledger.set_aside(picture(2))
    till.ledger.set_aside(picture(3))
    till.clock.steps = [lambda: end(usd=PICTURE_USD)]
    till.ledger.wait_for_room(prompt(3))  # which needs to know first that pictures cost no more than is listed
    assert till.clock.steps == []


# --- all at once ---


def _answered(rng):
    if rng.random() < 0.3:
        raise ServiceError(FailureKind.TRANSIENT, "down")
    return PICTURE_USD


def test_sixteen_threads_that_fail_and_wait_never_exceed_a_budget_and_all_come_to_an_end(open_till):
    till = open_till(budget={"max_usd_per_run": 10 * PICTURE_USD, "max_images_per_day": 10}, clock=SystemClock())
    most = []

    def make(number):
        rng = random.Random(number)
        while True:
            try:
                till.ledger.wait_for_room(picture(number))
                with till.ledger.entered(picture(number), 10) as entry:
                    most.append(till.history.run("run-1").cost_usd + till.history.run("run-1").maybe_usd)
                    entry.cost_usd = _answered(rng)
            except BudgetError as error:
                if not error.may_pass:
                    return 0
            except ServiceError:
                continue
            else:
                return 1

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(make, range(20))) == 10
    assert max(most) <= 10 * PICTURE_USD + 1e-9
