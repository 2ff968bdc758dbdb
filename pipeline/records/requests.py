"""What a question to a service is known by: the same question has the same key, and is asked and paid for once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any


class CallKind(StrEnum):
    """What a service is called for."""

    PROMPT = "prompt"
    IMAGE = "image"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question to a model of a service.

    `prompt` is the clean text that is drawn, "" where a prompt is what is asked for. `parameters` are what is sent
    beside it, `context` what else tells two questions apart and is not sent as it stands: templates, a slide's content.
    All values are JSON's.
    """

    kind: CallKind
    service: str
    model: str
    prompt: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """64 hexadecimal digits: a SHA-256 over everything above."""
        parts = {
            "kind": self.kind.value,
            "service": self.service,
            "model": self.model,
            "prompt": self.prompt,
            "parameters": dict(self.parameters),
            "context": dict(self.context),
        }
        text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """How many tokens a call took in and gave back, whatever they stood for."""

    read: int = 0
    written: int = 0
