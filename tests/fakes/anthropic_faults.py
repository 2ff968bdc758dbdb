"""What the Anthropic API says when something is wrong, ready for `server.faults`. Bodies: providers.md section 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.fakes.anthropic_server import ERROR_TYPES, request_id
from tests.fakes.faults import Fault, retry_headers
from tests.fakes.wire import Exchange, Json, Reply


def error(
    status: int, message: str, *, error_code: str | None = None, headers: dict[str, str] | None = None, kind: str = ""
) -> Fault:
    """Any error of this service; `kind` where the status alone does not tell its type."""
    inner: Json = {"type": kind or ERROR_TYPES.get(status, "api_error"), "message": message}
    if error_code is not None:
        inner["details"] = {"error_code": error_code}
    identity = request_id(message)
    body = {"type": "error", "error": inner, "request_id": identity["request-id"]}
    return lambda _: Reply.of_json(body, status=status, headers=identity | (headers or {}))


def bad_key() -> Fault:
    return error(401, "invalid bearer token")


def forbidden() -> Fault:
    return error(403, "Your API key does not have permission to use the specified resource.")


def payment_required(error_code: str = "linked_organization_spend_limit_reached") -> Fault:
    return error(402, "The linked organization cannot be billed.", error_code=error_code)


def credit_too_low() -> Fault:
    """An empty prepaid account, reported as a 400 and told from others by its words alone."""
    return error(400, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.")


def spend_limit_reached(error_code: str = "enforced_spend_limit_reached") -> Fault:
    """A 429 that no waiting cures."""
    return error(429, "You have reached your specified API usage limits.", error_code=error_code)


def rate_limited(
    retry_after: str | None = None, retry_after_ms: str | None = None, *, error_code: str | None = None
) -> Fault:
    headers = retry_headers(retry_after, retry_after_ms)
    return error(429, "This request would exceed your rate limit.", error_code=error_code, headers=headers)


def server_error() -> Fault:
    return error(500, "Internal server error")


def unavailable(retry_after: str | None = None) -> Fault:
    return error(503, "Service unavailable", headers=retry_headers(retry_after, None))


def overloaded() -> Fault:
    return error(529, "Overloaded")


def refusal(category: str | None = "general_harms") -> Fault:
    """The model declines: status 200, stop_reason "refusal", no text."""
    details = {"type": "refusal", "category": category, "explanation": "The request was declined."}
    return _changed(lambda m: m | {"content": [], "stop_reason": "refusal", "stop_details": details})


def cut_off() -> Fault:
    """max_tokens reached in mid-answer: half of the text, which is not JSON any more."""
    return _changed(
        lambda m: m | {"content": _with_text(m, lambda text: text[: len(text) // 2]), "stop_reason": "max_tokens"}
    )


def answering(text: str) -> Fault:
    """The answer's whole text, of the tester's choosing."""
    return _changed(lambda m: m | {"content": _with_text(m, lambda _: text)})


def answering_with(**values: Any) -> Fault:
    """The usual structured answer with some of its properties replaced."""

    def revised(text: str) -> str:
        return json.dumps(json.loads(text) | values, ensure_ascii=False)

    return _changed(lambda m: m | {"content": _with_text(m, revised)})


def _changed(change: Callable[[Json], Json]) -> Fault:
    """The good answer, changed; a request the service refuses stays refused."""

    def strike(exchange: Exchange) -> Reply:
        reply = exchange.answer()
        return replace(reply, body=json.dumps(change(reply.json()), ensure_ascii=False).encode())

    return strike


def _with_text(message: Json, change: Callable[[str], str]) -> list[Json]:
    return [b | {"text": change(b["text"])} if b["type"] == "text" else b for b in message["content"]]
