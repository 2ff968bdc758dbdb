"""Columns stand in line, prices and ages are as long as they need be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.reporting.tables import ago, aligned, dollars


def test_columns_are_as_wide_as_what_stands_in_them():
    rows = [("a", "1", "end"), ("bcd", "22", "")]
    assert aligned(rows, right=(1,)) == ["a     1  end", "bcd  22"]


@pytest.mark.parametrize(
    ("usd", "told"),
    [(None, "?"), (0.0, "0"), (0.0047, "0.0047"), (0.16, "0.16"), (2.0, "2"), (10.0, "10"), (0.00004, "0")],
)
def test_dollars(usd, told):
    assert dollars(usd) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (200_000, "2 days ago")],
)
def test_ages(seconds, told):
    assert ago(timedelta(seconds=seconds)) == told
