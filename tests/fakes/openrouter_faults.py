"""What OpenRouter says when something is wrong, for `server.faults`. Bodies: providers.md section 4."""

from __future__ import annotations

import time
from collections.abc import Mapping

from tests.fakes.faults import Fault
from tests.fakes.revising import revised
from tests.fakes.wire import Exchange, Json, Reply


def error(
    status: int, message: str, *, metadata: Json | None = None, headers: Mapping[str, str] | None = None
) -> Fault:
    """Any error of this service."""
    inner: Json = {"code": status, "message": message}
    if metadata is not None:
        inner["metadata"] = metadata
    return lambda _: Reply.of_json({"error": inner, "user_id": "user_fake"}, status=status, headers=headers)


def bad_key() -> Fault:
    return error(401, "User not found.")


def no_credit() -> Fault:
    return error(402, "Insufficient credits. Add more using https://openrouter.ai/credits")


def rate_limited(seconds: float = 5.0) -> Fault:
    """The moment the limit resets, in Unix milliseconds, in the headers and once more in the body."""
    return _limited(seconds, in_headers=True)


def rate_limited_in_body(seconds: float = 5.0) -> Fault:
    """The same hint where only the body has it."""
    return _limited(seconds, in_headers=False)


def rate_limited_upstream() -> Fault:
    """The provider behind the model is busy, and nobody says for how long."""
    raw = "The model is temporarily rate-limited upstream. Please retry shortly."
    return error(429, "Provider returned error", metadata={"raw": raw, "provider_name": "Google"})


def policy_refusal() -> Fault:
    metadata = {"reasons": ["violence"], "flagged_input": "A quiet...", "provider_name": "OpenAI", "model_slug": "m"}
    return error(403, "Your chosen model requires moderation and your input was flagged", metadata=metadata)


def bad_parameter() -> Fault:
    return error(400, "Invalid input at quality: expected one of low, high")


def retired_model() -> Fault:
    return error(404, "No endpoints found for this model.")


def server_error(status: int = 502) -> Fault:
    """502: the provider's error; 529: the provider is overloaded; 500 and 524 are OpenRouter's own."""
    return error(status, "Provider returned error", metadata={"provider_name": "Google", "raw": "upstream error"})


def without_image() -> Fault:
    """Status 200, fewer pictures than asked for: none."""
    return revised(lambda content: content | {"data": []})


def garbage() -> Fault:
    """Status 200, JSON, and nothing in it that this service is known to say."""
    return lambda _: Reply.of_json({"created": "yesterday", "data": {"b64_json": 7}})


def _limited(seconds: float, *, in_headers: bool) -> Fault:
    def strike(exchange: Exchange) -> Reply | None:
        moment_ms = int((time.time() + seconds) * 1000)  # counted from when the fault strikes
        hints = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(moment_ms)}
        fault = error(429, "Rate limit exceeded", metadata={"headers": hints}, headers=hints if in_headers else None)
        return fault(exchange)

    return strike
