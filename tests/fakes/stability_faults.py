"""What Stability AI says when something is wrong, for `server.faults`. Bodies: providers.md section 6."""

from __future__ import annotations

import hashlib

from tests.fakes.faults import Fault
from tests.fakes.pictures import blank
from tests.fakes.stability_server import NAMES, image_headers
from tests.fakes.wire import Exchange, Json, Reply


def error(status: int, message: str) -> Fault:
    """Any error of this service."""
    body: Json = {"id": hashlib.sha256(message.encode()).hexdigest()[:32], "name": NAMES[status], "errors": [message]}
    return lambda _: Reply.of_json(body, status=status)


def bad_key() -> Fault:
    return error(401, "authorization: missing or invalid API key")


def no_credit() -> Fault:
    return error(
        402,
        "You lack sufficient credits to make this request. Please purchase more credits at "
        "https://platform.stability.ai/account/credits and try again.",
    )


def rate_limited(seconds: float = 60.0) -> Fault:
    """No header says when again; the words do."""
    return error(
        429,
        "You have exceeded the rate limit of 150 requests within a 10 second period, "
        f"and have been timed out for {seconds:g} seconds.",
    )


def policy_refusal() -> Fault:
    """The prompt was flagged before anything was drawn."""
    return error(
        403,
        "Your request was flagged by our content moderation system, as a result your request was denied and you were "
        "not charged.",
    )


def content_filtered() -> Fault:
    """The picture was flagged: a 200 with a blank picture, told by its finish reason alone."""

    def strike(exchange: Exchange) -> Reply:
        exchange.answer()  # a request the service refuses stays refused
        if _wants_json(exchange):
            return Reply.of_json({"image": "", "finish_reason": "CONTENT_FILTERED", "seed": 7})
        return Reply(headers=image_headers("image/png", "CONTENT_FILTERED", 7), body=blank(1024, 1024))

    return strike


def english_only() -> Fault:
    return error(422, "prompt: English is the only supported language")


def bad_parameter() -> Fault:
    return error(400, "style_preset: must be one of anime, photographic")


def retired_model() -> Fault:
    return error(404, "Not found: this model has been deprecated.")


def server_error() -> Fault:
    return error(500, "An unexpected server error has occurred, please try again later.")


def without_image() -> Fault:
    """Status 200 and a success by its own account, with nothing in it."""

    def strike(exchange: Exchange) -> Reply:
        exchange.answer()
        if _wants_json(exchange):
            return Reply.of_json({"finish_reason": "SUCCESS", "seed": 7})
        return Reply(headers=image_headers("image/png", "SUCCESS", 7))

    return strike


def garbage() -> Fault:
    """Status 200, the right content type, and nothing in it that can be understood."""

    def strike(exchange: Exchange) -> Reply:
        if _wants_json(exchange):
            return Reply.of_json({"artifacts": "soon"})
        return Reply(headers=image_headers("image/png", "SUCCESS", 7), body=b"I am sorry, I cannot draw this.")

    return strike


def _wants_json(exchange: Exchange) -> bool:
    return exchange.request.headers.get("accept") == "application/json"
