"""Loopback servers that speak the services' own protocols, for the real SDKs to talk to."""

from __future__ import annotations

from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.openai_server import OpenAIServer

__all__ = ["AnthropicServer", "OpenAIServer"]
