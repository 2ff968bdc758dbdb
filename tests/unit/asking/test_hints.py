"""Retry-After and what is left of an allowance read the same for every HTTP service."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asking.hints import allowance_of, retry_after_s
from pipeline.records import Allowance

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "17"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "17"}, 17),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 13:00:30 +0100"}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_the_hint_is_read_in_every_spelling(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


@given(st.text(max_size=40) | st.from_regex(r"\w{3}, \d{1,4} Nov \d{1,5} \d\d:\d\d:\d\d [+-]?\w{1,6}", fullmatch=True))
def test_whatever_a_server_sends_is_a_wait_or_nothing(hint):
    seconds = retry_after_s({"retry-after": hint}, NOW)
    assert seconds is None or seconds >= 0


def openai_headers(left, reset):
    return {"x-ratelimit-remaining-requests": left, "x-ratelimit-reset-requests": reset}


def anthropic_headers(left, reset):
    return {"anthropic-ratelimit-requests-remaining": left, "anthropic-ratelimit-requests-reset": reset}


def common_headers(left, reset):
    return {"x-ratelimit-remaining": left, "x-ratelimit-reset": reset}


@pytest.mark.parametrize(
    ("headers", "left", "reset_s"),
    [
        (openai_headers("59", "1s"), 59, 1),
        (openai_headers("0", "6m0s"), 0, 360),
        (openai_headers("3", "480ms"), 3, 0.48),
        (openai_headers("3", "1h2m3.5s"), 3, 3723.5),
        (anthropic_headers("49", "2026-11-20T12:00:30Z"), 49, 30),
        (anthropic_headers("0", "2026-11-20T13:00:30.5+01:00"), 0, 30.5),
        (anthropic_headers("0", "2026-11-20T11:00:00Z"), 0, 0),
        (common_headers("7", "30"), 7, 30),
        (common_headers("7", f"{NOW.timestamp() + 30:.0f}"), 7, 30),
        (common_headers("7", f"{NOW.timestamp() * 1000 + 30_500:.0f}"), 7, 30.5),
        (common_headers("0", f"{NOW.timestamp() - 30:.0f}"), 0, 0),
        ({"ratelimit-limit": "10", "ratelimit-remaining": "2", "ratelimit-reset": "50"}, 2, 50),
        ({"ratelimit": '"default";r=50;t=30'}, 50, 30),
        ({"ratelimit": '"perminute";r=5;t=12, "daily"; r=1; t=3600'}, 1, 3600),
    ],
)
def test_what_is_left_is_read_in_every_spelling(headers, left, reset_s):
    assert allowance_of(headers, NOW) == Allowance(remaining=left, reset_s=pytest.approx(reset_s))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining-requests": "0"},
        {"x-ratelimit-reset-requests": "1s"},
        openai_headers("none", "1s"),
        openai_headers("-1", "1s"),
        openai_headers("1", "soon"),
        openai_headers("1", "1s later"),
        openai_headers("1", ""),
        {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"},
        {"ratelimit": '"default";r=50'},
        {"ratelimit": "limit=10"},
    ],
)
def test_headers_that_do_not_say_what_is_left_of_the_requests_say_nothing(headers):
    assert allowance_of(headers, NOW) is None


def test_of_several_limits_the_tightest_counts_and_of_equal_ones_the_longest():
    headers = openai_headers("5", "1s") | anthropic_headers("2", "2026-11-20T12:00:10Z") | common_headers("9", "60")
    assert allowance_of(headers, NOW) == Allowance(remaining=2, reset_s=10)
    headers = openai_headers("0", "1s") | common_headers("0", "60")
    assert allowance_of(headers, NOW) == Allowance(remaining=0, reset_s=60)


@given(
    st.text(max_size=30) | st.from_regex(r"\d{1,400}", fullmatch=True), st.text(max_size=30) | st.datetimes().map(str)
)
def test_whatever_a_server_sends_is_an_allowance_or_nothing(left, reset):
    for headers in (openai_headers(left, reset), common_headers(left, left), {"ratelimit": f"x;r={left};t={left}"}):
        allowance = allowance_of(headers, NOW)
        assert allowance is None or (allowance.remaining >= 0 and 0 <= allowance.reset_s < float("inf"))
