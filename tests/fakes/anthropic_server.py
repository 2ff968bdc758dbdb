"""The Anthropic Messages API as `anthropic` 2.11 meets it: POST /v1/messages, one answer, no streaming; batches.

Wire facts: reference/providers.md section 1, and the SDK's `types/`. What no document fixes (token counts, the words
of a message) is plausible and steady: the same request has the same answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from tests.fakes.anthropic_batches import PATH as BATCHES
from tests.fakes.anthropic_batches import MessageBatches
from tests.fakes.http_server import FakeService
from tests.fakes.invention import invent
from tests.fakes.wire import Json, Refused, Reply, Request

VERSIONS = ("2026-10-21", "2023-06-01")
ALWAYS_THINKS = frozenset({"claude-opus-5-5", "claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-2"})
CURRENT = ALWAYS_THINKS | {"claude-haiku-5-5", "claude-sonnet-5-5"}
MODELS = CURRENT | {
    *("claude-sonnet-5", "claude-opus-5", "claude-sonnet-4-6", "claude-haiku-4-5", "claude-sonnet-4-5"),
    *(f"claude-opus-4-{minor}" for minor in (5, 6, 7, 8)),
}
REQUIRED = ("model", "max_tokens", "messages")
OPTIONAL = (
    *("cache_control", "container", "diagnostics", "inference_geo", "metadata", "output_config", "service_tier"),
    *("speed", "stop_sequences", "stream", "system", "thinking", "tool_choice", "tools", "user_profile_id"),
    "workspace_id",
)
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
UNSUPPORTED_IN_SCHEMA = frozenset(
    ("maxLength", "minLength", "minimum", "maximum", "pattern", "maxItems", "multipleOf", "default")
)
CACHE_MINIMUM_TOKENS = 1024
THINKING_TOKENS = {"low": 64, "medium": 256, "high": 1024, "xhigh": 2048, "max": 4096}


class AnthropicServer(FakeService):
    """`anthropic.Anthropic(base_url=server.base_url, api_key=server.api_key)` talks to it.

    A batch ends `batch_latency_s` after its creation; None: when the test says so (`batches.finish()`).
    """

    def __init__(
        self,
        *,
        api_key: str = "sk-ant-fake-key",
        latency_s: float = 0.0,
        batch_latency_s: float | None = None,
    ) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self._cached: set[bytes] = set()
        self.batches = MessageBatches(self._message, self._refuse, self.origin, batch_latency_s, self._stopping.wait)

    @property
    def base_url(self) -> str:
        """What ANTHROPIC_BASE_URL is set to."""
        return self.origin

    def error_body(self, status: int, message: str, details: Json | None = None) -> Json:
        error: Json = {"type": ERROR_TYPES.get(status, "api_error"), "message": message}
        if details:
            error["details"] = details
        return {"type": "error", "error": error, "request_id": _request_id(message)}

    def answer(self, request: Request) -> Reply:
        is_of_batches = _is_of_batches(request)
        if not is_of_batches and request.path != "/v1/messages":
            raise self._refuse(404, "Not found")
        self._check_key(request)
        return self.batches.posted(request) if is_of_batches else self._message(request.body)

    def look_up(self, request: Request) -> Reply:
        """A batch, its results, or the list of batches."""
        if not _is_of_batches(request):
            return self.file(request.path)
        self._check_key(request)
        return self.batches.fetched(request)

    def remove(self, request: Request) -> Reply:
        if not _is_of_batches(request):
            return self.file(request.path)
        self._check_key(request)
        return self.batches.removed(request)

    def _message(self, body: Json) -> Reply:
        self._check_fields(body)
        self._check_model(body)
        schema = self._schema(body)
        seed = json.dumps([body.get("system"), body["messages"]], ensure_ascii=False)
        text = json.dumps(invent(schema, seed)) if schema else str(invent({"type": "string"}, seed))
        return message_reply(body, text, self._cache_usage(body))

    def _refuse(self, status: int, message: str) -> Refused:
        reply = Reply.of_json(self.error_body(status, message), status=status, headers=request_id(message))
        return Refused(reply)

    def _check_key(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if "x-api-key" in request.headers:  # where both are sent, this one counts
            if request.headers["x-api-key"] != self.api_key:
                raise self._refuse(401, "invalid x-api-key")
        elif bearer != self.api_key:
            raise self._refuse(401, "invalid bearer token")
        if request.headers.get("anthropic-version") not in VERSIONS:
            raise self._refuse(400, "anthropic-version: header is required")

    def _check_fields(self, body: Json) -> None:
        for name in REQUIRED:
            if not body.get(name):
                raise self._refuse(400, f"{name}: Field required")
        for name in body:
            if name not in REQUIRED and name not in OPTIONAL:
                raise self._refuse(400, f"{name}: Extra inputs are not permitted")
        if body.get("stream"):
            raise self._refuse(400, "stream: this server answers in one piece only")

    def _check_model(self, body: Json) -> None:
        model, thinking = body["model"], body.get("thinking") or {}
        if model not in MODELS:
            raise self._refuse(404, f"model: {model}")
        if body["messages"][-1]["role"] == "assistant" and model in CURRENT:
            raise self._refuse(400, "This model does not support assistant message prefill.")
        if thinking.get("type") == "disabled" and model in ALWAYS_THINKS:
            raise self._refuse(400, f"thinking.type: thinking cannot be disabled for {model}")
        if thinking.get("type") == "enabled" and model in CURRENT:
            raise self._refuse(400, f'thinking.type: "enabled" is not supported for {model}; use "adaptive"')

    def _schema(self, body: Json) -> Json | None:
        config = body.get("output_config") or {}
        if config.get("effort", "high") not in THINKING_TOKENS:
            raise self._refuse(400, f"output_config.effort: Input should be one of {', '.join(THINKING_TOKENS)}")
        wanted = config.get("format")
        if wanted is None:
            return None
        schema = wanted.get("schema")
        if wanted.get("type") != "json_schema" or not isinstance(schema, dict):
            raise self._refuse(400, "output_config.format: Input should be a json_schema with its schema")
        for part in _parts(schema):
            if part.get("type") == "object" and part.get("additionalProperties") is not False:
                raise self._refuse(400, "For 'object' type, 'additionalProperties' must be explicitly set to false")
            if unsupported := UNSUPPORTED_IN_SCHEMA & part.keys():
                raise self._refuse(400, f"For '{part.get('type')}' type, property '{min(unsupported)}' is unsupported")
        return schema

    def _cache_usage(self, body: Json) -> Json:
        """Tokens as usage reports them: the prefix up to the last cache_control is written once, then read."""
        blocks = list(_text_blocks(body))
        marked = [index for index, block in enumerate(blocks) if block.get("cache_control")]
        prefix = "".join(block["text"] for block in blocks[: marked[-1] + 1]) if marked else ""
        total = sum(tokens(block["text"]) for block in blocks)
        cached = tokens(prefix) if tokens(prefix) >= CACHE_MINIMUM_TOKENS else 0
        digest = hashlib.sha256(f"{body['model']}\n{prefix}".encode()).digest()
        with self._lock:
            is_hit = digest in self._cached
            self._cached.add(digest)
        written = 0 if is_hit else cached
        long_lived = bool(marked) and blocks[marked[-1]]["cache_control"].get("ttl") == "1h"
        return {
            "input_tokens": total - cached,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cached if is_hit else 0,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 0 if long_lived else written,
                "ephemeral_1h_input_tokens": written if long_lived else 0,
            },
        }


def _is_of_batches(request: Request) -> bool:
    return request.path.startswith(BATCHES)


def message_reply(body: Json, text: str, usage: Json) -> Reply:
    """A finished message: a thinking block where the model thinks, then `text`, cut off where max_tokens ends it."""
    thinks = (body.get("thinking") or {}).get("type") != "disabled" and body["model"] in CURRENT
    effort = (body.get("output_config") or {}).get("effort", "medium")
    thinking = min(THINKING_TOKENS[effort], body["max_tokens"]) if thinks else 0
    room = body["max_tokens"] - thinking
    is_cut = tokens(text) > room
    content: list[Json] = [{"type": "thinking", "thinking": "", "signature": "ZmFrZQ=="}] if thinks else []
    content.append({"type": "text", "text": text[: room * 4] if is_cut else text})
    output = thinking + min(tokens(text), room)
    message = {
        "id": f"msg_{_digest(text)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": "max_tokens" if is_cut else "end_turn",
        "stop_sequence": None,
        "usage": usage
        | {
            "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": thinking},
            "service_tier": "standard",
        },
    }
    return Reply.of_json(message, headers=request_id(text))


def request_id(about: str) -> dict[str, str]:
    """The header every answer of this service carries."""
    return {"request-id": _request_id(about)}


def tokens(text: str) -> int:
    """About as many tokens as the service would count."""
    return -(-len(text) // 4)


def _request_id(about: str) -> str:
    return f"req_{_digest(about)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _parts(schema: Json) -> Iterator[Json]:
    """The schema and every schema inside it."""
    yield schema
    for key in ("properties", "$defs"):
        for inner in schema.get(key, {}).values():
            yield from _parts(inner)
    for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if isinstance(inner, dict):
            yield from _parts(inner)


def _text_blocks(body: Json) -> Iterator[Json]:
    for content in (body.get("system") or "", *(message["content"] for message in body["messages"])):
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        yield from (block for block in blocks if block["type"] == "text")
