"""What went wrong, as JSON: calls that brought nothing, commands that could not do what they were asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pipeline.errors import ExitCode, FailedCall


def failed_calls_json(calls: Iterable[FailedCall]) -> list[dict[str, Any]]:
    """One object a call, in the order they were made."""
    return [
        {
            "provider": call.service,
            "model": call.model,
            "kind": call.kind.value,
            "message": call.message,
            "cost_usd": round(call.cost_usd, 6),
        }
        for call in calls
    ]


def refusal_json(message: str, code: ExitCode) -> str:
    """The answer of a command that could not begin, or was not let end."""
    return json.dumps({"status": "failed", "exit_code": int(code), "message": message}, indent=2)
