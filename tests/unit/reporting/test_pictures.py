"""Pictures without a deck are told with their files and prices, and those there are not with their reasons."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.errors import ExitCode, FailedCall, FailureKind
from pipeline.reporting.failures import refusal_json
from pipeline.reporting.pictures import describe_failures, describe_pictures, pictures_json
from pipeline.reporting.rows import PictureRow, PicturesReport

CALL = FailedCall(service="beta", model="two", kind=FailureKind.POLICY, message="no", cost_usd=0.01)
MADE = PictureRow(number=1, path=Path("x-1.png"), provider="alpha", model="one", cost_usd=0.25, failed_calls=(CALL,))
DRAWN = PictureRow(number=2, path=Path("x-2.png"), provider="offline", cost_usd=0.0)
NONE = PictureRow(number=3, cost_usd=0.01, problem="Beta: no", failed_calls=(CALL,))


def report(*rows):
    return PicturesReport(exit_code=ExitCode.PARTIAL, prompt="a kite", rows=rows)


def test_people_read_path_model_and_cost():
    lines = [line.split() for line in describe_pictures(report(MADE, DRAWN, NONE)).splitlines()]
    assert lines == [["x-1.png", "alpha/one", "$0.25"], ["x-2.png", "offline", "$0"]]
    assert list(describe_failures(report(MADE, DRAWN, NONE))) == ["picture 3: Beta: no"]
    assert describe_pictures(report(NONE)) == ""
    assert list(describe_failures(report(NONE))) == ["no picture: Beta: no"]


def test_programs_read_the_same():
    found = json.loads(pictures_json(report(MADE, DRAWN, NONE)))
    assert (found["exit_code"], found["prompt"], found["cost_usd"]) == (20, "a kite", 0.26)
    assert [row["path"] for row in found["pictures"]] == ["x-1.png", "x-2.png", None]
    expected = {"provider": "beta", "model": "two", "kind": "policy", "message": "no", "cost_usd": 0.01}
    assert found["pictures"][2]["failed_calls"] == [expected]


def test_a_price_that_is_not_known_makes_the_whole_unknown():
    unknown = PictureRow(number=1, path=Path("x.png"), provider="alpha", model="one")
    assert json.loads(pictures_json(report(unknown, MADE)))["cost_usd"] is None
    assert "$?" in describe_pictures(report(unknown))


def test_a_command_that_could_not_begin_says_so():
    assert json.loads(refusal_json("no", ExitCode.USAGE)) == {"status": "failed", "exit_code": 2, "message": "no"}
