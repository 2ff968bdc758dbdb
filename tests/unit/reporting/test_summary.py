"""The end of a run in words: each slide's fate and why, the totals, where everything is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import (
    Money,
    NotUsed,
    RunReport,
    RunStatus,
    SlideOutcome,
    SlideStatus,
    StageCount,
    WorkerStats,
)
from pipeline.records.prices import Quote, SlidePrice
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


def test_where_the_money_went_is_told_where_there_is_anything_to_tell():
    money = Money(
        delivered_usd=0.01,
        not_used=(
            NotUsed(reason="slides that failed", usd=0.0106, calls=2),
            NotUsed(reason="slides with a placeholder", usd=0.0, calls=1),
        ),
        saved_usd=0.0815,
        maybe_usd=0.0411,
        maybe_calls=2,
        credits=2.5,
    )
    lines = summarize(replace(REPORT, money=money)).splitlines()
    assert "not used: $0.0106 for slides that failed" in lines
    assert "saved by the store: $0.0815" in lines
    assert "perhaps charged besides: $0.0411 for 2 calls without an answer" in lines
    assert "credits: 2.5" in lines
    text = summarize(replace(REPORT, money=Money(delivered_usd=0.0206)))
    for word in ("not used", "saved", "perhaps charged", "credits", "placeholder"):
        assert word not in text


def test_calls_without_an_answer_are_told_even_where_nobody_knows_their_price():
    assert "for 1 calls without an answer" in summarize(replace(REPORT, money=Money(maybe_calls=1)))


def test_a_run_that_waits_for_a_batch_says_how_to_go_on():
    text = summarize(replace(REPORT, status=RunStatus.WAITING, output=None, message="2 images are under way"))
    assert "run the same command again" in text
    assert "--wait" in text
    assert "2 images are under way" in text


def quote(*prices, plans=None, offline=False, **more):
    return Quote(plans=plans or tuple(plan(one.number) for one in prices), prices=prices, offline=offline, **more)


def line_of(text, number):
    return next(line for line in text.splitlines() if line.startswith(f"{number:4}  "))


def test_a_plan_says_which_slides_where_why_and_at_what_cost():
    plans = (plan(2, slot=None, reason="hidden slide"), plan(3), plan(4, slide=slide(4, title="Foxes")))
    prices = SlidePrice(number=3, prompt_usd=0.002, image_usd=0.008), SlidePrice(number=4, image_usd=0.0206)
    text = describe_plan(quote(*prices, plans=plans))
    assert "hidden slide" in line_of(text, 2)
    assert "at 7.0, 2.0 in, 5.0 x 4.0 in" in line_of(text, 3)
    assert "prompt $0.0020, picture $0.0080" in line_of(text, 3)
    assert "2 of 3 slides get a picture, for about $0.0306." in text


def test_what_the_store_has_is_told_at_no_cost():
    kept = SlidePrice(number=2, has_prompt=True, has_picture=True)
    half = SlidePrice(number=3, image_usd=0.0206, has_prompt=True)
    text = describe_plan(quote(kept, half))
    assert "in the store, at no cost" in line_of(text, 2)
    assert "picture $0.0206" in line_of(text, 3)
    assert "prompt" not in line_of(text, 3)
    assert "2 of 2 slides get a picture, for about $0.0206." in text


def test_a_slide_known_to_be_declined_is_told_with_why():
    text = describe_plan(quote(SlidePrice(number=2, has_prompt=True, declined="a table says it all")))
    assert "no picture, the prompt writer said: a table says it all" in line_of(text, 2)


def test_a_plan_that_fits_no_budget_and_credits_are_told():
    over = "budget.max_usd_per_day: $0.01, of which $0.0000 is spent"
    text = describe_plan(quote(SlidePrice(number=2, image_usd=0.0206), credits=2.5, exceeds=(over,)))
    assert "for about $0.0206 (2.5 credits)." in text
    assert text.splitlines()[-1] == f"Over budget: {over}"
    assert "Over budget" not in describe_plan(quote(SlidePrice(number=2)))


def test_a_plan_never_makes_up_a_price():
    text = describe_plan(quote(SlidePrice(number=2, prompt_usd=0.002, image_usd=None)))
    assert "for a price that is not known" in text
    assert "prompt $0.0020, picture at a price that is not known" in line_of(text, 2)
    text = describe_plan(quote(SlidePrice(number=2), offline=True))
    assert "at no cost" in text
    assert "$" not in text
