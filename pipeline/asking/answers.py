"""One answer of a service, and what can be read in it whatever it turns out to be. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.services.expressions import look_up

# Where OpenRouter repeats the headers that a server behind it sent.
_REPEATED_HEADERS = "error.metadata.headers"
# What is searched for words and told of an answer: errors are short, and pictures in base64 are not words.
_TEXT_BYTES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers found in any case, the body as it came, and the JSON in it, None where it is none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content: Any = field(repr=False)

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return cls(status=status, headers=headers, body=body, content=_json(body))

    @property
    def text(self) -> str:
        """The beginning of the body as text, "" of a picture."""
        return "" if self.is_picture else self.body[:_TEXT_BYTES].decode("utf-8", "replace")

    @property
    def is_picture(self) -> bool:
        """Whether the body is called one; whether it is one is found out by whoever decodes it."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind.startswith("image/") or kind == "application/octet-stream"

    @property
    def repeated_headers(self) -> dict[str, str]:
        """Headers that stand in the body, those of whoever answered the service; names in lower case."""
        found = self.find(_REPEATED_HEADERS)
        return {name.lower(): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def find(self, expression: str | None) -> Any:
        """What a JMESPath expression finds, None where there is no expression."""
        return look_up(expression, self.content) if expression is not None else None

    def find_text(self, expression: str | None) -> str:
        """What it finds as text, "" where it finds nothing. A list of texts is joined, anything else said in JSON."""
        found = self.find(expression)
        if found is None or isinstance(found, str):
            return found or ""
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return "; ".join(found)
        return json.dumps(found)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # no JSON, no Unicode, a number of too many digits; lists in lists in lists
        return None
