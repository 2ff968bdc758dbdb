"""The services that write, each with a writer that asks it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from pipeline.prompting.chat import ChatWriter
from pipeline.prompting.claude import ClaudeWriter
from tests.fakes import AnthropicServer, OpenAIServer
from tests.fakes.openrouter_server import OpenRouterServer
from tests.unit.prompting.asked import TEMPLATES, TIMING, PassingTime, access, choice


@pytest.fixture
def openai_server():
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def local_server():
    """A server on one's own machine that copies OpenAI's API and asks for no key."""
    with OpenAIServer(compatible=True) as server:
        yield server


@pytest.fixture
def openrouter_server():
    with OpenRouterServer() as server:
        yield server


@pytest.fixture
def anthropic_server():
    with AnthropicServer() as server:
        yield server


@pytest.fixture
def writing():
    """Makes writers, and closes them."""
    with ExitStack() as stack:

        def make(kind, chosen, base_url, key, timing=TIMING):
            writer = kind(chosen, access(chosen, base_url, key), TEMPLATES, timing)
            stack.callback(writer.close)
            return writer

        yield make


@pytest.fixture
def at_openai(writing, openai_server):
    """A writer at OpenAI; any part of its catalog entry can be replaced."""

    def make(model="gpt-6-luna", *, key=openai_server.api_key, **changes):
        return writing(ChatWriter, choice("openai", model, **changes), openai_server.base_url, key)

    return make


@pytest.fixture
def passing():
    """A clock that a test moves on."""
    return PassingTime()


@pytest.fixture
def at_home(writing, local_server):
    def make(*, model="llama3.2", key=None, timing=TIMING, **changes):
        chosen = choice("ollama", model, price=None, key={"is_optional": True}, **changes)
        return writing(ChatWriter, chosen, local_server.base_url, key, timing)

    return make


@pytest.fixture
def at_openrouter(writing, openrouter_server):
    def make(**changes):
        chosen = choice("openrouter", "openai/gpt-6-luna", **changes)
        return writing(ChatWriter, chosen, openrouter_server.base_url, openrouter_server.api_key)

    return make


@pytest.fixture
def at_anthropic(writing, anthropic_server):
    def make(model="claude-haiku-5-5", **changes):
        chosen = choice("anthropic", model, protocol="anthropic", **changes)
        return writing(ClaudeWriter, chosen, anthropic_server.base_url, anthropic_server.api_key)

    return make
