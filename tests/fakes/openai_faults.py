"""What the OpenAI Images API says when something is wrong, for `server.faults`. Bodies: providers.md section 2."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

from tests.fakes.faults import Fault, retry_headers
from tests.fakes.openai_server import DEFAULT_SIZE, service_headers
from tests.fakes.openai_sizes import parse_size
from tests.fakes.pictures import blank, picture
from tests.fakes.wire import Exchange, Json, Reply


def error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    headers: dict[str, str] | None = None,
    **extra: object,
) -> Fault:
    """Any error of this service; `extra` members stand beside message, type, param and code."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code} | extra}
    return lambda _: Reply.of_json(body, status=status, headers=service_headers(message) | (headers or {}))


def bad_key() -> Fault:
    return error(401, "Incorrect API key provided: sk-***.", code="invalid_api_key")


def forbidden() -> Fault:
    return error(403, "Your organization must be verified to use this model.")


def quota_exhausted(code: str = "credit_balance_exhausted") -> Fault:
    """A 429 that no waiting cures."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, message, kind="insufficient_quota", code=code)


def billing_hard_limit_reached() -> Fault:
    message = "Billing hard limit has been reached."
    return error(400, message, kind="billing_limit_user_error", code="billing_hard_limit_reached")


def no_credit() -> Fault:
    return quota_exhausted()


def rate_limited(
    retry_after: float | str | None = None, retry_after_ms: str | None = None, *, code: str = "rate_limit_exceeded"
) -> Fault:
    """`retry_after` in seconds, or as the header is to say it."""
    message = "Rate limit reached for images per minute."
    wait = f"{retry_after:g}" if isinstance(retry_after, (int, float)) else retry_after
    hints = retry_headers(wait, retry_after_ms)
    return error(429, message, kind="rate_limit_error", code=code, headers=hints)


def server_error(status: int = 500) -> Fault:
    message = "The server had an error while processing your request. Sorry about that!"
    return error(status, message, kind="server_error")


def overloaded(retry_after: str | None = None) -> Fault:
    headers = retry_headers(retry_after, None)
    return error(503, "The server is overloaded.", kind="server_error", code="server_is_overloaded", headers=headers)


def moderation_blocked(category: str = "violence", stage: str = "input") -> Fault:
    message = (
        "Your request was rejected by the safety system. If you believe this is an error, contact us at "
        f"help.openai.com and include the request ID. safety_violations=[{category}]."
    )
    details: Json = {"moderation_stage": stage, "categories": [category]}
    kind, code = "image_generation_user_error", "moderation_blocked"
    return error(400, message, kind=kind, code=code, moderation_details=details)


def policy_refusal() -> Fault:
    return moderation_blocked()


def bad_parameter() -> Fault:
    message = "Invalid value for 'quality': 'medium'. Supported values are: low, high."
    return error(400, message, code="invalid_value", param="quality")


def retired_model() -> Fault:
    return error(404, "The model has been deprecated.", code="model_not_found", param="model")


def garbage() -> Fault:
    """Status 200, JSON, and nothing in it that this service is known to say."""
    return lambda _: Reply.of_json({"object": "list", "data": "soon"}, headers=service_headers("garbage"))


def without_image() -> Fault:
    return empty_data


def empty_data(exchange: Exchange) -> Reply:
    """Status 200 and not one picture."""
    return _with_data(exchange, lambda _: [])


def image(data: bytes) -> Fault:
    """These bytes in place of the picture, whatever they are."""
    return lambda exchange: _with_data(exchange, lambda _: [_inline(data)])


def truncated_image(exchange: Exchange) -> Reply:
    """The picture's first half: it has a header and a size, and does not decode."""
    drawn = _drawn(exchange, "png")
    return _with_data(exchange, lambda _: [_inline(drawn[: len(drawn) // 2])])


def blank_image(exchange: Exchange) -> Reply:
    """All black, in the size that was asked for."""
    return _with_data(exchange, lambda _: [_inline(blank(*_size(exchange)))])


def one_pixel_image(exchange: Exchange) -> Reply:
    return _with_data(exchange, lambda _: [_inline(picture("one pixel", 1, 1))])


def text_instead_of_image(exchange: Exchange) -> Reply:
    return _with_data(exchange, lambda _: [_inline(b"I am sorry, but I cannot draw this picture.")])


def webp_image(exchange: Exchange) -> Reply:
    """A good picture in a type nobody asked for."""
    return _with_data(exchange, lambda _: [_inline(_drawn(exchange, "webp"))])


def wrong_size_image(width_px: int, height_px: int) -> Fault:
    """A good picture of another size than the one asked for."""
    return lambda exchange: _with_data(
        exchange, lambda _: [_inline(picture(exchange.request.body["prompt"], width_px, height_px))]
    )


def expired_url(exchange: Exchange) -> Reply:
    """For the compatible mode: a link that was good once. GET answers 403."""
    return _with_data(exchange, lambda data: [{"url": item["url"] + "?expired"} for item in data])


def data_url(exchange: Exchange) -> Reply:
    """For the compatible mode: the picture inside the link itself."""
    encoded = base64.b64encode(_drawn(exchange, "png")).decode()
    return _with_data(exchange, lambda _: [{"url": f"data:image/png;base64,{encoded}"}])


def _with_data(exchange: Exchange, change: Callable[[list[Json]], list[Json]]) -> Reply:
    """The good answer with other pictures in it; a refused request, or one for a text, keeps its own answer."""
    reply = exchange.answer()
    content = reply.json()
    if "data" not in content:
        return reply
    return replace(reply, body=json.dumps(content | {"data": change(content["data"])}).encode())


def _inline(data: bytes) -> Json:
    return {"b64_json": base64.b64encode(data).decode()}


def _drawn(exchange: Exchange, kind: str) -> bytes:
    width_px, height_px = _size(exchange)
    return picture(exchange.request.body["prompt"], width_px, height_px, kind)


def _size(exchange: Exchange) -> tuple[int, int]:
    size = parse_size(exchange.request.body.get("size") or DEFAULT_SIZE) or parse_size(DEFAULT_SIZE)
    assert size is not None
    return size
