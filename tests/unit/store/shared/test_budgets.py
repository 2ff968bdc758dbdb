"""However many machines ask at once, together they never get more than a bound allows; what is settled counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest
from redis import Redis

from pipeline.errors import BudgetError, ExitCode, FileAccessError
from pipeline.records import CallKind
from pipeline.records.history import AttemptState
from pipeline.store.history import Bound, Scope
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.counters import Counted
from pipeline.store.shared.presence import Presence
from tests.unit.store.history.support import NOON, call, run_record
from tests.unit.store.shared.servers import PASSWORD

TODAY = Scope(since=NOON - timedelta(hours=12))


class Machine:
    """One of several, whose process is alive; naps take no time."""

    def __init__(self, client, name, *, patience_s=60.0):
        self.now, self.naps = 0.0, []
        self.presence = Presence(client, lease_s=60, name=name)
        self.presence.begin()
        self.money = SharedBudgets(
            client, self.presence, sleep=self.naps.append, monotonic=lambda: self.now, patience_s=patience_s
        )

    def spent(self, scope=TODAY):
        found = self.money.spent(scope, NOON)
        return found.usd, found.maybe_usd, found.images


@pytest.fixture
def one(redis_client):
    return Machine(redis_client, "one")


@pytest.fixture
def other(redis_client):
    return Machine(redis_client, "other")


def dollars(most, scope=TODAY, **besides):
    return Bound(name="budget.max_usd_per_day", scope=scope, max_usd=most, **besides)


def pictures(most, scope=TODAY, **besides):
    return Bound(name="budget.max_images_per_day", scope=scope, max_images=most, **besides)


def cost(usd):
    return Counted.of(call(state=AttemptState.SUCCESS, cost_usd=usd))


def refused(machine, *bounds, **facts):
    with pytest.raises(BudgetError) as caught:
        machine.money.reserve("refused", call(**facts), bounds)
    return caught.value


@pytest.mark.parametrize("bound", [dollars(0.5), pictures(10)], ids=["dollars", "pictures"])
def test_threads_of_two_machines_get_exactly_what_a_bound_allows(one, other, bound):
    def spend(number):
        machine = (one, other)[number % 2]
        try:
            machine.money.reserve(str(number), call(run_id=machine.presence.name), [bound])
        except BudgetError:
            return 0
        machine.money.settle(str(number), cost(0.05))
        return 1

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(spend, range(48))) == 10
    assert other.spent() == (0.5, 0, 10)


def test_a_call_settled_twice_counts_once_and_what_is_told_last_counts(one, other):
    one.money.reserve("a", call(), [])
    assert other.spent() == (0.05, 0.05, 1)
    for _ in range(2):
        one.money.settle("a", cost(0.03))
        assert other.spent() == (0.03, 0, 1)
    other.money.settle("a", Counted.of(call(state=AttemptState.ERROR)))
    assert one.spent() == (0, 0, 0)
    one.money.settle("never begun", cost(9.0))
    assert one.spent() == (0, 0, 0)


def test_a_call_reserved_twice_counts_once(one):
    for _ in range(2):
        one.money.reserve("a", call(), [pictures(1)])
    assert one.spent() == (0.05, 0.05, 1)


def test_sums_of_prices_are_exact(one):
    for number in range(30):
        one.money.reserve(str(number), call(reserved_usd=0.1), [dollars(3.0)])
    assert one.spent()[0] == 3.0
    assert str(refused(one, dollars(3.0), reserved_usd=0.0000001)).endswith(
        "$3.00 of $3.00 spent, the next call costs about $0.00"
    )


def test_waiting_may_help_only_where_own_calls_of_the_living_are_under_way(one, other):
    one.money.reserve("a", call(), [])
    for bound in (pictures(1), dollars(0.09)):
        assert refused(one, bound).may_pass
        assert refused(other, bound).may_pass  # the run is at work on two machines
        assert not refused(other, bound, run_id="run-2").may_pass
    one.presence.end()
    assert not refused(other, pictures(1)).may_pass
    assert other.spent() == (0.05, 0.05, 1)


def test_nobody_waits_for_a_run_that_died_nor_for_a_batch(one):
    one.money.reserve("a", call(), [])
    one.money.wait_no_more("run-1")
    one.money.reserve("b", call(batch="batch-1"), [])
    assert not refused(one, pictures(2)).may_pass


def test_only_what_is_in_the_scope_counts_whatever_machine_says_so(one, other):
    decks = [("hash-a", "/a.pptx", ""), ("hash-a", "/b.pptx", "acme"), ("hash-b", "/b.pptx", ""), ("c", "/c", "acme")]
    for place, (digest, path, project) in enumerate(decks):
        one.money.begin_run(run_record(f"run-{place}", deck=path, deck_hash=digest, project=project))
        created = NOON if place == 3 else NOON - timedelta(days=2)
        other.money.reserve(str(place), call(run_id=f"run-{place}", reserved_usd=2.0**place, created=created), [])
    one.money.reserve("no deck", call(run_id="of no deck", reserved_usd=16.0), [])
    scopes = {
        Scope(run_id="run-0"): 1,
        Scope(deck=("hash-a", "/elsewhere.pptx")): 1 + 2,
        Scope(deck=("another", "/b.pptx")): 2 + 4,
        Scope(deck=("hash-a", "/b.pptx")): 1 + 2 + 4,
        Scope(deck=("hash-a", "/b.pptx"), project="acme"): 2,
        TODAY: 8 + 16,
        Scope(since=NOON - timedelta(days=20)): 31,
        Scope(since=TODAY.since, project="acme"): 8,
        Scope(since=TODAY.since, project="none such"): 0,
    }
    for machine in (one, other):
        assert {scope: machine.spent(scope)[0] for scope in scopes} == scopes


def test_a_run_nobody_told_of_counts_where_its_bounds_say(one):
    deck = Scope(deck=("hash", "/a.pptx"), project="acme")
    one.money.reserve("a", call(), [pictures(1, deck)])
    assert one.spent(deck)[2] == 1
    refused(one, pictures(1, deck))


def test_days_begin_where_the_machine_is(one):
    """Kathmandu is 5:45 ahead of UTC: its day begins at 18:15, which is no hour of the others' days."""
    midnight = NOON.replace(hour=18, minute=15)
    kathmandu = Scope(since=midnight.astimezone(timezone(timedelta(hours=5, minutes=45))))
    for place, minutes in enumerate((-1, 0, 20, 24 * 60)):
        moment = midnight + timedelta(minutes=minutes)
        one.money.reserve(str(place), call(created=moment, reserved_usd=2.0**place), [])
    assert one.spent(kathmandu)[0] == 2 + 4 + 8
    assert one.spent(Scope(since=NOON.replace(hour=0)))[0] == 15
    one.money.settle("1", cost(0.0))
    assert one.spent(kathmandu)[0] == 4 + 8


def test_who_goes_on_with_an_order_takes_its_place(one, other):
    one.money.reserve("order", call(), [])
    other.money.reserve("goes on", call(run_id="run-2", continues=True), [pictures(1), dollars(0.05)])
    ended = call(run_id="run-2", continues=True, state=AttemptState.SUCCESS, cost_usd=0.04)
    counted = Counted.of(ended)
    other.money.settle("goes on", counted)
    assert other.spent() == (pytest.approx(0.09), 0.05, 2)
    counted = Counted(usd=0.04, maybe_usd=0, images=1, known_usd=0.04, is_open=False, ends_order=True)
    for _ in range(2):
        other.money.settle("goes on", counted)
        assert other.spent() == (0.04, 0, 1)


def test_an_order_whose_end_was_seen_stays_counted(one):
    ends = Counted(usd=0.02, maybe_usd=0, images=1, known_usd=0.02, is_open=False, ends_order=True)
    one.money.reserve("order", call(), [])
    one.money.settle("order", cost(0.05))
    one.money.reserve("goes on", call(run_id="run-2", continues=True), [])
    one.money.settle("goes on", ends)
    assert one.spent() == (pytest.approx(0.07), 0, 2)


def test_what_costs_nothing_at_first_may_cost_something_in_the_end(one):
    one.money.reserve("a", call(kind=CallKind.PROMPT, reserved_usd=None), [])
    assert one.spent() == (0, 0, 0)
    one.money.settle("a", Counted.of(call(kind=CallKind.PROMPT, state=AttemptState.SUCCESS, cost_usd=0.01)))
    assert one.spent() == (0.01, 0, 0)


def test_a_scope_nobody_bounds_is_said_to_be_none(one):
    with pytest.raises(ValueError, match="no budget bounds"):
        one.money.spent(Scope(), NOON)


def test_everything_but_the_memory_ends_by_itself(one, redis_client):
    one.money.begin_run(run_record(deck="/a.pptx", deck_hash="hash"))
    one.money.reserve("a", call(), [])
    one.money.settle("a", cost(0.03))
    days = {key.decode(): redis_client.ttl(key) / 86_400 for key in redis_client.keys("deck-illustrator:spent:*")}
    assert days.pop("deck-illustrator:spent:memory") < 0
    assert len(days) == 8
    assert all(9 < left <= 400 for left in days.values())
    assert days["deck-illustrator:spent:call:a"] <= 10


def test_a_redis_that_lost_what_was_spent_is_not_counted_with(one, redis_client):
    one.money.reserve("a", call(), [pictures(2)])
    redis_client.flushall()
    for _ in range(2):
        with pytest.raises(FileAccessError) as caught:
            one.money.reserve("b", call(), [pictures(2)])
        assert caught.value.exit_code is ExitCode.FILE_ACCESS
        assert "has lost what was spent" in str(caught.value)
        assert "\n" not in str(caught.value)
    assert one.spent() == (0, 0, 0)


def test_a_redis_that_is_away_is_waited_for_and_then_given_up_in_one_line(own_redis):
    with Redis.from_url(own_redis.url) as client:
        machine = Machine(client, "one", patience_s=10.0)
        machine.money.reserve("a", call(), [pictures(2)])
        client.save()
        own_redis.kill()
        for ask in (machine.money.reserve, lambda _, *asked: machine.money.check(*asked)):
            with pytest.raises(BudgetError, match="is waited for") as waited:
                ask("b", call(), [pictures(2)])
            assert waited.value.may_pass
        assert len(machine.naps) == 2
        machine.now += 10.0
        batched = call(batch="batch-1")
        for attempt in (call(), batched):
            with pytest.raises(FileAccessError) as caught:
                machine.money.reserve("b", attempt, [pictures(2)])
            assert caught.value.exit_code is ExitCode.FILE_ACCESS
            assert str(caught.value).startswith("fleet.redis_url: ")
            assert "\n" not in str(caught.value)
            assert PASSWORD not in str(caught.value)
        own_redis.start()
        machine.money.reserve("b", call(), [pictures(2)])
        refused(machine, pictures(2))


@pytest.mark.parametrize("spoiled", [f"day:*:{int(NOON.timestamp() // 86_400)}", "memory"])
def test_a_redis_that_refuses_is_an_error_at_once(one, redis_client, spoiled):
    redis_client.lpush(f"deck-illustrator:spent:{spoiled}", "not what is expected")
    for ask in (lambda: one.money.reserve("a", call(), [pictures(2)]), lambda: one.money.check(call(), [pictures(2)])):
        with pytest.raises(FileAccessError, match=r"fleet\.redis_url.*ResponseError"):
            ask()
