"""The JSON report is a promise to other programs: these names, these types, nothing less."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, FailedCall, FailureKind
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
from pipeline.records import Slot, SlotKind
from pipeline.records.prices import Quote, SlidePrice
from pipeline.reporting.report import failure_json, plan_json, report_json
from tests.builders import box, plan

SLOT = Slot(kind=SlotKind.PLACEHOLDER, box=box(1, 2, 3, 4), shape_id=7)
DONE = SlideOutcome(
    number=2,
    title="Лиса",
    status=SlideStatus.ILLUSTRATED,
    reason="room of 20 % of the slide",
    slot=SLOT,
    prompt="A red fox.",
    alt_text="Рыжая лиса",
    provider="openai",
    model="m",
    attempts=2,
    failed_calls=(
        FailedCall(service="stability", model="core", kind=FailureKind.RATE, message="too many", cost_usd=0.0),
    ),
    cost_usd=0.0123456789,
    saved_usd=0.0087654321,
    image=Path("store/pictures/0a1b.png"),
)
SKIPPED = SlideOutcome(number=1, title="", status=SlideStatus.SKIPPED, reason="title slide")
REPORT = RunReport(
    run_id="20261120-120000-ab12",
    status=RunStatus.SUCCESS,
    exit_code=ExitCode.OK,
    input=Path("deck.pptx"),
    output=Path("deck.illustrated.pptx"),
    work_folder=Path("out.work"),
    planned=1,
    prompts=StageCount(succeeded=1),
    images=StageCount(succeeded=1, failed=2),
    cost_usd=0.0123456789,
    money=Money(
        delivered_usd=0.0100000001,
        not_used=(NotUsed(reason="slides that failed", usd=0.0023456788, calls=3),),
        saved_usd=0.0087654321,
        maybe_usd=0.0411111111,
        maybe_calls=1,
        credits=2.5,
    ),
    seconds=1.23456,
    slides=(SKIPPED, DONE),
    workers=(WorkerStats(name="worker-1", images=1, failures=2, busy_s=3.00049),),
)


def test_the_report_has_exactly_these_fields():
    data = json.loads(report_json(REPORT))
    assert data.pop("slides")
    assert data == {
        "run_id": "20261120-120000-ab12",
        "status": "success",
        "exit_code": 0,
        "message": "",
        "input": "deck.pptx",
        "output": "deck.illustrated.pptx",
        "partial_output": None,
        "work_folder": "out.work",
        "offline": False,
        "planned": 1,
        "prompts": {"succeeded": 1, "failed": 0},
        "images": {"succeeded": 1, "failed": 2},
        "cost_usd": 0.012346,
        "money": {
            "delivered_usd": 0.01,
            "not_used": [{"reason": "slides that failed", "usd": 0.002346, "calls": 3}],
            "saved_usd": 0.008765,
            "maybe_usd": 0.041111,
            "maybe_calls": 1,
            "credits": 2.5,
        },
        "seconds": 1.235,
        "workers": [{"name": "worker-1", "images": 1, "failures": 2, "busy_s": 3.0}],
    }


def test_a_slide_has_exactly_these_fields():
    assert json.loads(report_json(REPORT))["slides"][1] == {
        "number": 2,
        "title": "Лиса",
        "status": "illustrated",
        "reason": "room of 20 % of the slide",
        "prompt": "A red fox.",
        "alt_text": "Рыжая лиса",
        "provider": "openai",
        "model": "m",
        "attempts": 2,
        "failed_calls": [
            {"provider": "stability", "model": "core", "kind": "rate", "message": "too many", "cost_usd": 0.0}
        ],
        "cost_usd": 0.012346,
        "saved_usd": 0.008765,
        "image": "store/pictures/0a1b.png",
        "slot": {
            "kind": "placeholder",
            "left_emu": 914_400,
            "top_emu": 1_828_800,
            "width_emu": 2_743_200,
            "height_emu": 3_657_600,
        },
    }


def test_a_skipped_slide_has_the_same_fields_without_slot_and_image():
    skipped, done = json.loads(report_json(REPORT))["slides"]
    assert list(skipped) == list(done)
    assert skipped["slot"] is skipped["image"] is None
    assert skipped["attempts"] == skipped["cost_usd"] == skipped["saved_usd"] == 0


def test_a_run_without_money_has_the_same_fields_of_it():
    money, empty = (json.loads(report_json(one))["money"] for one in (REPORT, replace(REPORT, money=Money())))
    assert list(empty) == list(money)
    assert (empty["not_used"], empty["credits"]) == ([], None)
    assert not any(empty.values())


def test_the_words_for_a_status_are_fixed():
    assert {status.value for status in RunStatus} == {"success", "partial", "failed", "nothing_to_do", "waiting"}
    assert {status.value for status in SlideStatus} == {
        "illustrated",
        "skipped",
        "failed",
        "placeholder",
        "waiting",
    }
    assert {kind.value for kind in SlotKind} == {"placeholder", "stand_in", "free", "cover"}


@pytest.mark.parametrize("code", ExitCode)
def test_the_exit_code_is_a_plain_number(code):
    assert json.loads(report_json(replace(REPORT, exit_code=code)))["exit_code"] == int(code)


def test_a_run_that_could_not_begin_has_the_same_fields():
    failed = json.loads(failure_json("out.pptx: exists already", ExitCode.FILE_ACCESS, Path("deck.pptx")))
    assert list(failed) == list(json.loads(report_json(REPORT)))
    assert (failed["status"], failed["exit_code"], failed["input"]) == ("failed", 5, "deck.pptx")
    assert failed["message"] == "out.pptx: exists already"
    assert failed["output"] is None
    assert failed["slides"] == []


def test_a_file_name_that_is_no_valid_text_still_gives_valid_json_that_can_be_written():
    text = report_json(replace(REPORT, input=Path("caf\udce9.pptx")))
    assert json.loads(text.encode())["input"] == "caf\udce9.pptx"


def quote(*prices, plans=None, **more):
    return Quote(plans=plans or tuple(plan(one.number) for one in prices), prices=prices, offline=False, **more)


def test_a_plan_says_what_each_slide_gets_and_costs():
    plans = (plan(2, slot=None, reason="hidden slide"), plan(3), plan(4))
    known = SlidePrice(number=3, prompt_usd=0.0, image_usd=0.01, has_prompt=True)
    planned = quote(known, SlidePrice(number=4, prompt_usd=0.005, image_usd=0.015), plans=plans)
    data = json.loads(plan_json(planned, Path("deck.pptx")))
    assert list(data) == ["input", "offline", "planned", "cost_usd", "credits", "exceeds", "slides"]
    assert (data["planned"], data["cost_usd"], data["offline"]) == (2, 0.03, False)
    assert (data["credits"], data["exceeds"]) == (None, [])
    about = ["number", "title", "status", "reason", "slot"]
    prices = ["cost_usd", "prompt_usd", "image_usd", "has_prompt", "has_picture", "declined"]
    assert [list(slide) for slide in data["slides"]] == [about + prices] * 3
    assert [slide["status"] for slide in data["slides"]] == ["skipped", "planned", "planned"]
    assert [[slide[name] for name in prices] for slide in data["slides"]] == [
        [0, 0, 0, False, False, ""],
        [0.01, 0, 0.01, True, False, ""],
        [0.02, 0.005, 0.015, False, False, ""],
    ]
    assert data["slides"][0]["slot"] is None


def test_what_is_in_the_store_and_what_is_declined_is_told_in_a_plan():
    kept = SlidePrice(number=2, has_prompt=True, has_picture=True)
    declined = SlidePrice(number=3, has_prompt=True, declined="a table says it all")
    data = json.loads(plan_json(quote(kept, declined), Path("deck.pptx")))
    assert [slide["has_picture"] for slide in data["slides"]] == [True, False]
    assert [slide["declined"] for slide in data["slides"]] == ["", "a table says it all"]
    assert data["cost_usd"] == 0


def test_a_plan_says_what_it_comes_to_in_credits_and_what_it_does_not_fit():
    told = quote(SlidePrice(number=2, image_usd=0.01), credits=2.5, exceeds=("budget.max_usd_per_day: $0.01",))
    data = json.loads(plan_json(told, Path("deck.pptx")))
    assert (data["credits"], data["exceeds"]) == (2.5, ["budget.max_usd_per_day: $0.01"])


def test_a_price_that_is_not_known_makes_the_sum_unknown():
    unknown = SlidePrice(number=3, prompt_usd=0.002, image_usd=None)
    data = json.loads(plan_json(quote(SlidePrice(number=2, image_usd=0.01), unknown), Path("deck.pptx")))
    assert data["cost_usd"] is None
    assert [slide["cost_usd"] for slide in data["slides"]] == [0.01, None]
    assert (data["slides"][1]["prompt_usd"], data["slides"][1]["image_usd"]) == (0.002, None)
