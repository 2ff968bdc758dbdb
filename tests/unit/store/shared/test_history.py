"""A machine's history with everybody's money: rows as ever, bounds over all machines, nothing lost with a Redis."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from pipeline.errors import BudgetError, ExitCode, FileAccessError
from pipeline.records import CallKind
from pipeline.records.history import AttemptState, RunState
from pipeline.store.history import Bound, Scope
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.history import open_shared_history, token_of
from pipeline.store.shared.presence import Presence
from tests.unit.store.history.support import NOON, Desk, call, run_record
from tests.unit.store.shared import crowds
from tests.unit.store.stores import finished

TODAY = Scope(since=NOON.replace(hour=0))
DECKS = [("hash-a", "/a.pptx", ""), ("hash-a", "/b.pptx", "acme"), ("hash-b", "/b.pptx", "acme")]


def some_run(chance, number):
    digest, path, project = chance.choice(DECKS)
    return run_record(f"run-{number}", deck=path, deck_hash=digest, project=project)


def scopes_of(run):
    """Those the settings may bound for it."""
    deck = (run.deck_hash, run.deck)
    scopes = [Scope(run_id=run.id), Scope(deck=deck), TODAY]
    return scopes + [Scope(deck=deck, project=run.project), Scope(since=TODAY.since, project=run.project)] * bool(
        run.project
    )


@pytest.fixture
def machine(redis_client, tmp_path):
    """Makes the history of a machine, by its name."""
    opened = []

    def make(name, client=redis_client):
        presence = Presence(client, lease_s=60, name=f"{name}-{len(opened)}")
        presence.begin()
        money = SharedBudgets(client, presence, sleep=lambda _: None)
        opened.append(open_shared_history(None, tmp_path / name, now=lambda: NOON, warn=print, money=money))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def pictures(most, scope=TODAY):
    return Bound(name="budget.max_images_per_day", scope=scope, max_images=most)


def images(history):
    return history.spent(TODAY).images


def test_four_machines_get_exactly_what_a_bound_allows(program, redis_server, redis_client, tmp_path):
    source = crowds.FORKED.format(work="spend", children=4)
    got = finished(program(source, redis_server.url, tmp_path))
    assert len(got) == 4
    assert sum(map(int, got)) == 10


def verdict(history, ask, attempt, bounds):
    try:
        getattr(history, ask)(attempt, bounds)
    except BudgetError as error:
        return str(error), error.may_pass
    return None


def some_bound(chance, run):
    scope = chance.choice(scopes_of(run))
    if chance.random() < 0.5:
        return Bound(name="budget", scope=scope, max_images=chance.randrange(40), also_images=chance.randrange(3))
    return Bound(name="budget", scope=scope, max_usd=chance.randrange(40) * 0.05, also_usd=chance.choice([0.0, 0.05]))


def some_call(chance, run_id):
    return call(
        run_id=run_id,
        kind=chance.choice([CallKind.IMAGE, CallKind.IMAGE, CallKind.PROMPT]),
        reserved_usd=chance.choice([None, 0.05, 0.1, 0.033]),
        request_key=str(chance.randrange(10**9)),
        continues=chance.random() < 0.1,
        batch=chance.choice(["", "", "", "batch"]),
        created=NOON + timedelta(seconds=chance.randrange(3600)),
    )


def some_end(chance):
    error = chance.choice(["", "", "transient"])
    return {
        "cost_usd": chance.choice([None, 0.0, 0.03, 0.06]),
        "error_kind": error,
        "may_be_charged": bool(error) and chance.random() < 0.7,
        "continues": chance.random() < 0.3,
    }


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_it_says_what_the_history_of_one_machine_says(machine, tmp_path, seed):
    chance = random.Random(seed)
    machines = [machine("one"), machine("other")]
    at_work, open_calls, verdicts = {}, [], []
    with Desk(tmp_path / "alone") as desk:
        for number in range(90):
            if len(at_work) < 3:
                run = some_run(chance, number)
                at_work[run.id] = run, chance.choice(machines)
                for history in (desk.history, at_work[run.id][1]):
                    history.begin_run(run)
            run, there = chance.choice(list(at_work.values()))
            what, attempt = chance.randrange(16), some_call(chance, run.id)
            if what < 9:
                begun = desk.history.begin_attempt(attempt, []), there.begin_attempt(attempt, [])
                open_calls.append((there, *begun))
            elif what < 15 and open_calls:
                there, alone, shared = open_calls.pop(chance.randrange(len(open_calls)))
                end = some_end(chance)
                desk.history.end_attempt(alone, **end)
                there.end_attempt(shared, **end)
            else:
                del at_work[run.id]
                for history in (desk.history, there):
                    history.end_run(replace(run, state=RunState.FAILED), [])
            bounds = [some_bound(chance, run), some_bound(chance, run)]
            verdicts.append(verdict(desk.history, "check", attempt, bounds))
            assert [verdict(history, "check", attempt, bounds) for history in machines] == [verdicts[-1]] * 2
            for scope in scopes_of(run) * (number % 10 == 0):
                alone, shared = desk.history.spent(scope), chance.choice(machines).spent(scope)
                assert (shared.usd, shared.maybe_usd) == (pytest.approx(alone.usd), pytest.approx(alone.maybe_usd))
                assert shared.images == alone.images
    assert None in verdicts
    assert {found[1] for found in verdicts if found} == {True, False}


def test_rows_are_those_of_every_history(machine):
    history = machine("one")
    history.begin_run(run_record())
    number = history.begin_attempt(call(), [pictures(1)])
    with pytest.raises(BudgetError, match="1 of 1 pictures made or under way"):
        history.begin_attempt(call(), [pictures(1)])
    history.end_attempt(number, cost_usd=0.04)
    (row,) = history.attempts()
    assert (row.state, row.cost_usd, row.reserved_usd) == (AttemptState.SUCCESS, 0.04, 0.05)
    assert history.spent(TODAY).usd == 0.04


def test_calls_of_one_moment_are_told_apart(machine):
    history = machine("one")
    numbers = [history.begin_attempt(call(), []) for _ in range(3)]
    for number in numbers:
        history.end_attempt(number, cost_usd=0.01)
    assert history.spent(TODAY).usd == 0.03
    assert len({token_of(row) for row in history.attempts()}) == 3


def test_who_comes_after_a_process_that_died_ends_its_calls_for_all(machine):
    dead = machine("one")
    dead.begin_run(run_record())
    came, lost = (dead.begin_attempt(call(request_key=key), []) for key in "ab")
    heir = machine("one")
    heir.end_attempt(came, cost_usd=0.01)
    heir.break_off("run-1")
    spent = machine("other").spent(TODAY)
    assert (spent.usd, spent.maybe_usd, spent.images) == (pytest.approx(0.06), 0.05, 2)
    assert heir.attempt(lost).may_be_charged
    with pytest.raises(BudgetError) as refused:
        heir.begin_attempt(call(), [pictures(2)])
    assert not refused.value.may_pass


def test_a_batch_is_collected_by_another_machine_and_counts_once(machine):
    one, other = machine("one"), machine("other")
    begun = call(batch="run-1-image", slide_number=3)
    one.begin_attempt(begun, [])
    number = other.save(call(batch="run-1-image", slide_number=3, run_id="run-2", created=NOON + timedelta(hours=1)))
    assert images(one) == 1
    other.end_attempt(number, cost_usd=0.02)
    assert one.spent(TODAY).usd == 0.02


def test_what_was_going_on_with_an_order_ends_it_on_another_machine(machine):
    one, other = machine("one"), machine("other")
    one.begin_attempt(call(), [])
    number = other.begin_attempt(call(run_id="run-2", continues=True), [pictures(1)])
    other.end_attempt(number, cost_usd=0.05, continues=True)
    spent = one.spent(TODAY)
    assert (spent.usd, spent.images) == (0.05, 1)


def test_a_call_that_cannot_be_written_down_is_given_back(machine, tmp_path):
    (tmp_path / "full").write_bytes(b"no folder")
    history = machine("full")
    for _ in range(2):
        with pytest.raises(FileAccessError):
            history.begin_attempt(call(), [pictures(1)])
    with pytest.raises(FileAccessError):
        history.begin_attempt(call(), [pictures(1)])
    assert images(machine("other")) <= 1


def test_no_call_is_begun_without_redis_and_what_ended_meanwhile_is_told_later(machine, own_redis):
    with Redis.from_url(own_redis.url) as client:
        history = machine("one", client)
        history.begin_run(run_record())
        number = history.begin_attempt(call(), [pictures(2)])
        client.save()
        own_redis.kill()
        history.end_attempt(number, cost_usd=0.01)
        with pytest.raises(BudgetError) as waited:
            history.begin_attempt(call(), [pictures(2)])
        assert waited.value.may_pass
        with pytest.raises(FileAccessError) as refused:
            history.begin_run(run_record("run-2"))
        assert refused.value.exit_code is ExitCode.FILE_ACCESS
        history.end_run(run_record("run-1", state=RunState.FAILED), [])
        assert len(history.attempts()) == 1
        own_redis.start()
        history.begin_attempt(call(run_id="run-3"), [pictures(2)])
        assert history.spent(TODAY).usd == pytest.approx(0.06)
        history.close()


def test_what_is_owed_is_told_at_the_end(machine, own_redis):
    with Redis.from_url(own_redis.url) as client:
        history, other = machine("one", client), machine("other", client)
        number = history.begin_attempt(call(), [])
        client.save()
        own_redis.kill()
        history.end_attempt(number, cost_usd=0.01)
        own_redis.start()
        with closing(history):
            assert other.spent(TODAY).usd == 0.05
        assert other.spent(TODAY).usd == 0.01
        other.close()


def test_a_redis_that_lost_its_data_lets_nobody_spend_twice(machine, own_redis):
    with Redis.from_url(own_redis.url) as client:
        history = machine("one", client)
        got = [history.begin_attempt(call(), [pictures(3)]) for _ in range(2)]
        own_redis.kill()
        own_redis.start()
        for _ in range(3):
            with pytest.raises(FileAccessError, match="has lost what was spent"):
                history.begin_attempt(call(), [pictures(3)])
        assert len(history.attempts()) == len(got)
        history.close()
