"""Old runs go, with all that belongs to them; what still counts stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.records.history import RunState, SlideRecord
from pipeline.store.history import Scope
from tests.unit.store.history.support import NOON

MONTH = NOON.astimezone().replace(day=1, hour=0, minute=0)


def told(desk, name, begun, *, state=RunState.SUCCESS, called=None, batch=""):
    desk.watch.moment = begun
    run = desk.begin_run(name)
    desk.begin(run_id=name, created=called or begun, batch=batch)
    slide = SlideRecord(run_id=name, number=1, title="", status="illustrated")
    if state is not RunState.PENDING:
        desk.history.end_run(replace(run, state=state, finished=begun), [slide])
    desk.watch.moment = NOON


@pytest.mark.parametrize(
    ("facts", "stays"),
    [
        ({"begun": MONTH - timedelta(days=10)}, False),
        ({"begun": MONTH - timedelta(seconds=1)}, False),
        ({"begun": MONTH}, True),
        ({"begun": MONTH - timedelta(days=1), "called": MONTH}, True),
        ({"begun": NOON + timedelta(days=400)}, True),
        ({"begun": NOON - timedelta(days=50), "state": RunState.PENDING}, True),
        ({"begun": NOON - timedelta(days=50), "state": RunState.WAITING}, True),
        ({"begun": NOON - timedelta(days=50), "batch": "batch-1"}, True),
        ({"begun": NOON - timedelta(days=61), "state": RunState.PENDING}, False),
    ],
)
def test_what_counts_this_month_or_is_under_way_stays_whatever_its_age(desk, facts, stays):
    told(desk, "run-1", **facts)
    told(desk, "old", NOON - timedelta(days=99))
    before = desk.history.spent(Scope(since=MONTH))
    assert desk.history.prune(timedelta(0)) == (1 if stays else 2)
    assert [run.id for run in desk.history.runs()] == ["run-1"] * stays
    assert len(desk.history.attempts()) == len(desk.history.runs())
    assert desk.history.slides("old") == []
    assert desk.history.spent(Scope(since=MONTH)) == before


def test_only_what_ended_longer_ago_goes(desk):
    for days in (80, 89, 91, 300):
        told(desk, f"{days} days ago", NOON - timedelta(days=days))
    assert desk.history.prune(timedelta(days=90)) == 2
    assert {run.id for run in desk.history.runs()} == {"80 days ago", "89 days ago"}
    assert {attempt.run_id for attempt in desk.history.attempts()} == {"80 days ago", "89 days ago"}
    assert desk.history.prune(timedelta(days=90)) == 0


def test_an_id_is_never_given_twice(desk):
    told(desk, "old", NOON - timedelta(days=99))
    (number,) = [attempt.id for attempt in desk.history.attempts()]
    desk.history.prune(timedelta(days=1))
    assert desk.begin() > number
