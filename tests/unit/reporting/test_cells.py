"""Cells of tables: moments in local time, money with sense, sizes, texts that fit a line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from pipeline.reporting.cells import counted, cut, moment, money, size, time_of_day, took


@pytest.fixture
def in_new_york(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change a process's time zone")
@pytest.mark.usefixtures("in_new_york")
def test_moments_are_told_in_local_time():
    when = datetime(2026, 11, 8, 2, 14, 3, tzinfo=UTC)
    assert moment(when) == "2026-11-07 21:14"
    assert time_of_day(when) == "21:14:03"
    assert moment(None) == ""


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (-1, "0.0 s"),
        (8.24, "8.2 s"),
        (59.94, "59.9 s"),
        (59.97, "1 min 00 s"),
        (192, "3 min 12 s"),
        (3599.7, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_how_long_it_took(seconds, told):
    assert took(seconds) == told


@pytest.mark.parametrize(
    ("usd", "told"),
    [
        (None, "?"),
        (0.0, "$0.00"),
        (0.00004, "<$0.0001"),
        (0.0047, "$0.0047"),
        (0.05, "$0.05"),
        (0.5, "$0.50"),
        (0.99999, "$1.00"),
        (1.1, "$1.10"),
        (12.345, "$12.35"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_has_the_figures_that_count(usd, told):
    assert money(usd) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_960, "10 kB"),
        (999_600, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5_000_000_000, "5.0 GB"),
        (4_000_000_000_000_000, "4000 TB"),
    ],
)
def test_sizes(count, told):
    assert size(count) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a red kite", "a red kite"),
        ("a red  kite\nover", "a red kite…"),
        ("\x1b[2Jred\x07", "[2Jred"),
        ("", ""),
        ("红色的风筝在绿色的山谷上空", "红色的风筝在绿色的山…"),
    ],
)
def test_a_text_is_one_line_that_fits_and_moves_no_cursor(text, told):
    assert cut(text, 11) == told


def test_things_are_counted():
    assert [counted(1, "run"), counted(2, "run"), counted(1, "entry"), counted(1200, "entry")] == [
        "1 run",
        "2 runs",
        "1 entry",
        "1,200 entries",
    ]
