"""However many ask at once, together they never get more than a bound allows."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import BudgetError
from pipeline.records import CallKind
from pipeline.records.history import AttemptState, RunState
from pipeline.store.history import Bound, Scope
from pipeline.store.history.counting import counted_images, counted_usd
from tests.unit.store.history.support import NOON, call, run_record, spend, together

TODAY = Scope(since=NOON - timedelta(hours=12))


def dollars(most, scope=TODAY, **besides):
    return Bound(name="budget.max_usd_per_day", scope=scope, max_usd=most, **besides)


def pictures(most, scope=TODAY, **besides):
    return Bound(name="budget.max_images_per_day", scope=scope, max_images=most, **besides)


def refused(desk, *bounds, **facts):
    with pytest.raises(BudgetError) as caught:
        desk.begin(*bounds, **facts)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("bound", [dollars(0.5), pictures(10)], ids=["dollars", "pictures"])
def test_sixteen_threads_get_exactly_what_a_bound_allows(desk, bound):
    def spend(_):
        try:
            desk.done(bound)
        except BudgetError:
            return 0
        return 1

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(spend, range(64))) == 10
    assert desk.history.spent(TODAY).images == 10
    assert desk.history.spent(TODAY).usd == pytest.approx(0.5)


def test_four_processes_with_one_file_get_exactly_what_a_bound_allows(tmp_path):
    got = together(spend, "", tmp_path)
    assert sum(map(int, got)) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["history.sqlite"]


@pytest.mark.slow
def test_four_processes_with_one_server_get_exactly_what_a_bound_allows(tmp_path, postgres_url):
    assert sum(map(int, together(spend, postgres_url, tmp_path))) == 20


def test_the_refusal_says_the_setting_what_is_spent_and_what_the_next_costs(desk):
    desk.done(cost_usd=4.99)
    assert (
        str(refused(desk, dollars(5.0)))
        == "budget.max_usd_per_day: $4.99 of $5.00 spent, the next call costs about $0.05"
    )
    desk.done(cost_usd=0.0004)
    assert "$4.9904 of $5.00 spent, the next call costs about $0.0399" in str(
        refused(desk, dollars(5.0), reserved_usd=0.0399)
    )
    assert str(refused(desk, pictures(2))) == "budget.max_images_per_day: 2 of 2 pictures made or under way"


def test_a_refused_call_leaves_nothing_behind(desk):
    refused(desk, dollars(0.01))
    assert desk.history.attempts() == []


def test_the_last_cent_may_be_spent_though_sums_of_prices_are_not_exact(desk):
    for cost in (0.1, 0.2):  # 0.30000000000000004 for a computer
        desk.done(dollars(0.3), reserved_usd=cost, cost_usd=cost)
    refused(desk, dollars(0.3), reserved_usd=0.001)


def test_a_call_without_a_price_is_made_while_anything_is_left(desk):
    desk.done(dollars(0.1), reserved_usd=None, cost_usd=0.1)
    assert "the price of the next call is not known" in str(refused(desk, dollars(0.1), reserved_usd=None))
    assert "not known" in str(refused(desk, dollars(0.0, Scope(run_id="other")), reserved_usd=None))
    desk.begin(dollars(0.0, Scope(run_id="other")), reserved_usd=0.0)


def test_what_is_set_aside_besides_counts_too(desk):
    refused(desk, dollars(1.0, also_usd=0.96))
    refused(desk, pictures(3, also_images=3))
    desk.begin(dollars(1.0, also_usd=0.95), pictures(3, also_images=2))


def test_a_look_ahead_says_the_same_and_reserves_nothing(desk, tmp_path):
    desk.history.check(call(), [dollars(0.05)])
    with pytest.raises(BudgetError, match=r"\$0\.00 of \$0\.04 spent"):
        desk.history.check(call(), [dollars(0.04)])
    assert list(tmp_path.iterdir()) == []
    desk.begin()
    desk.history.check(call(), [dollars(0.10), pictures(2)])
    for bound in (dollars(0.09), pictures(1)):
        with pytest.raises(BudgetError) as caught:
            desk.history.check(call(), [bound])
        assert caught.value.may_pass
    assert len(desk.history.attempts()) == 1


def test_a_prompt_is_no_picture(desk):
    desk.done(kind=CallKind.PROMPT)
    assert desk.history.spent(TODAY).images == 0
    desk.begin(pictures(0), kind=CallKind.PROMPT)


def test_waiting_may_help_only_where_own_calls_are_under_way(desk):
    desk.done(cost_usd=0.5)
    number = desk.begin(reserved_usd=0.5)
    assert refused(desk, dollars(1.0)).may_pass
    assert refused(desk, pictures(2)).may_pass
    assert not refused(desk, dollars(1.0), run_id="run-2").may_pass
    assert not refused(desk, dollars(0.5)).may_pass
    desk.history.end_attempt(number, cost_usd=0.5)
    assert not refused(desk, dollars(1.0)).may_pass
    desk.begin(reserved_usd=0.5, batch="batch-1")  # comes to its end tomorrow, perhaps
    assert not refused(desk, dollars(1.5)).may_pass
    assert not refused(desk, pictures(3)).may_pass


@pytest.mark.parametrize(
    ("scope", "usd"),
    [
        (Scope(), 31),
        (Scope(run_id="run-1"), 1),
        (Scope(deck=("hash-a", "/elsewhere.pptx")), 1 + 2),
        (Scope(deck=("another", "/b.pptx")), 2 + 4),
        (Scope(deck=("hash-a", "/b.pptx"), project="acme"), 2),
        (Scope(project="acme"), 2 + 8),
        (TODAY, 8 + 16),
        (Scope(since=TODAY.since, project="acme"), 8),
        (Scope(project="none such"), 0),
    ],
)
def test_only_what_is_in_the_scope_counts(desk, scope, usd):
    decks = [("hash-a", "/a.pptx", ""), ("hash-a", "/b.pptx", "acme"), ("hash-b", "/b.pptx", ""), ("c", "/c", "acme")]
    for place, (digest, path, project) in enumerate(decks):
        desk.begin_run(f"run-{place + 1}", deck=path, deck_hash=digest, project=project)
        created = NOON if place == 3 else NOON - timedelta(days=2)
        desk.done(run_id=f"run-{place + 1}", cost_usd=2.0**place, created=created)
    desk.done(run_id="run-of-no-deck", cost_usd=16.0)
    assert desk.history.spent(scope).usd == usd
    refused(desk, dollars(usd, scope), reserved_usd=0.5)
    desk.begin(dollars(usd + 0.5, scope), reserved_usd=0.5)


def test_a_clock_that_went_back_does_not_give_money_twice(desk):
    desk.done(cost_usd=1.0)
    desk.watch.pass_by(days=-3)
    refused(desk, dollars(1.0, Scope(since=desk.watch())))


@pytest.mark.parametrize(
    ("facts", "usd", "maybe_usd", "images"),
    [
        ({}, 0.05, 0.05, 1),
        ({"state": AttemptState.SUCCESS, "cost_usd": 0.04}, 0.04, 0, 1),
        ({"state": AttemptState.SUCCESS}, 0.05, 0, 1),
        ({"state": AttemptState.SUCCESS, "cost_usd": 0.04, "continues": True}, 0.04, 0, 1),
        ({"state": AttemptState.ERROR}, 0, 0, 0),
        ({"state": AttemptState.ERROR, "cost_usd": 0.01}, 0.01, 0, 0),
        ({"state": AttemptState.ERROR, "may_be_charged": True}, 0.05, 0.05, 1),
        ({"state": AttemptState.ERROR, "may_be_charged": True, "continues": True}, 0, 0, 0),
        ({"continues": True}, 0, 0, 0),
        ({"reserved_usd": None}, 0, 0, 1),
        ({"kind": CallKind.PROMPT}, 0.05, 0.05, 0),
    ],
)
def test_what_a_call_counts(desk, facts, usd, maybe_usd, images):
    desk.history.save(call(**facts))
    spent = desk.history.spent(Scope())
    assert (spent.usd, spent.maybe_usd, spent.images) == (usd, maybe_usd, images)


def test_going_on_with_an_order_takes_nothing_more_from_a_budget(desk):
    desk.begin_run()
    desk.begin()
    desk.history.begin_run(run_record("run-2"))
    desk.history.break_off("run-1")
    number = desk.begin(pictures(1), dollars(0.05), run_id="run-2", continues=True)
    refused(desk, pictures(1), run_id="run-2")
    desk.history.end_attempt(number, cost_usd=0.05, continues=True)
    assert desk.history.spent(Scope()).usd == 0.05
    assert desk.history.spent(Scope()).images == 1
    refused(desk, pictures(1))


def test_whatever_happens_the_sums_are_those_of_the_records(desk):
    chance = random.Random(20261118)
    open_calls = []
    for step in range(300):
        key, run_id = chance.choice("abc") * 64, f"run-{chance.randrange(3)}"
        what = chance.randrange(6)
        if what < 3 or not open_calls:
            open_calls.append(desk.begin(request_key=key, run_id=run_id, batch=chance.choice(["", "", "batch"])))
        elif what < 5:
            error = chance.choice(["", "", "transient"])
            desk.history.end_attempt(
                open_calls.pop(chance.randrange(len(open_calls))),
                cost_usd=chance.choice([None, 0.0, 0.03]),
                error_kind=error,
                may_be_charged=bool(error) and chance.random() < 0.7,
                continues=chance.random() < 0.3,
            )
        elif step % 2:
            desk.history.begin_run(run_record(f"run-{step}"))
            desk.history.break_off(run_id)
        else:
            desk.history.end_run(run_record(run_id, state=RunState.FAILED), [])
    records = desk.history.attempts()
    spent = desk.history.spent(Scope())
    assert spent.usd == pytest.approx(sum(map(counted_usd, records)))
    assert spent.images == sum(map(counted_images, records))
    assert {record.state for record in records} == set(AttemptState)
    assert any(record.may_be_charged for record in records)
    assert [replace(record, id=0) for record in records if record.error_kind == "lost"]


def test_a_prompt_is_not_written_for_a_picture_that_may_not_be_made(desk):
    desk.done(pictures(2))
    desk.begin(pictures(2, also_images=1), kind=CallKind.PROMPT)  # its own picture, set aside
    error = refused(desk, pictures(2, also_images=2), kind=CallKind.PROMPT)
    assert str(error) == "budget.max_images_per_day: 2 of 2 pictures made or under way"
    assert not error.may_pass
    desk.begin(pictures(2))
    assert refused(desk, pictures(2, also_images=1), kind=CallKind.PROMPT).may_pass


def test_nobody_waits_for_a_batch(desk):
    desk.begin(pictures(1), batch="batch-1")
    assert not refused(desk, pictures(1)).may_pass
