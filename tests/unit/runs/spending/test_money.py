"""What was paid is either delivered or not used, and nothing is told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import NotUsed, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.records import CallKind
from pipeline.records.history import AttemptState
from pipeline.runs.spending.money import money_of
from tests.unit.store.history.support import call


def slide(number, status=SlideStatus.ILLUSTRATED, **facts):
    return SlideOutcome(number=number, title="", status=status, reason="", **facts)


def report(*slides, output=Path("out.pptx"), partial=None):
    return RunReport(
        run_id="run-1",
        status=RunStatus.SUCCESS,
        exit_code=ExitCode.OK,
        input=Path("deck.pptx"),
        output=output,
        partial_output=partial,
        slides=slides,
    )


def paid(number, slide_number, usd, kind=CallKind.IMAGE, **facts):
    return call(id=number, slide_number=slide_number, kind=kind, cost_usd=usd, state=AttemptState.SUCCESS, **facts)


def failed(number, slide_number, usd=None, **facts):
    usual = {"state": AttemptState.ERROR, "error_kind": "empty"}
    return call(id=number, slide_number=slide_number, cost_usd=usd, **usual | facts)


def test_what_is_in_the_deck_is_delivered():
    money = money_of(report(slide(1, saved_usd=0.3)), [paid(1, 1, 0.01, CallKind.PROMPT), paid(2, 1, 0.05)], None)
    assert (money.delivered_usd, money.not_used) == (pytest.approx(0.06), ())
    assert (money.saved_usd, money.maybe_usd, money.maybe_calls, money.credits) == (0.3, 0, 0, None)


def test_a_partial_deck_is_a_deck():
    money = money_of(report(slide(1), output=None, partial=Path("p.pptx")), [paid(1, 1, 0.05)], None)
    assert (money.delivered_usd, money.not_used) == (0.05, ())


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (SlideStatus.FAILED, "slides that failed"),
        (SlideStatus.PLACEHOLDER, "slides with a placeholder"),
        (SlideStatus.SKIPPED, "slides that were found not worth a picture"),
        (SlideStatus.WAITING, "slides that wait for a batch"),
    ],
)
def test_what_went_into_other_slides_is_not_used(status, reason):
    money = money_of(report(slide(1), slide(2, status)), [paid(1, 2, 0.01, CallKind.PROMPT), paid(2, 1, 0.05)], None)
    assert money.delivered_usd == 0.05
    assert money.not_used == (NotUsed(reason=reason, usd=0.01, calls=1),)


def test_without_a_deck_nothing_is_delivered():
    money = money_of(report(slide(1), output=None), [paid(1, 1, 0.01, CallKind.PROMPT), paid(2, 1, 0.05)], None)
    assert money.delivered_usd == 0
    assert money.not_used == (NotUsed(reason="no deck was delivered", usd=pytest.approx(0.06), calls=2),)


def test_calls_that_were_charged_in_vain_are_told_by_what_failed():
    calls = [
        failed(1, 1, 0.01, kind=CallKind.PROMPT),
        failed(2, 1, 0.05),
        failed(3, 1, 0.05),
        failed(4, 1, 0.05, error_kind="expired_url"),
        failed(5, 1),
        paid(6, 1, 0.05),
    ]
    money = money_of(report(slide(1)), calls, None)
    assert {one.reason: (pytest.approx(one.usd), one.calls) for one in money.not_used} == {
        "calls for prompts that failed (empty)": (0.01, 1),
        "calls for pictures that failed (empty)": (0.1, 2),
        "calls for pictures that failed (expired_url)": (0.05, 1),
    }
    assert money.delivered_usd == 0.05


def test_a_prompt_that_was_written_anew_is_not_in_the_deck():
    calls = [paid(1, 1, 0.01, CallKind.PROMPT), paid(2, 1, 0.02, CallKind.PROMPT), paid(3, 1, 0.05)]
    money = money_of(report(slide(1)), calls, None)
    assert money.not_used == (NotUsed(reason="prompts that were written anew", usd=0.01, calls=1),)
    assert money.delivered_usd == pytest.approx(0.07)


def test_every_cent_is_told_once():
    calls = [paid(1, 1, 0.01), paid(2, 1, 0.02), paid(3, 2, 0.04), failed(4, 2, 0.08), paid(5, None, 0.16)]
    money = money_of(report(slide(1), slide(2, SlideStatus.FAILED)), calls, None)
    assert money.delivered_usd + sum(one.usd for one in money.not_used) == pytest.approx(0.31)
    assert sum(one.calls for one in money.not_used) == 3


def test_what_may_have_been_charged_is_told_by_its_reservation_and_orders_once():
    lost = {"may_be_charged": True, "error_kind": "lost", "reserved_usd": 0.05}
    calls = [failed(1, 1, **lost), failed(2, 1, **lost, continues=True), failed(3, 2, **lost | {"reserved_usd": None})]
    money = money_of(report(slide(1)), calls, None)
    assert (money.maybe_usd, money.maybe_calls, money.not_used) == (0.05, 2, ())


def test_credits_are_of_the_pictures_that_were_made():
    calls = [paid(1, 1, 0.01, CallKind.PROMPT), paid(2, 1, 0.05), paid(3, 2, None), failed(4, 2)]
    assert money_of(report(slide(1), slide(2)), calls, 2.5).credits == 5
    assert money_of(report(slide(1, saved_usd=0.05)), [], 2.5).credits == 0
