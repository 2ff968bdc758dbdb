"""The table of models fits a wide terminal, and says the same as its JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta

from pipeline.config.loader import load_configuration
from pipeline.reporting.models_table import describe_models, describe_refresh, models_json, refresh_json
from pipeline.reporting.rows import ModelList, ModelRow, ModelState, RefreshRow
from pipeline.runs.services.looking_round import list_models
from pipeline.services.models import Shapes
from tests.clocks import ManualClock

DRAWER = ModelRow(
    service="alpha",
    id="maker/one",
    type="image",
    state=ModelState.AVAILABLE_SHARED,
    is_default=True,
    usd=0.0047,
    shapes=Shapes(ratios=("1:1", "16:9"), resolutions={"4K": 16_777_216, "1K": 1_048_576}),
    qualities=("low", "high", "auto"),
    retires=date(2026, 12, 1),
)
WRITER = ModelRow(service="alpha", id="two", type="text", state=ModelState.NO_ACCESS, usd_read=0.1, usd_written=0.5)
HEARD = ModelRow(service="beta", id="three", type="", state=ModelState.LISTED)
ALL = ModelList(rows=(DRAWER, WRITER, HEARD), others=("beta",), ages={"beta": timedelta(hours=2)})


def cells(name):
    return next(line for line in describe_models(ALL).splitlines() if line.startswith(name)).split()


def test_a_row_says_what_there_is_to_know():
    expected = ["alpha/maker/one", "*", "image", "0.0047", "2", "ratios,", "4K", "low-high", "shared"]
    assert cells("alpha/maker/one") == [*expected, "2026-12-01"]
    assert cells("alpha/two") == ["alpha/two", "text", "0.1/0.5", "no", "access"]
    assert cells("beta/three") == ["beta/three", "?", "?", "listed"]


def test_sizes_are_told_by_their_number_and_free_ones_by_their_bound():
    sizes = Shapes(sizes=["1024x1024", "512x512"])
    free = Shapes.model_validate({"free": {"max_pixels": 4_000_000, "max_edge": 2560}})
    rows = tuple(
        ModelRow(service="alpha", id=f"m{number}", type="image", state=ModelState.LISTED, shapes=shapes)
        for number, shapes in enumerate((sizes, free))
    )
    text = describe_models(ModelList(rows=rows, others=(), ages={}))
    assert "2 sizes" in text
    assert "to 2560 px" in text


def test_what_the_table_does_not_show_is_told_below_it():
    text = describe_models(ALL)
    assert "beta." in text
    assert "beta was asked for its list 2 hours ago" in text


def test_no_model_is_no_table():
    assert describe_models(ModelList(rows=(), others=(), ages={})).startswith("No such model")


def test_the_shipped_catalog_fits_120_columns():
    lines = describe_models(list_models(load_configuration(None, {}, {}), None, None, ManualClock())).splitlines()
    assert len(lines) > 40
    assert max(map(len, lines)) <= 120


def test_json_says_the_same_with_null_for_what_is_not_known():
    found = json.loads(models_json(ALL))
    drawer, writer, heard = found["models"]
    assert (drawer["model"], drawer["usd"], drawer["retires"], drawer["default"]) == (
        "alpha/maker/one",
        0.0047,
        "2026-12-01",
        True,
    )
    assert drawer["shapes"] == {"ratios": ["1:1", "16:9"], "resolutions": {"4K": 16_777_216, "1K": 1_048_576}}
    assert writer["usd_per_million_tokens"] == {"read": 0.1, "written": 0.5}
    assert (heard["type"], heard["usd"], heard["state"], heard["shapes"]) == (None, None, "listed", None)
    assert found["any_other_model_of"] == ["beta"]
    assert found["refreshed_s_ago"] == {"beta": 7200}


def test_a_refresh_says_what_was_heard_when_and_what_was_not():
    fresh = RefreshRow(service="alpha", models=3, prices=2, shutdowns=1, age=timedelta(0), was_asked=True)
    kept = RefreshRow(service="beta", models=1, age=timedelta(hours=3))
    bad = RefreshRow(service="gamma", problem="not asked: set GAMMA_API_KEY")
    lines = describe_refresh([fresh, kept, bad]).splitlines()
    assert lines[0] == "alpha: 3 models, 2 with a price, 1 with a shutdown date"
    assert "asked 3 hours ago, not again" in lines[1]
    assert lines[2] == "gamma: not asked: set GAMMA_API_KEY"
    found = json.loads(refresh_json([fresh, kept, bad], 6))
    assert found["exit_code"] == 6
    assert [row["age_s"] for row in found["services"]] == [0, 10_800, None]
    assert [row["was_asked"] for row in found["services"]] == [True, False, False]
