"""Loopback servers that speak the services' own protocols, for the real SDKs to talk to."""

from __future__ import annotations

from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.azure_server import AzureServer
from tests.fakes.bfl_server import BflServer
from tests.fakes.fal_server import FalServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.huggingface_server import HuggingFaceServer
from tests.fakes.kie_server import KieServer
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.openrouter_server import OpenRouterServer
from tests.fakes.replicate_server import ReplicateServer
from tests.fakes.stability_server import StabilityServer

__all__ = [
    "AnthropicServer",
    "AzureServer",
    "BflServer",
    "FalServer",
    "GeminiServer",
    "HuggingFaceServer",
    "KieServer",
    "OpenAIServer",
    "OpenRouterServer",
    "ReplicateServer",
    "StabilityServer",
]
