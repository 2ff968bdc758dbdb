"""The Gemini API's image models: POST /{v1|v1beta}/models/{model}:generateContent, one answer, no streaming.

Wire facts: providers.md section 3. An unknown field is refused as Google's JSON gateway refuses it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.chat_server import tokens
from tests.fakes.gemini_models import MODELS, Model
from tests.fakes.http_server import FakeService
from tests.fakes.pictures import picture
from tests.fakes.wire import Json, Refused, Reply, Request

METHOD = re.compile(r"/(v1|v1beta)/models/([^/:]+):(\w+)")
LISTS = ("/v1/models", "/v1beta/models")
STATUSES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
# What a request may say, by where: the name of a message and the fields it has.
MESSAGES: dict[str, frozenset[str]] = {
    "": frozenset({"contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig"}),
    "generation_config": frozenset(
        {"responseModalities", "imageConfig", "candidateCount", "temperature", "topP", "topK", "maxOutputTokens"}
        | {"stopSequences", "thinkingConfig"}
    ),
    "image_config": frozenset({"aspectRatio", "imageSize"}),
    "thinking_config": frozenset({"thinkingLevel", "includeThoughts"}),
}
MODALITIES = ("TEXT", "IMAGE")
DOMAIN = "googleapis.com"
SERVICE = {"service": "generativelanguage.googleapis.com"}


class GeminiServer(FakeService):
    """`GEMINI_BASE_URL=server.base_url` and `server.api_key` reach it; without a version in it, as the SDK wants it."""

    def __init__(self, *, api_key: str = "AIza-fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)

    @property
    def base_url(self) -> str:
        return self.origin

    def error_body(self, status: int, message: str, details: list[Json] | None = None) -> Json:
        error: Json = {"code": status, "message": message, "status": STATUSES.get(status, "UNKNOWN")}
        if details:
            error["details"] = details
        return {"error": error}

    def answer(self, request: Request) -> Reply:
        match = METHOD.fullmatch(urlsplit(request.path).path)
        if match is None:
            raise self._refuse(404, f"The requested URL {request.path} was not found on this server.")
        self._check_key(request)
        version, model, method = match.groups()
        if model not in MODELS or method != "generateContent":
            called = f"models/{model} is not found for API version {version}, or is not supported for {method}."
            raise self._refuse(404, f"{called} Call ListModels to see the list of available models.")
        return self._generated(model, camel_cased(request.body))

    def look_up(self, request: Request) -> Reply:
        """The list of models, which is the free check of a key."""
        if urlsplit(request.path).path not in LISTS:
            return self.file(request.path)
        self._check_key(request)
        listed = [
            {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": ["generateContent"]}
            for name in MODELS
        ]
        return Reply.of_json({"models": listed})

    def _refuse(self, status: int, message: str, details: list[Json] | None = None) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message, details), status=status))

    def _check_key(self, request: Request) -> None:
        key = request.headers.get("x-goog-api-key")
        if key is None:
            raise self._refuse(403, "Method doesn't allow unregistered callers (callers without established identity).")
        if key != self.api_key:
            raise self._refuse(400, "API key not valid. Please pass a valid API key.", [bad_key_details()])

    def _generated(self, name: str, body: Json) -> Reply:
        model, config = MODELS[name], body.get("generationConfig") or {}
        self._check_fields(body, config)
        prompt = self._prompt(body)
        modalities = config.get("responseModalities", MODALITIES)
        self._check_config(model, config, modalities)
        if "IMAGE" not in modalities:
            return Reply.of_json(content(name, prompt, [{"text": "Here is a description of the picture."}], {}))
        image = config.get("imageConfig") or {}
        size = image.get("imageSize", "1K")
        width_px, height_px = model.size_px(image.get("aspectRatio", "1:1"), size)
        drawn = inline(picture(prompt, width_px, height_px))
        thinks = (config.get("thinkingConfig") or {}).get("includeThoughts", False)
        parts = [*(thoughts(prompt) if thinks else ()), drawn]
        return Reply.of_json(content(name, prompt, parts, {"IMAGE": model.tokens[size]}))

    def _check_fields(self, body: Json, config: Json) -> None:
        inner = {"": body, "generation_config": config}
        inner |= {"image_config": config.get("imageConfig") or {}}
        inner |= {"thinking_config": config.get("thinkingConfig") or {}}
        for where, message in inner.items():
            for field in message:
                if field not in MESSAGES[where]:
                    at = f" at '{where}'" if where else ""
                    text = f'Invalid JSON payload received. Unknown name "{field}"{at}: Cannot find field.'
                    raise self._refuse(400, text, [violation(where, text)])

    def _prompt(self, body: Json) -> str:
        contents = body.get("contents")
        if not contents or not isinstance(contents, list):
            raise self._refuse(400, "* GenerateContentRequest.contents: contents is not specified")
        for turn in contents:
            if turn.get("role", "user") not in ("user", "model"):
                raise self._refuse(400, "Please use a valid role: user, model.")
        texts = [part.get("text", "") for turn in contents for part in turn.get("parts", ())]
        prompt = "\n".join(text for text in texts if text)
        if not prompt:
            raise self._refuse(400, "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.")
        return prompt

    def _check_config(self, model: Model, config: Json, modalities: Any) -> None:
        for modality in modalities:
            if modality not in MODALITIES:
                raise self._invalid("response_modalities", modality)
        if config.get("candidateCount", 1) != 1:
            raise self._refuse(400, "Multiple candidates is not enabled for this model")
        image, thinking = config.get("imageConfig") or {}, config.get("thinkingConfig") or {}
        if image.get("aspectRatio", "1:1") not in model.shapes:
            raise self._invalid("image_config.aspect_ratio", image["aspectRatio"])
        if "imageSize" in image and (not model.takes_size or image["imageSize"] not in model.tokens):
            raise self._invalid("image_config.image_size", image["imageSize"])
        if "thinkingLevel" in thinking and thinking["thinkingLevel"].lower() not in model.thinking_levels:
            raise self._refuse(400, "Thinking level is not supported for this model.")

    def _invalid(self, field: str, value: object) -> Refused:
        message = f"Invalid value at 'generation_config.{field}': \"{value}\""
        return self._refuse(400, message, [violation(f"generation_config.{field}", message)])


def camel_cased(message: Json) -> Json:
    """The message with its names as JSON has them; a gateway of protocol buffers takes "image_config" as well."""
    return {
        re.sub(r"_([a-z])", lambda match: match[1].upper(), name): camel_cased(value)
        if isinstance(value, dict)
        else value
        for name, value in message.items()
    }


def content(model: str, prompt: str, parts: list[Json], drawn_tokens: dict[str, int]) -> Json:
    """A finished GenerateContentResponse; `drawn_tokens` by modality, beside the text's own."""
    read = tokens(prompt)
    written = sum(drawn_tokens.values()) + sum(tokens(part.get("text", "")) for part in parts)
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": read,
            "candidatesTokenCount": written,
            "totalTokenCount": read + written,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": read}],
            "candidatesTokensDetails": [{"modality": m, "tokenCount": n} for m, n in drawn_tokens.items()],
        },
        "modelVersion": model,
        "responseId": hashlib.sha256(prompt.encode()).hexdigest()[:22],
    }


def inline(image: bytes, mime_type: str = "image/png") -> Json:
    """A part that holds a picture."""
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(image).decode()}}


def thoughts(prompt: str) -> list[Json]:
    """What a model that shows its thinking puts before the picture: words, and a draft that is not the answer."""
    words: Json = {"text": "**Framing the scene**\n\nI place the subject off centre.", "thought": True}
    return [words, inline(picture(f"draft of {prompt}", 64, 64)) | {"thought": True}]


def bad_key_details() -> Json:
    """What tells a wrong key from another bad argument."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": "API_KEY_INVALID", "domain": DOMAIN, "metadata": SERVICE}


def violation(field: str, description: str) -> Json:
    """What tells which argument is bad."""
    kind = "type.googleapis.com/google.rpc.BadRequest"
    return {"@type": kind, "fieldViolations": [{"field": field, "description": description}]}
