"""What every HTTP service says in the same way: what its status codes mean, when it may be asked again. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline.errors import FailureKind
from pipeline.records import Allowance

# Timeouts and conflicts pass; so does whatever is the server's own fault.
_PASSING = (408, 409, 425)
_LONGEST_MESSAGE = 400

# Where services say how many requests are left, and when there will be more: OpenAI and who copies it, Anthropic, most
# others, and the IETF's draft before it became one field (draft-ietf-httpapi-ratelimit-headers-06).
_ALLOWANCES = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
# The one field since: `RateLimit: "default";r=50;t=30, "daily";r=7;t=3600` (draft 10, section 4).
_LEFT = re.compile(r";\s*r=(\d{1,15})\b")
_RESET = re.compile(r";\s*t=(\d{1,15})\b")
# A duration as Go writes it: "1s", "6m0s", "480ms".
_DURATION = re.compile(r"(?:\d{1,15}(?:\.\d{1,15})?(?:h|ms|m|s|us|µs|ns)){1,9}")
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
# Numbers so great are moments, counted from 1970: in seconds (the year 2001), in milliseconds (1973).
_EPOCH_S, _EPOCH_MS = 1e9, 1e11


def kind_of_status(status: int) -> FailureKind:
    """What an HTTP status of 400 or more means where the service's own codes say nothing more exact."""
    if status in (401, 403):
        return FailureKind.AUTH
    if status == 402:
        return FailureKind.BILLING
    if status == 429:
        return FailureKind.RATE
    if status in (404, 410):
        return FailureKind.UNKNOWN_MODEL
    if status in _PASSING or status >= 500:
        return FailureKind.TRANSIENT
    return FailureKind.BAD_PARAMETER


def scrubbed(message: str, secrets: Iterable[str]) -> str:
    """A service's message as one line of at most 400 characters that can be shown.

    Without the `secrets`, which some servers quote back: every spelling of the key, the longest first.
    """
    for secret in secrets:
        message = message.replace(secret, "***")
    shown = "".join(letter if letter.isprintable() else " " for letter in message)
    return " ".join(shown.split())[:_LONGEST_MESSAGE]


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the next try is welcome: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.

    None where the headers say nothing that can be understood. `now` must be aware. (RFC 9110, section 10.2.3; the
    milliseconds are what the Anthropic and OpenAI services send to their own SDKs.)
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    hint = headers.get("retry-after")
    seconds = _number(hint)
    if seconds is not None or hint is None:
        return seconds
    try:
        moment = parsedate_to_datetime(hint)
    except (ValueError, OverflowError):
        return None
    return _seconds_until(moment, now)


def allowance_of(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """What an answer's headers say is left of the service's requests; where they name several limits, the tightest.

    None where they say nothing that can be understood. `headers` find names in any case, or hold them in lower case;
    `now` must be aware. Resets are read as Go durations, RFC 3339 moments, seconds, or epoch seconds or milliseconds
    (what OpenAI, Anthropic, the IETF's draft and OpenRouter send, in this order).
    """
    allowances = [*_paired(headers, now), *_listed(headers.get("ratelimit", ""))]
    return min(allowances, key=lambda allowance: (allowance.remaining, -allowance.reset_s), default=None)


def _paired(headers: Mapping[str, str], now: datetime) -> Iterator[Allowance]:
    for left_name, reset_name in _ALLOWANCES:
        left, reset_s = _number(headers.get(left_name)), _reset_s(headers.get(reset_name, ""), now)
        if left is not None and reset_s is not None:
            yield Allowance(remaining=int(left), reset_s=reset_s)


def _listed(field: str) -> Iterator[Allowance]:
    for policy in field.split(","):
        left, reset = _LEFT.search(policy), _RESET.search(policy)
        if left and reset:
            yield Allowance(remaining=int(left[1]), reset_s=float(reset[1]))


def _reset_s(text: str, now: datetime) -> float | None:
    """Seconds from now, in whatever way the moment is written."""
    number = _number(text)
    if number is not None:
        if number < _EPOCH_S:
            return number
        return max(0.0, (number / 1000 if number >= _EPOCH_MS else number) - now.timestamp())
    if _DURATION.fullmatch(text):
        return sum(float(count) * _UNITS_S[unit] for count, unit in _PART.findall(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _seconds_until(moment, now)


def _seconds_until(moment: datetime, now: datetime) -> float:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None


# What the words of OpenAI and of those that copy it mean, as `code` or `type` of an error (OpenAI, "Error codes"; those
# with "content" are Azure's). An empty account answers 429 like a rate limit does; only these tell them apart.
_OPENAI_WORDS = {
    FailureKind.BILLING: (
        *("insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded"),
        *("project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached"),
        "billing_not_active",
    ),
    FailureKind.POLICY: (
        *("moderation_blocked", "content_policy_violation", "contentFilter", "content_filter"),
        *("image_generation_user_error", "invalid_prompt"),
    ),
    FailureKind.UNKNOWN_MODEL: ("model_not_found",),
    FailureKind.AUTH: ("invalid_api_key",),
    FailureKind.RATE: ("rate_limit_exceeded", "slow_down"),
}
# Some say with a 400, and in words alone, that there is no such model (OpenRouter, LM Studio).
_NO_MODEL = re.compile(r"not a valid model|model\b.{0,200}(?:not found|does not exist)", re.IGNORECASE)


def kind_of_openai_error(status: int, error: Any) -> FailureKind:
    """What an error of OpenAI's API, or of a server that copies it, means: its words first, then its status.

    `error` is what stands under that name in the answer: an object, a text, or anything else that is no help.
    """
    said = error if isinstance(error, Mapping) else {"message": error}
    words = (said.get("code"), said.get("type"))
    for kind, known in _OPENAI_WORDS.items():
        if any(word in known for word in words):
            return kind
    metadata = said.get("metadata")
    # OpenRouter's 403 is a refused key or, with reasons, a refused prompt.
    if "moderation_details" in said or (isinstance(metadata, Mapping) and metadata.get("reasons")):
        return FailureKind.POLICY
    if status == 400 and _NO_MODEL.search(str(said.get("message"))):
        return FailureKind.UNKNOWN_MODEL
    return kind_of_status(status)
