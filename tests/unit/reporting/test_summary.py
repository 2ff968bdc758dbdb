"""The end of a run in words: each slide's fate and why, the totals, where everything is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus, StageCount, WorkerStats
from pipeline.reporting.summary import describe_plan, summarize
from tests.builders import plan, slide


def outcome(number, status, reason="", title="Rivers"):
    return SlideOutcome(number=number, title=title, status=status, reason=reason)


REPORT = RunReport(
    run_id="r",
    status=RunStatus.PARTIAL,
    exit_code=ExitCode.PARTIAL,
    input=Path("deck.pptx"),
    output=Path("out.pptx"),
    work_folder=Path("out.work"),
    planned=2,
    prompts=StageCount(succeeded=2),
    images=StageCount(succeeded=1, failed=1),
    cost_usd=0.02061,
    seconds=12.34,
    slides=(
        outcome(1, SlideStatus.SKIPPED, "title slide"),
        outcome(2, SlideStatus.ILLUSTRATED, "room of 20 % of the slide"),
        outcome(3, SlideStatus.FAILED, "the service refused", title=""),
    ),
    workers=(WorkerStats(name="worker-1", images=1, failures=1, busy_s=9.87),),
)


def test_each_slide_has_a_line_with_its_fate_and_why():
    lines = summarize(REPORT).splitlines()
    for number, (fate, why) in enumerate(
        [("skipped", "title slide"), ("illustrated", "room of 20 %"), ("failed", "the service refused")], 1
    ):
        (line,) = [line for line in lines if line.startswith(f"{number:4}  ")]
        assert fate in line
        assert why in line
    assert "(no title)" in summarize(REPORT)


def test_totals_workers_and_places_are_told():
    text = summarize(REPORT)
    for part in (
        "some slides failed",
        "1 of 2 pictures, $0.0206, 12.3 s",
        "failed: 0 prompts, 1 images",
        "worker-1: 1 images, 1 failures, busy 9.9 s",
        "out.pptx",
        "out.work",
    ):
        assert part in text


def test_offline_pictures_are_called_so():
    assert "drawn offline" in summarize(replace(REPORT, offline=True))
    assert "drawn offline" not in summarize(REPORT)


def test_a_failed_run_says_why_and_where_what_there_is_went():
    failed = replace(
        REPORT, status=RunStatus.FAILED, output=None, partial_output=Path("out.partial.pptx"), message="no credit left"
    )
    assert "Failed. no credit left" in summarize(failed)
    assert "out.partial.pptx" in summarize(failed)


@pytest.mark.parametrize("status", RunStatus)
def test_every_way_to_end_has_its_headline(status):
    assert summarize(replace(REPORT, status=status))


@pytest.mark.parametrize(
    "title",
    ["word " * 30, "ニューラルネットワークの仕組みを学ぶための長い長い題名がここにありますので切ります", "x" * 99],
)
def test_a_long_title_is_shortened_in_any_script_and_stays_readable(title):
    text = summarize(replace(REPORT, slides=(outcome(1, SlideStatus.SKIPPED, "why", title=title),)))
    (line,) = [line for line in text.splitlines() if line.startswith("   1")]
    assert title[:10] in line
    assert "…" in line
    assert title not in line


def test_a_title_of_many_lines_stays_on_one():
    text = summarize(replace(REPORT, slides=(outcome(1, SlideStatus.SKIPPED, "why", title="Two\nlines\vor three"),)))
    assert "Two lines or three" in text


def test_a_plan_says_which_slides_where_why_and_at_what_cost():
    plans = (plan(2, slot=None, reason="hidden slide"), plan(3), plan(4, slide=slide(4, title="Foxes")))
    text = describe_plan(plans, (0.01, 0.0206), offline=False)
    assert "hidden slide" in text
    assert "at 7.0, 2.0 in, 5.0 x 4.0 in" in text
    assert "2 of 3 slides get a picture, for about $0.0306." in text


def test_a_plan_never_makes_up_a_price():
    assert "not known" in describe_plan((plan(2),), (None,), offline=False)
    assert "at no cost" in describe_plan((plan(2),), (0.0,), offline=True)
