"""What a chat completion says, whoever wrote it: its text, its refusal, the error inside it, its price. Pure.

Servers that copy OpenAI's API leave out fields and put others there; nothing here minds.
"""

from __future__ import annotations

import json
import math
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.prompting.remote import token_cost_usd
from pipeline.services.expressions import look_up
from pipeline.services.models import Price


def choice_of(body: Any) -> dict[str, Any] | None:
    """The one answer asked for; {} where there is a list without any, None where `body` is no chat completion."""
    choices = look_up("choices", body)
    if not isinstance(choices, list):
        return None
    return choices[0] if choices and isinstance(choices[0], dict) else {}


def text_in(choice: dict[str, Any]) -> str:
    """What was written: one text, or the parts of a list that are text (Mistral's reasoning models)."""
    content = look_up("message.content", choice)
    if isinstance(content, list):
        content = "".join(str(part) for part in look_up("[?type=='text'].text", content) or ())
    return content if isinstance(content, str) else ""


def refusal_in(choice: dict[str, Any]) -> str:
    """Why the model, or a filter behind it, would not answer; "" where it did."""
    said = look_up("message.refusal", choice)
    if said:
        return str(said)
    return "stopped by a content filter" if choice.get("finish_reason") == "content_filter" else ""


def unwrapped(answer: Answer) -> Answer:
    """`answer` itself, or the error that a status of 200 can hold as the refusal it would have been.

    It is the server's own, or of the provider behind it (OpenRouter).
    """
    body = answer.content
    error = look_up("error", body) or look_up("choices[0].error", body)
    if not error and look_up("choices[0].finish_reason", body) == "error":
        error = "the provider behind the service failed"
    if not error:
        return answer
    return Answer.of(_status_of(error), answer.headers, json.dumps({"error": error}).encode())


def _status_of(error: Any) -> int:
    """The HTTP status that an error inside a 200 stands for: its code where that is one, else 502."""
    code = str(look_up("code || status", error))
    return int(code) if code.isdecimal() and 400 <= int(code) < 600 else 502


def cost_usd(body: Any, price: Price | None) -> float | None:
    """What the answer says it cost, else by the tokens it says were used; None where neither is known.

    It is said where the catalog has it, else in `usage.cost`: OpenRouter's, in US dollars. `prompt_tokens` counts what
    was read from the cache and put there, `completion_tokens` the thoughts.
    """
    where, unit_usd = (price.reported, price.reported_usd) if price and price.reported else ("usage.cost", 1.0)
    reported = _count(look_up(where, body))
    if reported is not None:
        return reported * unit_usd
    read, written = _count(look_up("usage.prompt_tokens", body)), _count(look_up("usage.completion_tokens", body))
    if price is None or price.tokens is None or read is None or written is None:
        return None
    from_cache = _count(look_up("usage.prompt_tokens_details.cached_tokens", body)) or 0.0
    to_cache = _count(look_up("usage.prompt_tokens_details.cache_write_tokens", body)) or 0.0
    return token_cost_usd(
        price.tokens,
        fresh=max(0.0, read - from_cache - to_cache),
        written=written,
        cache_read=from_cache,
        cache_write=to_cache,
    )


def _count(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) and value >= 0 else None
