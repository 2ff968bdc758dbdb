"""The JSON of many decks is a promise to other programs: these names, these types, nothing less."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport, RunStatus
from pipeline.reporting.decks_json import decks_json, outcome_json
from tests.unit.reporting.many_decks import DONE, FAILED, MIXED, NONE, NOTHING, PARTIAL, WAITING, deck


def test_the_report_has_exactly_these_fields():
    data = json.loads(decks_json(replace(MIXED, seconds=1.23456)))
    assert [one["input"] for one in data.pop("decks")] == [one.input for one in MIXED.decks]
    assert data == {
        "exit_code": 4,
        "status": "failed",
        "message": "",
        "seconds": 1.235,
        "totals": {
            "decks": {"failed": 1, "partial": 1, "waiting": 1, "success": 1, "nothing_to_do": 1},
            "slides": {"planned": 36, "illustrated": 22, "skipped": 8, "failed": 2},
            "cost_usd": 1.128,
            "saved_usd": 0.2,
            "maybe_usd": 0.04,
        },
    }


def test_a_deck_has_exactly_these_fields_of_plain_types():
    told = outcome_json(replace(PARTIAL, cost_usd=0.1234567891, seconds=1.00049))
    assert told == {
        "input": "/in/sales/half.pptx",
        "output": "/out/sales/half.pptx",
        "status": "partial",
        "exit_code": 20,
        "message": "",
        "run_id": "20261121-120000-ab12",
        "planned": 12,
        "illustrated": 10,
        "skipped": 2,
        "failed": 2,
        "cost_usd": 0.123457,
        "saved_usd": 0.2,
        "maybe_usd": 0.04,
        "seconds": 1.0,
        "errors": ["slide 4: policy: refused", "slide 9: no answer"],
    }
    assert {type(value) for value in told.values()} == {str, int, float, list}
    assert outcome_json(FAILED)["output"] is None


@pytest.mark.parametrize(
    ("decks", "stopped", "status"),
    [
        ((DONE, NOTHING), None, RunStatus.SUCCESS),
        ((NOTHING,), None, RunStatus.NOTHING_TO_DO),
        ((DONE, WAITING), None, RunStatus.WAITING),
        ((WAITING, PARTIAL), None, RunStatus.PARTIAL),
        ((DONE, PARTIAL, FAILED), None, RunStatus.FAILED),
        ((DONE,), ExitCode.INTERRUPTED, RunStatus.FAILED),
    ],
)
def test_the_status_is_that_of_the_exit_code(decks, stopped, status):
    report = DecksReport(decks=decks, seconds=1.0, stopped=stopped)
    data = json.loads(decks_json(report))
    assert (data["status"], data["exit_code"]) == (status.value, int(report.exit_code))


def test_no_deck_is_a_report_too():
    data = json.loads(decks_json(replace(NONE, message="in/: is empty")))
    assert (data["status"], data["exit_code"], data["message"], data["decks"]) == (
        "nothing_to_do",
        3,
        "in/: is empty",
        [],
    )
    assert set(data["totals"]["decks"].values()) == {0}


def test_any_name_comes_back_as_it_was():
    name = 'caf\udce9 "\u2028מצגת.pptx'
    text = decks_json(DecksReport(decks=(deck(name),), seconds=1.0))
    assert text.isascii()
    assert json.loads(text)["decks"][0]["input"] == f"/in/{name}"
