"""Every service that answers at once offers the same faults by the same names, so that one table can drive them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tests.fakes import (
    AzureServer,
    GeminiServer,
    HuggingFaceServer,
    OpenAIServer,
    OpenRouterServer,
    StabilityServer,
    azure_faults,
    gemini_faults,
    huggingface_faults,
    openai_faults,
    openrouter_faults,
    stability_faults,
)
from tests.fakes.http_server import FakeService


@dataclass(frozen=True)
class Service:
    """How one service is started, broken and asked for a picture."""

    start: Callable[[], FakeService]
    faults: ModuleType
    path: str
    sent: dict[str, Any]


OPENAI_BODY = {"model": "gpt-image-2.6-flare", "prompt": "Sea"}
SERVICES = {
    "openai": Service(OpenAIServer, openai_faults, "/v1/images/generations", {"json": OPENAI_BODY}),
    "azure": Service(AzureServer, azure_faults, "/openai/v1/images/generations", {"json": OPENAI_BODY}),
    "openrouter": Service(
        OpenRouterServer, openrouter_faults, "/api/v1/images", {"json": {"model": "krea/krea-2-large", "prompt": "Sea"}}
    ),
    "gemini": Service(
        GeminiServer,
        gemini_faults,
        "/v1/models/gemini-nano-banana-2.1:generateContent",
        {"json": {"contents": [{"parts": [{"text": "Sea"}]}]}},
    ),
    "stability": Service(
        StabilityServer,
        stability_faults,
        "/v2beta/stable-image/generate/core",
        {"data": {"prompt": "Sea"}, "files": {"none": ""}},
    ),
    "huggingface": Service(
        HuggingFaceServer, huggingface_faults, "/fal-ai/fal-ai/flux/dev", {"json": {"prompt": "Sea"}}
    ),
}
FAULTS: dict[str, tuple[tuple[float, ...], set[int]]] = {
    "bad_key": ((), {400, 401}),
    "no_credit": ((), {402, 429}),
    "rate_limited": ((2,), {429}),
    "policy_refusal": ((), {200, 400, 403, 422}),
    "bad_parameter": ((), {400, 422}),
    "server_error": ((), {500, 502}),
    "retired_model": ((), {404}),
    "without_image": ((), {200}),
    "garbage": ((), {200}),
}


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, FakeService]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(service.start()) for name, service in SERVICES.items()}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_offers_the_fault(
    http: httpx2.Client, running: dict[str, FakeService], name: str, fault: str
) -> None:
    service, server, (arguments, statuses) = SERVICES[name], running[name], FAULTS[fault]
    key = server.api_key
    headers = {"x-goog-api-key": key} if name == "gemini" else {"authorization": f"Bearer {key}"}

    def ask() -> httpx2.Response:
        return http.post(server.origin + service.path, headers=headers, **service.sent)

    server.faults.clear()
    good = ask()
    server.faults.always(getattr(service.faults, fault)(*arguments))
    bad = ask()
    assert good.status_code == 200
    assert bad.status_code in statuses
    assert bad.content != good.content
    assert key not in bad.text
