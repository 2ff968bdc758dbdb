"""Cron expressions mean what cron means by them, in every time zone, on the two nights when clocks are set too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.cron import CronTimes, checked_cron, checked_timezone

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def next_times(cron: str, zone: str, after: str, count: int = 3) -> list[str]:
    """As the clocks there show them, with their offset."""
    times, when = CronTimes(cron, zone), utc(after)
    found = []
    for _ in range(count):
        when = times.after(when)
        found.append(f"{times.shown(when):%a %m-%d %H:%M%z}")
    return found


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN", "*/7"])
def test_sunday_has_every_name_cron_gives_it(sunday):
    assert next_times(f"0 2 * * {sunday}", "UTC", "2026-11-20", 2) == ["Sun 11-22 02:00+0000", "Sun 11-29 02:00+0000"]


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("1", ["Mon"]),
        ("6", ["Sat"]),
        ("1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("mon-fri", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("5-7", ["Fri", "Sat", "Sun"]),
        ("sun-tue", ["Sun", "Mon", "Tue"]),
        ("*/2", ["Tue", "Thu", "Sat", "Sun"]),
        ("wed,1", ["Mon", "Wed"]),
    ],
)
def test_weekdays_are_counted_from_sunday(weekday, days):
    week = next_times(f"0 2 * * {weekday}", "UTC", "2026-11-22T12:00", 7)
    assert {day.split()[0] for day in week} == set(days)


def test_a_day_and_a_weekday_either_is_enough():
    assert next_times("0 2 13 * fri", "UTC", "2026-11-01", 4) == [
        "Fri 11-06 02:00+0000",
        "Fri 11-13 02:00+0000",
        "Fri 11-20 02:00+0000",
        "Fri 11-27 02:00+0000",
    ]
    assert next_times("0 2 1 * fri", "UTC", "2026-11-28", 1) == ["Tue 12-01 02:00+0000"]


def test_months_have_names_and_steps():
    assert next_times("30 6 1 jan-jun/2 *", "UTC", "2026-11-01", 4) == [
        "Fri 01-01 06:30+0000",
        "Mon 03-01 06:30+0000",
        "Sat 05-01 06:30+0000",
        "Sat 01-01 06:30+0000",
    ]


def test_a_time_that_is_left_out_in_spring_is_due_when_the_gap_is_over():
    assert next_times("30 2 * * *", BERLIN, "2026-03-28T12:00", 2) == ["Sun 03-29 03:00+0200", "Mon 03-30 02:30+0200"]
    assert next_times("0 2,3 * * *", BERLIN, "2026-03-28T12:00", 2) == ["Sun 03-29 03:00+0200", "Mon 03-30 02:00+0200"]


def test_a_time_that_comes_twice_in_autumn_is_due_once():
    assert next_times("30 2 * * *", BERLIN, "2026-10-24T12:00", 2) == ["Sun 10-25 02:30+0200", "Mon 10-26 02:30+0100"]
    for inside in ("2026-10-25T00:31", "2026-10-25T01:10", "2026-10-25T01:40"):  # from the first 02:31 on
        assert next_times("30 2 * * *", BERLIN, inside, 1) == ["Mon 10-26 02:30+0100"]


def test_every_half_hour_goes_on_through_both_nights():
    for after, to in (("2026-03-28T22:00", "2026-03-29T04:00"), ("2026-10-24T22:00", "2026-10-25T04:00")):
        times, when, found = CronTimes("*/30 * * * *", BERLIN), utc(after), []
        while (when := times.after(when)) <= utc(to):
            found.append(when)
        assert len(found) == 12
        assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Kathmandu", "+0545"), ("America/St_Johns", "-0330"), ("Pacific/Apia", "+1300"), ("UTC", "+0000")],
)
def test_the_time_is_that_of_the_zone(zone, offset):
    (found,) = next_times("15 4 * * *", zone, "2026-11-20", 1)
    assert found.endswith(f"04:15{offset}")


@given(
    cron=st.sampled_from(["0 2 * * *", "30 2 * * *", "*/20 * * * *", "10,50 0-3 * * *", "0 */2 * * *", "5 3 * * 0"]),
    zone=st.sampled_from([BERLIN, "America/New_York", "America/Havana", "Asia/Beirut", "UTC"]),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),  # noqa: DTZ001
)
def test_the_next_time_is_later_and_no_time_is_left_out(cron, zone, moment):
    times = CronTimes(cron, zone)
    due = times.after(moment)
    assert due > moment
    half_way = moment + (due - moment) / 2
    assert times.after(half_way) == due
    assert times.shown(due).tzinfo == ZoneInfo(zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "@daily",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * fri-mon",
        "*/0 * * * *",
        "5-1 * * * *",
        "1,,2 * * * *",
        "- * * * *",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "* * L * *",
        "* * * * 5L",
        "* * * * 5#2",
        "* * * * 5L/2",
        "* * * foo *",
        "٣ * * * *",
        "* " * 200,
        "9" * 150 + " * * * *",
    ],
)
def test_what_is_no_time_is_refused_in_words(text):
    with pytest.raises(ValueError, match="cron") as caught:
        checked_cron(text)
    assert "for example '0 2 * * mon-fri'" in str(caught.value)


@given(text=st.text(alphabet="0123456789*/,-#LWmonjasufri ?", max_size=25))
def test_whatever_is_written_is_a_time_or_refused(text):
    try:
        times = CronTimes(text, BERLIN)
    except ValueError as error:
        assert "cron" in str(error)  # noqa: PT017 - either is right
    else:
        assert times.after(utc("2026-11-20")) > utc("2026-11-20")


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Berlln", "/etc/passwd", "../UTC", "a\0b", "CEST+2", "🕑"])
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(ValueError, match="no time zone"):
        checked_timezone(name)


def test_a_misspelt_time_zone_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r"did you mean Europe/Berlin\?"):
        checked_timezone("Europe/Berlln")
