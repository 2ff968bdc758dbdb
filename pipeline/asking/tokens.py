"""What an answer says it took in and gave back, counted in tokens. Pure."""

from __future__ import annotations

from typing import Any

from pipeline.records import Tokens
from pipeline.services.expressions import look_up

# OpenAI's pictures, its chat completions and who copies them, Gemini; thoughts count as written, which Gemini counts
# apart (providers.md; ai.google.dev/api/generate-content, UsageMetadata).
_READ = ("usage.input_tokens", "usage.prompt_tokens", "usageMetadata.promptTokenCount")
_WRITTEN = ("usage.output_tokens", "usage.completion_tokens", "usageMetadata.candidatesTokenCount")
_THOUGHT = "usageMetadata.thoughtsTokenCount"
_MOST = 1_000_000_000


def tokens_in(content: Any) -> Tokens | None:
    """The tokens that an answer's JSON says were used, whatever they stood for; None where it says nothing of them."""
    read, written = _first(_READ, content), _first(_WRITTEN, content)
    if read is None and written is None:
        return None
    return Tokens(read=read or 0, written=(written or 0) + (_count(look_up(_THOUGHT, content)) or 0))


def _first(expressions: tuple[str, ...], content: Any) -> int | None:
    counts = (_count(look_up(expression, content)) for expression in expressions)
    return next((count for count in counts if count is not None), None)


def _count(found: Any) -> int | None:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return int(found) if is_number and 0 <= found < _MOST else None
