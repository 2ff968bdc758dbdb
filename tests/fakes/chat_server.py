"""POST /chat/completions as OpenAI's servers and those that copy them answer it: one answer, no streaming.

Wire facts: the fields of `types/chat/completion_create_params.py` of `openai` 3.54; what strict structured output
demands of a schema is from OpenAI's guide. A server says no in its own words, so it brings its own `refuse`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterator
from typing import Protocol

from tests.fakes.invention import invent
from tests.fakes.wire import Json, Refused

FIELDS = frozenset(
    (
        *("messages", "model", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs"),
        *("max_completion_tokens", "max_tokens", "metadata", "modalities", "moderation", "n", "parallel_tool_calls"),
        *("prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"),
        *("reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store"),
        *("stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user"),
        *("verbosity", "web_search_options"),
    )
)
ROLES = ("developer", "system", "user", "assistant", "tool")
FORMATS = ("text", "json_object", "json_schema")


class Refuse(Protocol):
    """How a server says that a parameter is wrong (status 400)."""

    def __call__(self, message: str, param: str, code: str) -> Refused: ...


def chat_answer(body: Json, refuse: Refuse, *, fields: Collection[str] | None = FIELDS) -> Json:
    """A finished chat completion that satisfies the request's response_format; the same request has the same answer.

    Fields outside `fields` are refused; None takes them all.
    """
    _check_fields(body, refuse, fields)
    _check_messages(body["messages"], refuse)
    schema = _schema(body.get("response_format") or {"type": "text"}, refuse)
    seed = json.dumps(body["messages"], ensure_ascii=False)
    text = str(invent({"type": "string"}, seed)) if schema is None else json.dumps(invent(schema, seed))
    return _completion(body, text)


def tokens(text: str) -> int:
    """About as many tokens as a service would count."""
    return -(-len(text) // 4)


def _check_fields(body: Json, refuse: Refuse, fields: Collection[str] | None) -> None:
    for name in ("model", "messages"):
        if not body.get(name):
            raise refuse(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    for name in body:
        if fields is not None and name not in fields:
            raise refuse(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    if body.get("stream"):
        raise refuse("Invalid value for 'stream': this server answers in one piece only.", "stream", "invalid_value")


def _check_messages(messages: list[Json], refuse: Refuse) -> None:
    for index, message in enumerate(messages):
        if message.get("role") not in ROLES:
            where = f"messages[{index}].role"
            raise refuse(
                f"Invalid value for '{where}'. Supported values are: {', '.join(ROLES)}.", where, "invalid_value"
            )
        if not _text(message):
            where = f"messages[{index}].content"
            raise refuse(f"Invalid value for '{where}': expected a string or text parts.", where, "invalid_value")


def _schema(wanted: Json, refuse: Refuse) -> Json | None:
    """The schema to satisfy; None where plain text is wanted."""
    if wanted.get("type") not in FORMATS:
        message = f"Invalid value for 'response_format.type'. Supported values are: {', '.join(FORMATS)}."
        raise refuse(message, "response_format.type", "invalid_value")
    if wanted["type"] == "text":
        return None
    if wanted["type"] == "json_object":
        return {"type": "object", "properties": {"answer": {"type": "string"}}}
    named = wanted.get("json_schema") or {}
    for name, kind in (("name", str), ("schema", dict)):
        if not isinstance(named.get(name), kind):
            where = f"response_format.json_schema.{name}"
            raise refuse(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")
    schema: Json = named["schema"]
    if named.get("strict"):
        _check_strict(named["name"], schema, refuse)
    return schema


def _check_strict(name: str, schema: Json, refuse: Refuse) -> None:
    for part in _objects(schema):
        if part.get("additionalProperties") is not False:
            why = "'additionalProperties' is required to be supplied and to be false."
        elif set(part.get("required", ())) != set(part.get("properties", ())):
            why = "'required' is required to be supplied and to be an array including every key in properties."
        else:
            continue
        raise refuse(f"Invalid schema for response_format '{name}': {why}", "response_format", "invalid_json_schema")


def _objects(schema: Json) -> Iterator[Json]:
    """Every object schema in this one."""
    if schema.get("type") == "object":
        yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), schema.get("items")]
    for part in (*inner, *schema.get("anyOf", ())):
        if isinstance(part, dict):
            yield from _objects(part)


def _completion(body: Json, text: str) -> Json:
    room = body.get("max_completion_tokens") or body.get("max_tokens") or tokens(text)
    is_cut = tokens(text) > room
    written = text[: 4 * room] if is_cut else text
    read = sum(tokens(_text(message)) for message in body["messages"])
    message: Json = {"role": "assistant", "content": written, "refusal": None, "annotations": []}
    return {
        "id": f"chatcmpl-{hashlib.sha256(text.encode()).hexdigest()[:29]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": "length" if is_cut else "stop"}
        ],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": tokens(written),
            "total_tokens": read + tokens(written),
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _text(message: Json) -> str:
    """The text of a message, spelt as one string or as parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part.get("type") == "text")
