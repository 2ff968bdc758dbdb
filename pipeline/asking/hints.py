"""What the headers of an answer say: when the service may be asked again, how much it still answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.records import Allowance

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
