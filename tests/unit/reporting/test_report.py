"""The JSON report is a promise to other programs: these names, these types, nothing less."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, FailedCall, FailureKind
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus, StageCount, WorkerStats
from pipeline.records import Slot, SlotKind
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
    image=Path("out.work/images/slide-002.png"),
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
        "image": "out.work/images/slide-002.png",
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
    assert skipped["attempts"] == skipped["cost_usd"] == 0


def test_the_words_for_a_status_are_fixed():
    assert {status.value for status in RunStatus} == {"success", "partial", "failed", "nothing_to_do"}
    assert {status.value for status in SlideStatus} == {"illustrated", "skipped", "failed", "placeholder"}
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


def test_a_plan_says_what_each_slide_gets_and_costs():
    plans = (plan(2, slot=None, reason="hidden slide"), plan(3), plan(4))
    data = json.loads(plan_json(plans, (0.01, 0.02), Path("deck.pptx"), offline=False))
    assert list(data) == ["input", "offline", "planned", "cost_usd", "slides"]
    assert (data["planned"], data["cost_usd"], data["offline"]) == (2, 0.03, False)
    assert [list(slide) for slide in data["slides"]] == [
        ["number", "title", "status", "reason", "slot", "cost_usd"],
    ] * 3
    assert [slide["status"] for slide in data["slides"]] == ["skipped", "planned", "planned"]
    assert [slide["cost_usd"] for slide in data["slides"]] == [0, 0.01, 0.02]
    assert data["slides"][0]["slot"] is None


def test_a_price_that_is_not_known_makes_the_sum_unknown():
    data = json.loads(plan_json((plan(2), plan(3)), (0.01, None), Path("deck.pptx"), offline=False))
    assert data["cost_usd"] is None
    assert [slide["cost_usd"] for slide in data["slides"]] == [0.01, None]
