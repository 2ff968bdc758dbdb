"""What every HTTP service says in the same way: how its status codes read, how long it asks to be left alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.errors import FailureKind

# Timeouts and conflicts pass; so does whatever is the server's own fault.
_PASSING = (408, 409, 425)


def kind_of_status(status: int) -> FailureKind:
    """What an HTTP status of 400 or more means where the service's own codes say nothing more exact."""
    if status in (401, 403):
        return FailureKind.AUTH
    if status == 402:
        return FailureKind.BILLING
    if status == 429:
        return FailureKind.RATE
    if status in _PASSING or status >= 500:
        return FailureKind.TRANSIENT
    return FailureKind.BAD_PARAMETER


def scrubbed(message: str, key: str) -> str:
    """A service's message as one line of at most 400 characters, without the key that some servers quote back."""
    return " ".join(message.replace(key, "***").split())[:400]


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
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None
