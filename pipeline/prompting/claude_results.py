"""What one line of a Message Batch's results comes to: an answer about a slide, or what became of the question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anthropic.types import Message, TextBlock, Usage

from pipeline.asking.answers import Answer
from pipeline.asking.result_lines import ResultLine, damaged
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.claude import ClaudeWriter
from pipeline.records import WriterAnswer
from pipeline.services.expressions import look_up

# The status that each error has in a live answer: a batch tells its type alone (reference/providers.md, "Errors").
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_UNASKED = {"expired": "the batch's time was over", "canceled": "the batch was cancelled"}


def outcome_of(line: ResultLine, writer: ClaudeWriter, price_share: float) -> WriterAnswer | ServiceError:
    """Raises nothing: what is wrong with one line is told of its question alone."""
    kind = look_up("result.type", line.content)
    if kind == "errored":
        return _refused(look_up("result.error", line.content), writer)
    if kind in _UNASKED:
        return writer.judge.failure(FailureKind.TRANSIENT, f"{_UNASKED[kind]} before this question's turn came")
    message = _message(look_up("result.message", line.content))
    if message is None:
        return damaged(writer.judge)
    try:
        return writer.answer_in(message, price_share)
    except ServiceError as error:
        return error


def _refused(error: Any, writer: ClaudeWriter) -> ServiceError:
    status = _STATUSES.get(str(look_up("error.type", error)), 500)
    return writer.judge.refusal_in(Answer.of(status, {}, json.dumps(error).encode()))


def _message(found: Any) -> Message | None:
    """What is read of a message, whatever else stands in it; None where it is none. The SDK checks nothing of this."""
    content = found.get("content") if isinstance(found, dict) else None
    if not isinstance(content, list):
        return None
    texts = [block["text"] for block in content if _is_text(block)]
    details = found.get("stop_details")
    return Message.construct(
        content=[TextBlock(type="text", text=text) for text in texts],
        stop_reason=found.get("stop_reason"),
        stop_details=details if look_up("type", details) == "refusal" else None,
        usage=_usage(found.get("usage")),
    )


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)


def _usage(found: Any) -> Usage | None:
    counts = found if isinstance(found, Mapping) else {}
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    told = {name: counts[name] for name in names if type(counts.get(name)) is int}
    return Usage.model_validate(told) if {"input_tokens", "output_tokens"} <= told.keys() else None
