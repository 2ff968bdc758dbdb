"""The OpenAI API as `openai` 3.5x meets it: images, chat, models, files and batches; one answer, no streaming.

Wire facts: reference/providers.md section 2, and the SDK's `types/`. With `compatible=True` it behaves like the
servers that copy this API (LocalAI, Ollama): any key or none, any model and size, answers as a URL where asked, no
usage of images, no files or batches.
"""

from __future__ import annotations

import base64
import hashlib
import time
from urllib.parse import urlsplit

from tests.fakes.chat_server import chat_answer
from tests.fakes.http_server import FakeService
from tests.fakes.openai_batches import OpenAIBatches
from tests.fakes.openai_models import CHAT_SHUTDOWNS, SHUTDOWNS, takes_sampling
from tests.fakes.openai_sizes import CLEAR, MODELS, output_tokens, parse_size, qualities, takes_size
from tests.fakes.pictures import FORMATS, picture
from tests.fakes.published import PublishedFiles
from tests.fakes.wire import Json, Refused, Reply, Request

KNOWN = frozenset(
    (
        *("prompt", "model", "n", "size", "quality", "background", "output_format", "output_compression", "moderation"),
        *("complexity", "frame_count", "frame_duration_ms", "svg", "partial_images", "stream", "safety_identifier"),
        "user",
    )
)
CHOICES = {
    "background": ("auto", "opaque", "transparent"),
    "moderation": ("auto", "low"),
    "complexity": ("low", "medium", "high"),
    "output_format": tuple(FORMATS),  # the service also has gif and svg; Pillow here need not
}
PROMPT_LIMIT_CHARS = 32_000
DEFAULT_SIZE = "1024x1024"
COMPATIBLE_MODELS: dict[str, str | None] = {"x/z-image-turbo": None, "llama3.2": None}
CREATED = 1_760_000_000


class OpenAIServer(FakeService):
    """`openai.OpenAI(base_url=server.base_url, api_key=server.api_key)` talks to it.

    A batch ends `batch_latency_s` after its creation; None: when the test says so (`batches.finish()`).

    Pictures are drawn `shrink` times smaller each way than asked for, and said to be as asked: decoding and scaling a
    large one is most of what a run does, and few tests look at it.
    """

    def __init__(
        self,
        *,
        api_key: str = "sk-fake-key",
        latency_s: float = 0.0,
        compatible: bool = False,
        batch_latency_s: float | None = None,
        shrink: int = 1,
    ) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.compatible = compatible
        self.shrink = shrink
        self._published = PublishedFiles()
        self.batches = OpenAIBatches(self._made, self.refuse, batch_latency_s, self._stopping.wait)
        self.batches.is_offered = not compatible

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.origin}/v1"

    def error_body(self, status: int, message: str, param: str | None = None, code: str | None = None) -> Json:
        kind = "server_error" if status >= 500 else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": param, "code": code}}

    def answer(self, request: Request) -> Reply:
        operation, body = self.resolve(request)
        is_of_batches = self.batches.takes(operation)
        if not is_of_batches and operation not in ("images/generations", "chat/completions"):
            raise self.refuse(404, f"Invalid URL (POST {request.path})")
        self.check_key(request)
        return self.batches.posted(request, operation) if is_of_batches else self._made(operation, body)

    def look_up(self, request: Request) -> Reply:
        """The list of models (the free check of a key), files, batches; else a picture of the compatible mode."""
        operation, _ = self.resolve(request)
        is_of_batches = self.batches.takes(operation)
        if not is_of_batches and operation != "models":
            return self.file(request.path)
        self.check_key(request)
        if is_of_batches:
            return self.batches.fetched(request, operation)
        listed = [self._listed(model, day) for model, day in self.shutdowns().items()]
        return Reply.of_json({"object": "list", "data": listed}, headers=service_headers("models"))

    def remove(self, request: Request) -> Reply:
        operation, _ = self.resolve(request)
        if not self.batches.takes(operation):
            return self.file(request.path)
        self.check_key(request)
        return self.batches.removed(operation)

    def resolve(self, request: Request) -> tuple[str, Json]:
        """The operation a path names ("" where it is none of this service's), and the body with the model in it."""
        path = urlsplit(request.path).path
        return path.removeprefix("/v1/") if path.startswith("/v1/") else "", request.body

    def shutdowns(self) -> dict[str, str | None]:
        """The models this server lists, each with the day it is shut down or None."""
        return COMPATIBLE_MODELS if self.compatible else SHUTDOWNS

    def file(self, path: str) -> Reply:
        """A picture of the compatible mode; for any other path, what a storage service says of an expired link."""
        return self._published.reply(path)

    def refuse(self, status: int, message: str, param: str | None = None, code: str | None = None) -> Refused:
        """An error of this service, to be raised."""
        reply = Reply.of_json(
            self.error_body(status, message, param, code), status=status, headers=service_headers(message)
        )
        return Refused(reply)

    def check_key(self, request: Request) -> None:
        """Raises Refused where the key is not this server's."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if (scheme, key) != ("Bearer", self.api_key) and not self.compatible:
            raise self.refuse(401, f"Incorrect API key provided: {key[:3]}***.", code="invalid_api_key")

    def _made(self, operation: str, body: Json) -> Reply:
        return self._drawn(body) if operation == "images/generations" else self._written(body)

    def _listed(self, model: str, shutdown_date: str | None) -> Json:
        item: Json = {"id": model, "object": "model", "created": CREATED, "owned_by": "system"}
        return item if self.compatible else item | {"shutdown_date": shutdown_date}

    def _written(self, body: Json) -> Reply:
        if self.compatible:
            return Reply.of_json(chat_answer(body, self._bad_chat, fields=None))
        answer = chat_answer(body, self._bad_chat)
        if body["model"] not in CHAT_SHUTDOWNS:
            raise self._no_such_model(body["model"])
        if not takes_sampling(body["model"]):
            if "max_tokens" in body:
                message = "Unsupported parameter: 'max_tokens' is not supported with this model."
                raise self._bad_chat(message, "max_tokens", "unsupported_parameter")
            if body.get("temperature", 1) != 1:
                message = "Unsupported value: 'temperature' supports only the default (1) with this model."
                raise self._bad_chat(message, "temperature", "unsupported_value")
        return Reply.of_json(answer, headers=service_headers(answer["id"]))

    def _bad_chat(self, message: str, param: str, code: str) -> Refused:
        return self.refuse(400, message, param, code)

    def _drawn(self, body: Json) -> Reply:
        if not body.get("prompt"):
            raise self.refuse(400, "Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
        if not self.compatible:
            if body.get("model") not in MODELS:
                raise self._no_such_model(body.get("model"))
            self._check_parameters(body)
        width_px, height_px = self._size(body)
        kind = body.get("output_format") or "png"
        images = [
            self._picture(f"{body['prompt']}\n{number}", width_px, height_px, kind, is_clear=_is_clear(body))
            for number in range(body.get("n") or 1)
        ]
        if self.compatible:
            return self._compatible_reply(body, images, kind)
        return self._reply(body, images, kind, width_px, height_px)

    def _picture(self, prompt: str, width_px: int, height_px: int, kind: str, *, is_clear: bool) -> bytes:
        return picture(prompt, width_px // self.shrink, height_px // self.shrink, kind, is_clear=is_clear)

    def _no_such_model(self, model: object) -> Refused:
        message = f"The model '{model}' does not exist or you do not have access to it."
        return self.refuse(404, message, "model", "model_not_found")

    def _check_parameters(self, body: Json) -> None:
        for name in body:
            if name not in KNOWN:
                raise self.refuse(400, f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        for name, choices in (*CHOICES.items(), ("quality", ("auto", *qualities(body["model"])))):
            if body.get(name, choices[0]) not in choices:
                raise self._invalid(name, f"'{body[name]}'. Supported values are: {', '.join(choices)}")
        if not 1 <= (body.get("n") or 1) <= 10:
            raise self._invalid("n", "it must be between 1 and 10")
        if len(body["prompt"]) > PROMPT_LIMIT_CHARS:
            raise self._invalid("prompt", f"it is longer than {PROMPT_LIMIT_CHARS} characters")
        if body.get("output_compression", 100) != 100 and body.get("output_format", "png") == "png":
            raise self._invalid("output_compression", "it must be 100 for png")
        if _is_clear(body):
            self._check_transparency(body)
        if body.get("stream"):
            raise self._invalid("stream", "this server answers in one piece only")

    def _check_transparency(self, body: Json) -> None:
        if body.get("output_format") == "jpeg":
            raise self._invalid("background", "transparent needs png or webp")
        if body["model"] not in CLEAR:
            raise self._invalid("background", "transparent is not supported with this model")

    def _size(self, body: Json) -> tuple[int, int]:
        wanted = body.get("size") or "auto"
        size = parse_size(DEFAULT_SIZE if wanted == "auto" else wanted)
        if size is None or not (self.compatible or takes_size(body["model"], *size)):
            raise self._invalid("size", f"'{wanted}' is not supported by this model")
        return size

    def _invalid(self, param: str, why: str) -> Refused:
        return self.refuse(400, f"Invalid value for '{param}': {why}.", param, "invalid_value")

    def _reply(self, body: Json, images: list[bytes], kind: str, width_px: int, height_px: int) -> Reply:
        wanted = body.get("quality") or "auto"
        quality = "medium" if wanted == "auto" else wanted
        text = -(-len(body["prompt"]) // 4)
        drawn = output_tokens(body["model"], quality, width_px, height_px) * len(images)
        content = {
            "created": int(time.time()),
            "background": "transparent" if _is_clear(body) else "opaque",
            "data": [{"b64_json": base64.b64encode(image).decode()} for image in images],
            "output_format": kind,
            "quality": quality,
            "size": f"{width_px}x{height_px}",
            "usage": {
                "input_tokens": text,
                "input_tokens_details": {"text_tokens": text, "image_tokens": 0},
                "output_tokens": drawn,
                "output_tokens_details": {"text_tokens": 0, "image_tokens": drawn},
                "total_tokens": text + drawn,
            },
        }
        return Reply.of_json(content, headers=service_headers(body["prompt"]))

    def _compatible_reply(self, body: Json, images: list[bytes], kind: str) -> Reply:
        if body.get("response_format") == "b64_json":
            data = [{"b64_json": base64.b64encode(image).decode()} for image in images]
        else:
            data = [{"url": self.origin + self._published.publish(image, kind)} for image in images]
        return Reply.of_json({"created": int(time.time()), "data": data})


def _is_clear(body: Json) -> bool:
    return body.get("background") == "transparent"


def service_headers(about: str) -> dict[str, str]:
    """The headers every answer of this service carries."""
    return {
        "x-request-id": f"req_{hashlib.sha256(about.encode()).hexdigest()[:32]}",
        "x-ratelimit-limit-requests": "50",
        "x-ratelimit-remaining-requests": "49",
        "x-ratelimit-reset-requests": "1.2s",
        "x-ratelimit-limit-tokens": "250000",
        "x-ratelimit-remaining-tokens": "248000",
        "x-ratelimit-reset-tokens": "480ms",
    }
