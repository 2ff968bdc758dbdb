"""The life of runs and calls, as it is written and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import BudgetError
from pipeline.records import CallKind
from pipeline.records.history import LOST, AttemptState, Response, RunState, SlideRecord
from pipeline.store.history import Bound, Scope
from tests.unit.store.history.support import NOON, Desk, call, run_record

ODD = "名前 \0 \udcff 'quoted' \N{GRINNING FACE}"
ODD_KEPT = "名前 \\0 \\udcff 'quoted' \N{GRINNING FACE}"


def slide(number, **facts):
    return SlideRecord(run_id="run-1", number=number, title=f"Slide {number}", status="illustrated", **facts)


def test_a_run_comes_back_as_it_was_written(desk):
    run = run_record(
        deck="/talks/q3.pptx",
        deck_hash="ab" * 32,
        output="/talks/q3-out.pptx",
        lock="/talks/q3-out.work",
        user="ada",
        project="acme",
        host="mill",
        pid=4711,
    )
    desk.history.begin_run(run)
    assert desk.history.run("run-1") == run
    desk.done(cost_usd=0.04)
    desk.begin()
    finished = replace(
        run,
        state=RunState.PARTIAL,
        finished=NOON,
        exit_code=20,
        planned=3,
        illustrated=2,
        failed=1,
        message="one failed",
    )
    slides = [
        slide(1, prompt="a lake", image_hash="cd" * 32, cost_usd=0.04, saved_usd=0.02),
        slide(2, reason="no room"),
    ]
    desk.history.end_run(finished, slides[::-1])
    assert desk.history.run("run-1") == replace(finished, cost_usd=0.04, maybe_usd=0.05)
    assert desk.history.slides("run-1") == slides


def test_a_call_comes_back_as_it_was_written(desk):
    attempt = call(
        kind=CallKind.PROMPT,
        slide_number=None,
        parameters={"size": "1024x1024", "seed": 7, "deep": {"list": [1, None, True]}},
        batch="batch-1",
        reserved_usd=None,
        continues=True,
    )
    number = desk.history.begin_attempt(attempt, [])
    assert desk.history.attempt(number) == replace(attempt, id=number)
    desk.watch.pass_by(seconds=2.5)
    response = Response(format="png", width_px=1024, height_px=768, bytes=10**10, hash="ef" * 32, tokens_read=3)
    desk.history.end_attempt(number, response=response, cost_usd=0.04)
    assert desk.history.attempt(number) == replace(
        attempt,
        id=number,
        state=AttemptState.SUCCESS,
        response=response,
        cost_usd=0.04,
        finished=desk.watch(),
        seconds=2.5,
    )


def test_text_no_database_takes_is_kept_as_an_escape_and_found_again(desk):
    desk.begin_run(deck=f"/{ODD}.pptx", project=ODD)
    number = desk.begin(prompt=ODD, parameters={"text": ODD})
    found = desk.history.attempt(number)
    assert found.prompt == ODD_KEPT
    assert desk.history.run("run-1").deck == f"/{ODD_KEPT}.pptx"
    assert found.parameters == {"text": ODD}


def test_a_failure_is_kept_with_what_it_said(desk):
    number = desk.begin()
    desk.history.end_attempt(number, error_kind="policy", error="refused", cost_usd=0.01)
    found = desk.history.attempt(number)
    assert (found.state, found.error_kind, found.error) == (AttemptState.ERROR, "policy", "refused")
    assert (found.cost_usd, found.may_be_charged) == (0.01, False)


def test_a_cost_of_nothing_is_not_known_where_the_call_may_be_charged(desk):
    number = desk.begin()
    desk.history.end_attempt(number, error_kind="transient", cost_usd=0.0, may_be_charged=True)
    assert desk.history.attempt(number).cost_usd is None


def test_a_clock_that_goes_back_during_a_call_leaves_its_seconds_unknown(desk):
    number = desk.begin()
    desk.watch.pass_by(hours=-1)
    desk.history.end_attempt(number, cost_usd=0.05)
    assert desk.history.attempt(number).seconds is None


def test_a_call_the_history_does_not_know_is_passed_over(desk):
    desk.begin_run()
    desk.history.end_attempt(99, cost_usd=1.0)
    assert desk.history.attempts() == []


def test_a_dead_runs_calls_are_lost_and_those_of_its_batch_are_not(desk):
    desk.begin_run()
    done, lost, batched = desk.done(), desk.begin(), desk.begin(batch="batch-1")
    desk.watch.pass_by(minutes=5)
    desk.history.begin_run(run_record("run-2"))
    desk.history.break_off("run-1")
    assert desk.history.run("run-1").state is RunState.BROKEN_OFF
    assert desk.history.run("run-1").finished == desk.watch()
    assert desk.history.attempt(done).state is AttemptState.SUCCESS
    found = desk.history.attempt(lost)
    assert (found.state, found.error_kind, found.may_be_charged) == (AttemptState.ERROR, LOST, True)
    assert found.finished == desk.watch()
    assert "may have been charged" in found.error
    assert desk.history.attempt(batched).state is AttemptState.PENDING


def test_a_run_that_had_said_how_it_ended_did_not_break_off(desk):
    run = desk.begin_run()
    desk.history.end_run(replace(run, state=RunState.SUCCESS), [])
    desk.history.begin_run(run_record("run-2"))
    desk.history.break_off("run-1")
    assert desk.history.run("run-1").state is RunState.SUCCESS


@pytest.mark.parametrize(
    ("state", "batch", "expected"),
    [
        (RunState.FAILED, "", AttemptState.ERROR),
        (RunState.FAILED, "batch-1", AttemptState.PENDING),
        (RunState.WAITING, "", AttemptState.PENDING),
    ],
)
def test_what_is_open_when_a_run_ends_is_lost_unless_it_is_waited_for(desk, state, batch, expected):
    run = desk.begin_run()
    number = desk.begin(batch=batch)
    desk.history.end_run(replace(run, state=state), [])
    assert desk.history.attempt(number).state is expected


def test_an_answer_that_comes_after_the_end_of_its_run_is_kept(desk):
    run = desk.begin_run()
    number = desk.begin()
    desk.history.end_run(replace(run, state=RunState.FAILED), [])
    desk.history.end_attempt(number, cost_usd=0.05)
    found = desk.history.attempt(number)
    assert (found.state, found.may_be_charged, found.error) == (AttemptState.SUCCESS, False, "")


def test_an_order_gone_on_with_is_no_longer_lost_but_earlier_ones_are(desk):
    def failed(**facts):
        number = desk.begin(**facts)
        desk.history.end_attempt(number, error_kind="transient", may_be_charged=True, continues=bool(facts))
        return number

    earlier, order = failed(), failed()
    waited = failed(continues=True)
    other = desk.begin(request_key="b" * 64)
    desk.history.end_attempt(other, error_kind="transient", may_be_charged=True)
    last = desk.begin()
    desk.history.end_attempt(last, cost_usd=0.05, continues=True)
    open_now = [attempt.id for attempt in desk.history.attempts() if attempt.may_be_charged]
    assert open_now == [earlier, other]
    assert not desk.history.attempt(order).may_be_charged
    assert not desk.history.attempt(waited).may_be_charged


def test_an_order_stays_open_where_going_on_with_it_failed(desk):
    desk.begin_run()
    order = desk.begin()
    desk.history.begin_run(run_record("run-2"))
    desk.history.break_off("run-1")
    number = desk.begin(run_id="run-2")
    desk.history.end_attempt(number, error_kind="transient", continues=True)
    assert desk.history.attempt(order).may_be_charged


def test_a_success_is_written_with_what_is_written_or_read_next(desk, tmp_path):
    def seen():
        with Desk(tmp_path) as other:
            return [one.state for one in other.history.attempts()]

    first = desk.begin()
    desk.history.end_attempt(first, cost_usd=0.05)
    assert seen() == [AttemptState.PENDING]
    second = desk.begin()
    assert seen() == [AttemptState.SUCCESS, AttemptState.PENDING]
    desk.history.end_attempt(second, cost_usd=0.05)
    assert desk.history.attempt(second).state is AttemptState.SUCCESS
    third = desk.begin()
    desk.history.end_attempt(third, error_kind="transient", error="503")
    assert seen()[2] is AttemptState.ERROR  # at once: no other file knows of it
    desk.done()
    desk.history.close()
    assert seen()[3] is AttemptState.SUCCESS


def test_a_success_is_not_forgotten_where_the_next_call_does_not_fit(desk, tmp_path):
    desk.begin_run()
    desk.done(cost_usd=0.06)
    with pytest.raises(BudgetError, match=r"\$0\.06 of \$0\.10 spent"):
        desk.begin(Bound(name="budget.max_usd_per_day", scope=Scope(), max_usd=0.10))
    assert desk.history.spent(Scope()).usd == pytest.approx(0.06)


def test_saving_writes_over_a_call_or_adds_it(desk):
    number = desk.begin()
    assert desk.history.save(call(id=number, batch="batch-1")) == number
    added = desk.history.save(call(batch="batch-1"))
    assert [attempt.id for attempt in desk.history.batch_attempts("batch-1")] == [number, added]
    assert desk.history.batch_attempts("") == []
    desk.history.end_attempt(number, cost_usd=0.02)
    assert desk.history.attempt(number).batch == "batch-1"
