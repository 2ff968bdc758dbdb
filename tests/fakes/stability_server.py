"""Stability AI: POST /v2beta/stable-image/generate/{core|ultra|sd3}, a form in, a picture out, one answer.

Wire facts: providers.md section 6. The pixels of a shape are those of one megapixel; the documents name none.
"""

from __future__ import annotations

import base64
import hashlib
import math
from urllib.parse import urlsplit

from tests.fakes.http_server import FakeService
from tests.fakes.pictures import FORMATS, picture
from tests.fakes.wire import Json, Refused, Reply, Request

GENERATE = "/v2beta/stable-image/generate/"
COMMON = frozenset({"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format"})
FIELDS = {
    "core": COMMON | {"style_preset"},
    "ultra": COMMON,
    "sd3": COMMON | {"model", "mode", "cfg_scale"},
}
SHAPES_PX = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "2:3": (832, 1216),
    "3:2": (1216, 832),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}
STYLES = (
    *("3d-model", "analog-film", "anime", "cinematic", "comic-book", "digital-art", "enhance", "fantasy-art"),
    *("isometric", "line-art", "low-poly", "modeling-compound", "neon-punk", "origami", "photographic", "pixel-art"),
    "tile-texture",
)
SD3_MODELS = ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium", "sd3.5-flash")
CHOICES = {
    "aspect_ratio": tuple(SHAPES_PX),
    "output_format": tuple(FORMATS),
    "style_preset": STYLES,
    "model": SD3_MODELS,
    "mode": ("text-to-image",),
}
RANGES = {"seed": (0, 4_294_967_294), "cfg_scale": (1, 10)}
ACCEPTED = ("image/*", "application/json")
PROMPT_LIMIT_CHARS = 10_000
CREDITS = 812.5
NAMES = {
    400: "bad_request",
    401: "unauthorized",
    402: "payment_required",
    403: "content_moderation",
    404: "not_found",
    413: "payload_too_large",
    422: "unprocessable_entity",
    429: "rate_limit_exceeded",
    500: "internal_error",
}


class StabilityServer(FakeService):
    """`STABILITY_BASE_URL=server.base_url` and `server.api_key` reach it."""

    def __init__(self, *, api_key: str = "sk-stability-fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)

    @property
    def base_url(self) -> str:
        return self.origin

    def error_body(self, status: int, message: str) -> Json:
        identity = hashlib.sha256(message.encode()).hexdigest()[:32]
        return {"id": identity, "name": NAMES[status], "errors": [message]}

    def answer(self, request: Request) -> Reply:
        service = urlsplit(request.path).path.removeprefix(GENERATE)
        if not request.path.startswith(GENERATE) or service not in FIELDS:
            raise self._refuse(404, f"Not found: {request.path}")
        self._check_key(request)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise self._refuse(400, "content-type: must be multipart/form-data")
        accepted = request.headers.get("accept", "*/*")
        if accepted not in (*ACCEPTED, "*/*"):
            raise self._refuse(400, f"accept: must be one of {', '.join(ACCEPTED)}")
        self._check_form(FIELDS[service], request.body)
        return self._reply(request.body, as_json=accepted == "application/json")

    def look_up(self, request: Request) -> Reply:
        """The balance, which is the free check of a key."""
        if urlsplit(request.path).path != "/v1/user/balance":
            return self.file(request.path)
        self._check_key(request)
        return Reply.of_json({"credits": CREDITS})

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status))

    def _check_key(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise self._refuse(401, "authorization: missing or invalid API key")

    def _check_form(self, known: frozenset[str], form: Json) -> None:
        for name in form:
            if name not in known:
                raise self._refuse(400, f"{name}: is not allowed")
        prompt = form.get("prompt", "")
        if not prompt:
            raise self._refuse(400, "prompt: is required")
        if len(prompt) > PROMPT_LIMIT_CHARS:
            raise self._refuse(400, f"prompt: cannot be longer than {PROMPT_LIMIT_CHARS} characters")
        for name, choices in CHOICES.items():
            if form.get(name, choices[0]) not in choices:
                raise self._refuse(400, f"{name}: must be one of {', '.join(choices)}")
        for name, (low, high) in RANGES.items():
            if name in form and not low <= _number(form[name]) <= high:
                raise self._refuse(400, f"{name}: must be a number between {low} and {high}")
        if not _is_latin(prompt):
            raise self._refuse(422, "prompt: English is the only supported language")

    def _reply(self, form: Json, *, as_json: bool) -> Reply:
        kind = form.get("output_format", "png")
        image = picture(form["prompt"], *SHAPES_PX[form.get("aspect_ratio", "1:1")], kind)
        seed = int(float(form.get("seed", "0"))) or 1 + len(form["prompt"])
        if as_json:
            encoded = base64.b64encode(image).decode()
            return Reply.of_json({"image": encoded, "finish_reason": "SUCCESS", "seed": seed})
        return Reply(headers=image_headers(FORMATS[kind], "SUCCESS", seed), body=image)


def image_headers(content_type: str, finish_reason: str, seed: int) -> dict[str, str]:
    """What goes with a picture that comes as bytes."""
    return {"content-type": content_type, "finish-reason": finish_reason, "seed": str(seed)}


def _number(text: str) -> float:
    """The number a form's field spells; NaN, which is in no range, where it spells none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_latin(text: str) -> bool:
    """As near to "English" as letters alone can tell."""
    return all(ord(letter) < 0x250 for letter in text if letter.isalpha())
