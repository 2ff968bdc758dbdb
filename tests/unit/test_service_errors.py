"""Status codes and Retry-After read the same for every HTTP service."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FailureKind
from pipeline.service_errors import kind_of_status, retry_after_s

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ((401, 403), FailureKind.AUTH),
        ((402,), FailureKind.BILLING),
        ((429,), FailureKind.RATE),
        ((408, 409, 425, 500, 502, 503, 504, 520, 529), FailureKind.TRANSIENT),
        ((400, 404, 405, 413, 415, 422), FailureKind.BAD_PARAMETER),
    ],
)
def test_a_status_says_what_may_be_done(statuses, kind):
    assert {kind_of_status(status) for status in statuses} == {kind}


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
