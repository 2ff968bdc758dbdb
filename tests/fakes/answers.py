"""How a test reads what the SDKs give back."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import anthropic
from anthropic.types import Message
from openai.types import ImagesResponse
from PIL import Image
from pydantic import BaseModel, Field

Ask = Callable[..., Message]
Draw = Callable[..., ImagesResponse]


class Answer(BaseModel):
    """A structure the servers know nothing of."""

    worth_illustrating: bool
    reason: str = Field(max_length=200)
    prompt: str
    alt_text: str | None


FORMAT: Any = {"type": "json_schema", "schema": anthropic.transform_schema(Answer)}


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def bytes_of(answer: ImagesResponse) -> bytes:
    assert answer.data is not None
    return base64.b64decode(answer.data[0].b64_json or "")


def url_of(answer: ImagesResponse) -> str:
    assert answer.data is not None
    return answer.data[0].url or ""


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image
