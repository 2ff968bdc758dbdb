"""OpenRouter: POST /api/v1/images in one piece, the image models with their prices, chat completions as text.

Wire facts: providers.md section 4, and the models of the `openrouter` SDK 1.3.84. As its documentation says, a
parameter that a model lacks is ignored; one that the API lacks is refused.
"""

from __future__ import annotations

import base64
import time
from urllib.parse import urlsplit

from tests.fakes import chat_server
from tests.fakes.chat_server import chat_answer
from tests.fakes.fields import FLAG, PROMPT, TEXT, Field, choice, problems, whole
from tests.fakes.http_server import FakeService
from tests.fakes.openai_sizes import parse_size
from tests.fakes.openrouter_models import (
    KEY,
    MODELS,
    QUALITIES,
    RATIOS,
    SIDES_PX,
    cost_usd,
    drawn_tokens,
    endpoints,
    listed,
    size_px,
)
from tests.fakes.pictures import FORMATS, picture
from tests.fakes.wire import Json, Refused, Reply, Request

ROOT = "/api/v1"
FIELDS = {
    "model": PROMPT,
    "prompt": PROMPT,
    "aspect_ratio": choice(*RATIOS),
    "resolution": choice(*SIDES_PX),
    "size": TEXT,
    "quality": choice(*QUALITIES),
    "n": whole(1, 10),
    "background": choice("auto", "transparent", "opaque"),
    "output_format": choice(*FORMATS),  # the service also has svg; Pillow here has not
    "output_compression": whole(0, 100),
    "seed": whole(),
    "input_references": Field(kind="list"),
    "provider": Field(kind="object"),
    "stream": FLAG,
    "user": TEXT,
    "session_id": TEXT,
    "trace": Field(kind="object"),
}
CHAT_FIELDS = chat_server.FIELDS | {
    *("models", "provider", "plugins", "reasoning", "image_config", "min_p", "top_a", "top_k", "repetition_penalty"),
    *("session_id", "trace", "usage", "cache_control"),
}
USD_PER_CHAT_TOKEN = 1e-6
CREDIT_USD = 25.0


class OpenRouterServer(FakeService):
    """`OPENROUTER_BASE_URL=server.base_url` and `server.api_key` reach it."""

    def __init__(self, *, api_key: str = "sk-or-v1-fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)

    @property
    def base_url(self) -> str:
        return f"{self.origin}{ROOT}"

    def error_body(self, status: int, message: str) -> Json:
        return {"error": {"code": status, "message": message}, "user_id": "user_fake"}

    def answer(self, request: Request) -> Reply:
        path = urlsplit(request.path).path.removeprefix(ROOT)
        if path not in ("/images", "/chat/completions"):
            raise self._refuse(404, "Not Found")
        self._check_key(request)
        return self._drawn(request.body) if path == "/images" else self._written(request.body)

    def look_up(self, request: Request) -> Reply:
        """The discovery, which needs no key, and what a key may do and has left, which is its free check."""
        path = urlsplit(request.path).path.removeprefix(ROOT)
        model = path.removeprefix("/images/models/").removesuffix("/endpoints")
        if path == "/images/models":
            return Reply.of_json({"data": [listed(known) for known in MODELS]})
        if model in MODELS and path.endswith("/endpoints"):
            return Reply.of_json(endpoints(model))
        if path not in ("/key", "/credits"):
            return self.file(request.path)
        self._check_key(request)
        if path == "/credits":
            return Reply.of_json({"data": {"total_credits": CREDIT_USD, "total_usage": 0.5}})
        return Reply.of_json({"data": KEY})

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status))

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise self._refuse(401, "Missing Authentication header")
        if key != self.api_key:
            raise self._refuse(401, "User not found.")

    def _drawn(self, body: Json) -> Reply:
        self._check_images(body)
        model, quality, kind = body["model"], body.get("quality", "auto"), body.get("output_format", "png")
        size = body.get("size", "")
        resolution = body.get("resolution") or (size if size in SIDES_PX else "1K")
        width_px, height_px = parse_size(size) or size_px(body.get("aspect_ratio", "1:1"), resolution)
        is_clear = body.get("background") == "transparent"
        count = body.get("n", 1)
        images = [
            picture(f"{body['prompt']}\n{number}", width_px, height_px, kind, is_clear=is_clear)
            for number in range(count)
        ]
        read = chat_server.tokens(body["prompt"])
        written = count * drawn_tokens(model, resolution, quality, width_px, height_px)
        content = {
            "created": int(time.time()),
            "data": [{"b64_json": base64.b64encode(i).decode(), "media_type": FORMATS[kind]} for i in images],
            "usage": {
                "prompt_tokens": read,
                "completion_tokens": written,
                "total_tokens": read + written,
                "cost": round(count * cost_usd(model, resolution, quality, width_px, height_px), 6),
            },
        }
        return Reply.of_json(content)

    def _check_images(self, body: Json) -> None:
        for name in body:
            if name not in FIELDS:
                raise self._refuse(400, f'Unrecognized key: "{name}"')
        for problem in problems(FIELDS, body):
            raise self._refuse(400, f"Invalid input at {problem.name}: {problem.rule} {problem.asked}")
        if body["model"] not in MODELS:
            raise self._refuse(404, f"No endpoints found for {body['model']}.")
        if "size" in body:
            self._check_size(body)
        if body.get("background") == "transparent" and body.get("output_format") == "jpeg":
            raise self._refuse(400, "background transparent requires output_format png or webp")
        if body.get("stream"):
            raise self._refuse(400, "stream is not supported by this model")

    def _check_size(self, body: Json) -> None:
        size = body["size"]
        if size not in SIDES_PX and parse_size(size) is None:
            raise self._refuse(400, f"Invalid input at size: {size}")
        conflicting = ("resolution",) if size in SIDES_PX else ("resolution", "aspect_ratio")
        for name in conflicting:
            if name in body:
                raise self._refuse(400, f"size {size} conflicts with {name}")

    def _written(self, body: Json) -> Reply:
        answer = chat_answer(body, self._bad_chat, fields=CHAT_FIELDS)
        if "/" not in body["model"]:
            raise self._refuse(400, f"{body['model']} is not a valid model ID")
        if body["model"] in MODELS:  # an image-only model: no word about why [3P in the reference]
            raise self._refuse(500, "Internal Server Error")
        cost = answer["usage"]["total_tokens"] * USD_PER_CHAT_TOKEN
        answer["usage"] |= {"cost": cost, "is_byok": False}
        return Reply.of_json(answer | {"provider": body["model"].partition("/")[0].title()})

    def _bad_chat(self, message: str, param: str, code: str) -> Refused:
        return self._refuse(400, f"{message} ({param}: {code})")
