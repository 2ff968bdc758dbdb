"""What a chat completion can be beside a good one: the faults are the same for every server that speaks this API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.faults import Fault
from tests.fakes.revising import revised
from tests.fakes.wire import Json


def refusal() -> Fault:
    """The model declines: status 200, `refusal` in place of the content."""
    message = {"content": None, "refusal": "I'm sorry, I can't assist with that request."}
    return _with_choice(lambda choice: choice | {"message": choice["message"] | message})


def content_filtered() -> Fault:
    """A filter cut the answer short: finish_reason "content_filter", no text."""
    return _with_choice(lambda choice: _saying(choice, "") | {"finish_reason": "content_filter"})


def cut_off() -> Fault:
    """The token limit reached in mid-answer: half of the text, which is not JSON any more."""
    return _with_choice(
        lambda choice: (
            _saying(choice, choice["message"]["content"][: len(choice["message"]["content"]) // 2])
            | {"finish_reason": "length"}
        )
    )


def answering(text: str) -> Fault:
    """The answer's whole text, of the tester's choosing."""
    return _with_choice(lambda choice: _saying(choice, text))


def answering_with(**values: Any) -> Fault:
    """The usual structured answer with some of its properties replaced."""

    def change(choice: Json) -> Json:
        return _saying(choice, json.dumps(json.loads(choice["message"]["content"]) | values, ensure_ascii=False))

    return _with_choice(change)


def no_choices() -> Fault:
    """Status 200 and nothing to choose from."""
    return revised(lambda completion: completion | {"choices": []})


def upstream_error(code: int = 502, message: str = "Provider returned error") -> Fault:
    """OpenRouter's way of passing on an error of the provider behind it: inside a 200."""
    error = {"code": code, "message": message}
    return _with_choice(lambda choice: _saying(choice, "") | {"finish_reason": "error", "error": error})


def _with_choice(change: Callable[[Json], Json]) -> Fault:
    return revised(lambda completion: completion | {"choices": [change(completion["choices"][0])]})


def _saying(choice: Json, text: str) -> Json:
    return choice | {"message": choice["message"] | {"content": text}}
