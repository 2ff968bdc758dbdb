"""What is wanted is found, and nothing else; and the sums by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.errors import UsageError
from pipeline.records import CallKind
from pipeline.records.history import RunState, StatRow
from pipeline.store.history import RunFilter
from tests.unit.store.history.support import NOON

RUNS = [
    {"id": "2026-a1", "deck": "/talks/q3.pptx", "deck_hash": "abcd" * 16, "project": "acme", "state": RunState.SUCCESS},
    {"id": "2026-a2", "deck": "/old/talks/q3.pptx", "deck_hash": "abce" * 16, "state": RunState.FAILED},
    {"id": "2026-b1", "deck": "C:\\talks\\Q3.pptx", "deck_hash": "ffff" * 16, "project": "acme"},
    {"id": "2026-b2", "deck": "/talks/my_q3.pptx", "deck_hash": "ffff" * 16, "project": "100%"},
]


@pytest.fixture
def told(desk):
    for place, run in enumerate(RUNS):
        created = NOON + timedelta(hours=place)
        desk.begin_run(run["id"], **{key: run[key] for key in run if key != "id"}, created=created)
        number = desk.begin(run_id=run["id"], service=("fake", "other")[place % 2], created=created)
        if place != 2:
            desk.history.end_attempt(number, cost_usd=0.01, error_kind="" if place else "policy")
    return desk.history


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"limit": 2}, [3, 2]),
        ({"deck": "/talks/q3.pptx"}, [0]),
        ({"deck": "q3.pptx"}, [1, 0]),
        ({"deck": "Q3.pptx"}, [2]),
        ({"deck": "old/talks/q3.pptx"}, [1]),
        ({"deck": "y_q3.pptx"}, []),
        ({"deck": "abc"}, []),
        ({"deck": "ABCd"}, [0]),
        ({"deck": "ffff"}, [3, 2]),
        ({"deck": "%"}, []),
        ({"since": NOON + timedelta(hours=2)}, [3, 2]),
        ({"status": "success"}, [0]),
        ({"status": "pending"}, [3, 2]),
        ({"status": "error"}, [0]),
        ({"project": "acme"}, [2, 0]),
        ({"project": "100%"}, [3]),
        ({"service": "other"}, [3, 1]),
        ({"service": "other", "deck": "q3.pptx", "status": "failed"}, [1]),
        ({"service": "none such"}, []),
    ],
)
def test_runs_that_are_wanted_are_found_the_latest_first(told, wanted, found):
    assert [run.id for run in told.runs(RunFilter(**wanted))] == [RUNS[place]["id"] for place in found]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"limit": 3}, [1, 2, 3]),
        ({"status": "error"}, [0]),
        ({"status": "success"}, [1, 3]),
        ({"status": "pending"}, [2]),
        ({"status": "failed"}, [1]),
        ({"deck": "q3.pptx", "service": "fake"}, [0]),
        ({"project": "acme", "since": NOON + timedelta(hours=1)}, [2]),
    ],
)
def test_calls_that_are_wanted_are_found_in_their_order(told, wanted, found):
    attempts = told.attempts(wanted=RunFilter(**wanted))
    assert [attempt.run_id for attempt in attempts] == [RUNS[place]["id"] for place in found]


def test_calls_of_one_run(told):
    assert [attempt.run_id for attempt in told.attempts("2026-b1")] == ["2026-b1"]
    assert told.attempts("2026-b1", wanted=RunFilter(status="error")) == []


@pytest.mark.parametrize("ask", ["runs", "attempts", "stats"])
def test_a_status_there_is_none_of_is_named_with_those_there_are(told, ask):
    wanted = RunFilter(status="eror")
    with pytest.raises(UsageError, match=r"^eror: no status; there are pending, waiting, .*error$"):
        told.attempts(wanted=wanted) if ask == "attempts" else getattr(told, ask)(wanted)


def test_a_run_is_found_by_the_beginning_of_its_id(told):
    assert told.run("2026-b2").id == told.run("2026-b2"[:7]).id == "2026-b2"
    assert told.run("2027") is None
    assert told.run("%") is None
    with pytest.raises(UsageError, match=r"^2026-a: the ids of several runs begin so \(2026-a1, 2026-a2\)"):
        told.run("2026-a")


def test_a_whole_id_is_meant_though_others_begin_so(desk):
    for name in ("run", "run-1", "run-2", "run-3", "a"):
        desk.begin_run(name)
    assert desk.history.run("run").id == "run"


def stat(day, service, model, **facts):
    nothing = {"images": 0, "success_rate": None, "median_s": None, "cost_usd": 0.0, "maybe_usd": 0.0}
    return StatRow(day=date(2026, 11, day), service=service, model=model, **nothing | facts)


def test_stats_add_up_days_of_this_machine_by_service_and_model(desk):
    midnight = NOON.astimezone().replace(hour=0, minute=0)
    for minutes, cost, error in ((-1, 0.5, ""), (0, 0.1, ""), (1, None, "lost"), (2, 0.2, ""), (3, 0.0, "policy")):
        desk.watch.moment = midnight + timedelta(minutes=minutes)
        number = desk.begin()
        desk.watch.pass_by(seconds=4 + minutes)
        desk.history.end_attempt(number, cost_usd=cost, error_kind=error, may_be_charged=error == "lost")
    desk.done(kind=CallKind.PROMPT, service="writer", model="poet", cost_usd=0.01)
    desk.begin(service="writer", model="silent")
    rows = [replace(row, cost_usd=round(row.cost_usd, 9)) for row in desk.history.stats()]
    assert rows == [
        stat(18, "fake", "painter", images=2, success_rate=0.5, median_s=5.0, cost_usd=0.3, maybe_usd=0.05),
        stat(18, "writer", "poet", success_rate=1.0, median_s=0.0, cost_usd=0.01),
        stat(18, "writer", "silent", maybe_usd=0.05),
        stat(17, "fake", "painter", images=1, success_rate=1.0, median_s=3.0, cost_usd=0.5),
    ]
    (first,) = desk.history.stats(RunFilter(service="fake", limit=1))
    assert first.day == date(2026, 11, 18)
