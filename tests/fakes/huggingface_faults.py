"""What Hugging Face's router and the providers behind it say when something is wrong, for `server.faults`.

Bodies: providers.md section 7, of fal section 9. A provider's own error comes through in its own words, so those faults
look at the route that was asked.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from tests.fakes.faults import Fault
from tests.fakes.huggingface_models import FAL, INFERENCE
from tests.fakes.huggingface_server import invalid_body
from tests.fakes.pictures import blank
from tests.fakes.revising import revised, whole_seconds
from tests.fakes.wire import Exchange, Json, Reply


def error(status: int, message: str, *, headers: Mapping[str, str] | None = None, **extra: object) -> Fault:
    """Any error of the router; `extra` members stand beside the message."""
    body: Json = {"error": message} | extra
    return lambda _: Reply.of_json(body, status=status, headers=headers)


def bad_key() -> Fault:
    return error(401, "Invalid username or password.")


def forbidden() -> Fault:
    """A good token without the permission "Inference Providers"."""
    message = "This authentication method does not have sufficient permissions to call Inference Providers on behalf of"
    return error(403, f"{message} user somebody")


def no_credit() -> Fault:
    message = (
        "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more"
    )
    return error(402, f"{message} monthly included credits.")


def rate_limited(seconds: float = 5.0) -> Fault:
    """Both hints that `huggingface_hub` looks for: Retry-After and the Hub's RateLimit."""
    headers = _rate_limit(seconds) | {"retry-after": str(whole_seconds(seconds))}
    return error(429, "Too Many Requests", headers=headers)


def rate_limited_by_hub(seconds: float = 5.0) -> Fault:
    """Only the Hub's own hint (draft-ietf-httpapi-ratelimit-headers-09): `t` is the seconds until it resets."""
    return error(429, "Too Many Requests", headers=_rate_limit(seconds))


def loading(seconds: float = 20.0) -> Fault:
    """hf-inference wakes the model up; status 503."""
    return error(503, "Model is currently loading", estimated_time=seconds)


def policy_refusal() -> Fault:
    """The provider's own refusal, status 422."""

    def strike(exchange: Exchange) -> Reply:
        provider = _provider(exchange)
        message = "NSFW content detected in prompt"
        body = invalid_body(provider, "prompt", message)
        if provider == FAL:
            message = "The content could not be processed because it contained material flagged by a content checker."
            body = {"detail": [{"loc": ["body", "prompt"], "msg": message, "type": "content_policy_violation"}]}
        return Reply.of_json(body, status=422)

    return strike


def black_image() -> Fault:
    """For fal: a 200 whose picture is black and flagged as unsafe. It comes inside the link, a data: URI."""

    def change(content: Json) -> Json:
        first = content["images"][0]
        encoded = base64.b64encode(blank(first["width"], first["height"])).decode()
        black = first | {"url": f"data:image/png;base64,{encoded}", "content_type": "image/png"}
        return content | {"has_nsfw_concepts": [True], "images": [black]}

    return revised(change)


def bad_parameter() -> Fault:
    return lambda exchange: Reply.of_json(
        invalid_body(_provider(exchange), "guidance_scale", "ensure this value is less than 20"), status=422
    )


def retired_model() -> Fault:
    return error(404, "Model not supported by this provider.")


def server_error() -> Fault:
    return error(500, "Internal Server Error")


def without_image() -> Fault:
    """Status 200 without a picture: no bytes, or an empty list."""

    def strike(exchange: Exchange) -> Reply:
        reply = exchange.answer()
        if _provider(exchange) == INFERENCE:
            return Reply(headers=reply.headers)
        return Reply.of_json(reply.json() | {_list(exchange): []})

    return strike


def expired_url() -> Fault:
    """For answers with a link: one that was good once. GET answers 403."""

    def strike(exchange: Exchange) -> Reply:
        name, content = _list(exchange), exchange.answer().json()
        return Reply.of_json(content | {name: [item | {"url": item["url"] + "?expired"} for item in content[name]]})

    return strike


def garbage() -> Fault:
    """Status 200, the right content type, and nothing in it that can be understood."""

    def strike(exchange: Exchange) -> Reply:
        if _provider(exchange) == INFERENCE:
            return Reply(headers={"content-type": "image/jpeg"}, body=b"I am sorry, I cannot draw this.")
        return Reply.of_json({_list(exchange): "soon"})

    return strike


def _provider(exchange: Exchange) -> str:
    return exchange.request.path.split("/")[1]


def _list(exchange: Exchange) -> str:
    return "images" if _provider(exchange) == FAL else "data"


def _rate_limit(seconds: float) -> dict[str, str]:
    policy = '"fixed window";"api";q=500;w=300'
    return {"ratelimit": f'"api";r=0;t={whole_seconds(seconds)}', "ratelimit-policy": policy}
