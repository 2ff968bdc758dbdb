"""The history as JSON: whole, with the fields that programs were promised."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.records.history import StatRow
from pipeline.reporting.history_json import attempts_json, forgotten_json, run_json, runs_json, stats_json
from pipeline.reporting.history_rows import ToldRun
from tests.unit.reporting.past import ALL, DRAWN, GONE, KITE, RUN, UNENDED, slide

_RUN = "id state deck deck_hash output lock user project host pid created finished exit_code planned illustrated failed"
_SLIDE = "run_id number title status reason prompt alt_text provider model image_hash cost_usd saved_usd"
_ATTEMPT = (
    "id run_id slide_number kind service model request_key prompt parameters state error_kind error response"
    " reserved_usd cost_usd may_be_charged continues batch created finished seconds"
)
_RESPONSE = "format width_px height_px bytes hash tokens_read tokens_written"
_STAT = "day service model images success_rate median_s cost_usd maybe_usd"


def test_runs():
    first, second = json.loads(runs_json([replace(RUN, cost_usd=0.1 + 0.2), UNENDED]))["runs"]
    assert first.keys() >= {*_RUN.split(), "message", "cost_usd", "maybe_usd"}
    assert (first["state"], first["created"], first["cost_usd"]) == ("partial", "2026-11-08T02:14:03+00:00", 0.3)
    assert (second["finished"], second["exit_code"]) == (None, None)


def test_attempts_with_their_parameters_and_answers():
    (found,) = json.loads(attempts_json([replace(DRAWN, parameters={"size": "1536x1024"}, prompt="long " * 99)]))[
        "attempts"
    ]
    assert found.keys() >= set(_ATTEMPT.split())
    assert found["response"].keys() >= set(_RESPONSE.split())
    assert found["parameters"] == {"size": "1536x1024"}
    assert found["prompt"] == "long " * 99
    assert (found["kind"], found["response"]["hash"]) == ("image", KITE)


def test_a_run_with_all_that_belongs_to_it():
    slides = (slide(1, image_hash=KITE), slide(2, image_hash=GONE), slide(3))
    path = Path("/store") / f"{KITE}.png"
    found = json.loads(run_json(ToldRun(run=RUN, slides=slides, attempts=ALL, pictures={KITE: path})))
    assert found["run"]["id"] == RUN.id
    assert found["slides"][0].keys() >= set(_SLIDE.split())
    assert [one["picture"] for one in found["slides"]] == [str(path), None, None]
    assert [one["picture"] for one in found["attempts"]] == [str(path), None, None, None, None]


def test_stats_and_what_was_forgotten():
    row = StatRow(
        day=date(2026, 11, 8),
        service="openai",
        model="gpt-image-2",
        images=2,
        success_rate=2 / 3,
        median_s=8.23456,
        cost_usd=0.1,
        maybe_usd=0.0,
    )
    (found,) = json.loads(stats_json([row]))["stats"]
    assert found.keys() >= set(_STAT.split())
    assert (found["day"], found["success_rate"], found["median_s"]) == ("2026-11-08", 0.667, 8.235)
    assert json.loads(forgotten_json(3, "90d")) == {"forgotten_runs": 3, "older_than": "90d"}
