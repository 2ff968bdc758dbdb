"""What an SDK raises, told as the failure of a service: of what kind, and whether it may be charged all the same."""

from __future__ import annotations

import anthropic
import httpx2
import openai
import pytest

from pipeline.asking.sdk_calls import judged
from pipeline.errors import FailureKind, ServiceError
from tests.unit.images.http.invented import KEY, judge

REQUEST = httpx2.Request("POST", "http://127.0.0.1/")
SDKS = (anthropic, openai)


def raised(sdk, error, cause=None, **more):
    with pytest.raises(ServiceError) as caught, judged(sdk, judge(), 7.0, **{"is_order": True, **more}):
        raise error from cause
    return caught.value


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize(
    ("cause", "is_lost"),
    [
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout("slow"), False),
        (httpx2.ReadError("reset"), True),
        (httpx2.RemoteProtocolError("cut"), True),
    ],
)
def test_an_order_is_lost_only_where_it_was_sent(sdk, cause, is_lost):
    error = raised(sdk, sdk.APIConnectionError(request=REQUEST), cause)
    assert (error.kind, error.may_be_charged) == (FailureKind.TRANSIENT, is_lost)
    assert not raised(sdk, sdk.APIConnectionError(request=REQUEST), cause, is_order=False).may_be_charged


@pytest.mark.parametrize("sdk", SDKS)
def test_time_that_is_up_is_told_in_seconds(sdk):
    for error in (sdk.APITimeoutError(REQUEST), httpx2.ReadTimeout("", request=REQUEST)):
        told = raised(sdk, error)
        assert "no answer within 7 s" in str(told)
        assert told.may_be_charged


@pytest.mark.parametrize("sdk", SDKS)
def test_a_refusal_is_judged_and_nothing_of_the_key_is_left(sdk):
    response = httpx2.Response(401, json={"error": {"message": f"bad {KEY}"}}, request=REQUEST)
    refused = sdk.AuthenticationError(f"bad {KEY}", response=response, body=None)
    told = raised(sdk, refused)
    assert (told.kind, told.may_be_charged, told.__cause__) == (FailureKind.AUTH, False, None)
    assert KEY not in str(told)
    other = ServiceError(FailureKind.RATE, "said otherwise")
    assert raised(sdk, refused, refusal=lambda _: other) is other


def test_text_that_cannot_be_written_was_not_sent():
    error = UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
    assert not raised(openai, error).may_be_charged
    assert raised(openai, ValueError("no JSON")).may_be_charged


def test_what_is_no_failure_of_the_service_goes_through():
    with pytest.raises(KeyError), judged(openai, judge(), 7.0, is_order=True):
        raise KeyError
