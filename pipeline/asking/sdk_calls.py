"""Calls through an official SDK: whatever it raises is told as the failure of a service. Anthropic's and OpenAI's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import httpx2

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import may_have_arrived
from pipeline.errors import FailureKind, ServiceError


@contextmanager
def judged(
    sdk: ModuleType,
    judge: Judge,
    timeout_s: float,
    *,
    is_order: bool,
    refusal: Callable[[Answer], ServiceError] | None = None,
) -> Iterator[None]:
    """Raises ServiceError for what `sdk` raises inside.

    `sdk` is `anthropic` or `openai`, whose exceptions have the same names. `is_order`: the call asks for what is paid
    for, so that it may be charged where its answer is lost. `refusal` says what an answer of status 300 or more means,
    by default the judge.
    """
    try:
        yield
    except sdk.APIStatusError as error:
        answer = Answer.of(error.status_code, error.response.headers, error.response.content)
        raise (refusal or judge.refusal_in)(answer) from None  # whose text quotes the answer, and that perhaps the key
    except (sdk.APITimeoutError, httpx2.TimeoutException) as error:
        problem, is_lost = f"no answer within {timeout_s:.0f} s", is_order and may_have_arrived(error)
        raise judge.failure(FailureKind.TRANSIENT, problem, may_be_charged=is_lost) from error
    except (sdk.APIError, httpx2.HTTPError, ValueError) as error:
        problem = str(error) or type(error).__name__
        # Text that has no UTF-8 fails before anything is sent.
        is_lost = is_order and may_have_arrived(error) and not isinstance(error, UnicodeEncodeError)
        raise judge.failure(FailureKind.TRANSIENT, problem, may_be_charged=is_lost) from error
