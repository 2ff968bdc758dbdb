"""What an answer says it cost is read in whatever way it says it."""

from __future__ import annotations

import pytest

from pipeline.asking.costs import reported_usd
from pipeline.services.models import Price


@pytest.mark.parametrize(
    ("answers", "usd"),
    [([{"n": 8}], 0.04), ([{"n": "8"}], 0.04), ([{}, {"n": 8}], 0.04), ([{"n": 0}, {"n": 8}], 0.0), ([{}], None)]
    + [([{"n": bad}], None) for bad in (True, "much", [], {}, -1, float("inf"), float("nan"), 10**400)],
)
def test_what_answers_report_is_counted_in_the_units_of_the_service(answers, usd):
    assert reported_usd(Price.model_validate({"reported": "n", "reported_usd": 0.005}), *answers) == usd


def test_where_the_catalog_says_nowhere_nothing_is_read():
    assert reported_usd(None, {"usd": 1}) is reported_usd(Price(), {"usd": 1}) is None
