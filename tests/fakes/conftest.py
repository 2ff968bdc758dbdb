"""The real SDKs, pointed at the protocol servers: their own retries off, everything else as a user has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import Message
from openai.types import ImagesResponse

from tests.fakes import AnthropicServer, OpenAIServer
from tests.fakes.answers import FORMAT, Ask, Draw


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    """What carries the SDKs' calls. Loading the trust store takes 70 ms, and loopback is not encrypted."""
    with httpx2.Client(verify=False) as client:
        yield client


@pytest.fixture
def writer() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture
def painter() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def claude(writer: AnthropicServer, http: httpx2.Client) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        base_url=writer.base_url, api_key=writer.api_key, max_retries=0, timeout=5, http_client=http
    )


@pytest.fixture
def ask(claude: anthropic.Anthropic) -> Ask:
    """One call through the real SDK; any argument can be replaced."""

    def call(text: str = "Slide 3: Photosynthesis", **changes: Any) -> Message:
        arguments: dict[str, Any] = {
            "model": "claude-haiku-5-5",
            "max_tokens": 2000,
            "thinking": {"type": "disabled"},
            "messages": [{"role": "user", "content": text}],
            "output_config": {"format": FORMAT},
        }
        message: Message = claude.messages.create(**(arguments | changes))
        return message

    return call


@pytest.fixture
def draw_on(http: httpx2.Client) -> Callable[[OpenAIServer], Draw]:
    """One call through the real SDK to a server of the test's own; any argument can be replaced."""

    def bound(server: OpenAIServer) -> Draw:
        client = openai.OpenAI(
            base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=5, http_client=http
        )

        def call(prompt: str = "A quiet harbour", **changes: Any) -> ImagesResponse:
            arguments: dict[str, Any] = {"model": "gpt-image-2.6-flare", "size": "1536x864", "quality": "medium"}
            answer: ImagesResponse = client.images.generate(prompt=prompt, **(arguments | changes))
            return answer

        return call

    return bound


@pytest.fixture
def draw(painter: OpenAIServer, draw_on: Callable[[OpenAIServer], Draw]) -> Draw:
    return draw_on(painter)
