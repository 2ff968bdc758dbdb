"""What a model is asked for, and how its answer is read, whatever it comes wrapped in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.records import Allowance, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked.

    `rules` are the same for every deck and `context` for every slide of one, so services can cache them; either may be
    "". `is_formal`: the answer is wanted in the form of `Answer`, else as plain text.
    """

    rules: str
    context: str
    text: str
    is_formal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAnswer:
    """What a model wrote, its thoughts left out; never blank.

    `cost_usd` is None where the price is not known, `tokens` and `allowance` where the service said nothing of them.
    """

    text: str
    cost_usd: float | None
    tokens: Tokens | None
    allowance: Allowance | None


def _never_null(value: Any) -> Any:
    return "" if value is None else value


# Models that no schema holds write null for an empty text.
_Text = Annotated[str, BeforeValidator(_never_null)]


class Answer(BaseModel):
    """The form of an answer about one slide. Strict structured output wants every field, and no other."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    worth_illustrating: bool = Field(description="Whether a picture would help this slide.")
    reason: _Text = Field(description="One sentence: why it is, or is not, worth illustrating.")
    prompt: _Text = Field(description="The image prompt in English; empty if not worth illustrating.")
    alt_text: _Text = Field(description="One sentence in the deck's own language; empty if not worth illustrating.")


SCHEMA = Answer.model_json_schema()
# For servers that do not hold a model to a schema. (OpenAI's JSON mode also demands that the messages say "JSON".)
FORM_IN_WORDS = (
    "Answer with one JSON object and nothing else: no Markdown, no text before or after it. Its JSON Schema:\n"
    + json.dumps(SCHEMA)
)


def read_answer(text: str) -> Answer | None:
    """The last object in `text` that has the form of an `Answer`, None where there is none.

    It may stand between ``` fences or sentences, or inside another object. What only explains may be missing.
    """
    found = None
    for members in _objects(without_thoughts(text)):
        try:
            found = Answer.model_validate({"reason": "", "alt_text": "", **members})
        except ValidationError:
            continue
    return found


def without_thoughts(text: str) -> str:
    """`text` without the thoughts that reasoning models put before it; some servers leave out the opening tag."""
    for tag in ("think", "thinking"):
        text = text.rpartition(f"</{tag}>")[2].partition(f"<{tag}>")[0]
    return text.strip()


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in `text`, also those inside others. Line breaks inside strings are forgiven."""
    decoder = json.JSONDecoder(strict=False)
    for brace in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text, brace.start())
        except ValueError:
            continue
        except RecursionError:
            return  # a model gone astray: nothing so deep is an answer
        yield value
