"""Tables of runs, attempts and days: what was paid, what may have been, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.records.history import AttemptState, RunState, StatRow
from pipeline.reporting.cells import moment
from pipeline.reporting.history_table import (
    came_of,
    describe_attempts,
    describe_forgotten,
    describe_runs,
    describe_stats,
    price_of,
)
from tests.unit.reporting.past import ALL, BEGAN, DRAWN, MISSED, REFUSED, RUN, UNDER_WAY, UNENDED, WRITTEN

DAY = StatRow(
    day=date(2026, 11, 8),
    service="openai",
    model="gpt-image-2",
    images=22,
    success_rate=22 / 24,
    median_s=8.24,
    cost_usd=1.1,
    maybe_usd=0.05,
)


def test_a_run_is_a_line():
    _, line, unended, *_ = describe_runs([RUN, UNENDED], has_more=False).splitlines()
    began = moment(BEGAN).split()
    assert line.split() == [RUN.id, *began, "partial", "22/24", "$1.10", "(+$0.05?)", "acme", "review.pptx"]
    assert unended.split()[3:] == ["pending", "$0.00", "(no", "deck)"]


def test_why_a_run_ended_early_stands_below_it():
    text = describe_runs([replace(RUN, message="openai 401:\nrefused"), UNENDED], has_more=False)
    assert text.splitlines()[2].strip() == "openai 401: refused"


def test_what_all_runs_cost_and_that_there_are_more():
    told = describe_runs([RUN, UNENDED], has_more=True)
    assert "2 runs, and older ones (--limit N shows more), $1.10 (+$0.05?) paid." in told
    assert "may have been charged" in told
    certain = describe_runs([UNENDED], has_more=False)
    assert "1 run, $0.00 paid." in certain
    assert "may have been charged" not in certain


def test_tables_fit_a_wide_terminal():
    long = replace(
        RUN,
        state=RunState.NOTHING_TO_DO,
        deck=f"/decks/{'quarterly ' * 20}.pptx",
        project="a project of a long name",
        message="why " * 99,
    )
    verbose = replace(REFUSED, error="because " * 99, model="black-forest-labs/flux-schnell-of-a-long-name")
    text = describe_runs([long], has_more=True) + "\n" + describe_attempts([verbose, *ALL], has_more=True)
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize(
    ("attempt", "price", "came"),
    [
        (DRAWN, "$0.047", "success, png 1536x1024, 1.2 MB"),
        (WRITTEN, "$0.0005", "success, 1,812+96 tokens"),
        (REFUSED, "$0.00", "error: bad parameter"),
        (MISSED, "$0.05?", "error: lost"),
        (replace(MISSED, reserved_usd=None), "?", "error: lost"),
        (replace(MISSED, cost_usd=0.04), "$0.04", "error: lost"),
        (replace(MISSED, may_be_charged=False), "$0.00", "error: lost"),
        (UNDER_WAY, "$0.06?", "pending"),
        (replace(UNDER_WAY, batch="batch_7"), "$0.06?", "pending in batch batch_7"),
        (replace(UNDER_WAY, continues=True), "$0.00", "pending"),
        (replace(DRAWN, cost_usd=None), "?", "success, png 1536x1024, 1.2 MB"),
        (
            replace(DRAWN, continues=True, batch="b7"),
            "$0.047",
            "success, png 1536x1024, 1.2 MB, the answer to an earlier order, batch b7",
        ),
    ],
)
def test_what_an_attempt_cost_and_what_came_of_it(attempt, price, came):
    assert (price_of(attempt), came_of(attempt)) == (price, came)


def test_what_a_service_said_stands_below_its_attempt():
    lines = describe_attempts(ALL, has_more=False).splitlines()
    assert lines[lines.index(next(line for line in lines if "bad parameter" in line)) + 1].strip() == (
        "openai 400: no such size"
    )
    assert "5 attempts." in lines


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ([MISSED], "1 attempt whose answer was lost may have been charged: $0.05."),
        ([MISSED, MISSED], "2 attempts whose answers were lost may have been charged: $0.10."),
        (
            [MISSED, replace(MISSED, reserved_usd=None)],
            "2 attempts whose answers were lost may have been charged: $0.05, 1 of them at a price that is not known.",
        ),
    ],
)
def test_what_may_have_been_charged_is_added_up(lost, told):
    assert describe_attempts([DRAWN, *lost], has_more=False).splitlines()[-1] == told


def test_a_day_of_a_model_is_a_line():
    quiet = replace(DAY, images=0, success_rate=None, median_s=None, cost_usd=0.0, maybe_usd=0.0)
    _, line, empty, _, total, _ = describe_stats([DAY, quiet]).splitlines()
    assert line.split() == ["2026-11-08", "openai", "gpt-image-2", "22", "92%", "8.2", "s", "$1.10", "(+$0.05?)"]
    assert empty.split()[3:] == ["0", "$0.00"]
    assert total == "22 images, $1.10 (+$0.05?) paid."


def test_an_empty_history_is_a_line():
    assert describe_runs([], has_more=False) == "The history holds no such run."
    assert describe_attempts([], has_more=False) == describe_stats([]) == "The history holds no such attempt."


def test_forgetting_says_how_many():
    assert describe_forgotten(1, "90d").startswith("Forgot 1 run older than 90d.")


def test_every_state_of_an_attempt_is_told():
    assert {came_of(replace(DRAWN, state=state)).split(",")[0].split(":")[0] for state in AttemptState} == {
        "success",
        "error",
        "pending",
    }
