"""The services as the tests go through them: one row for every way of asking that the catalog has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import pytest

from pipeline.services.catalog import Catalog, ModelChoice, load_catalog
from tests.fakes import (
    AzureServer,
    BflServer,
    FalServer,
    GeminiServer,
    HuggingFaceServer,
    KieServer,
    OpenAIServer,
    OpenRouterServer,
    ReplicateServer,
    StabilityServer,
    azure_faults,
    bfl_faults,
    fal_faults,
    gemini_faults,
    huggingface_faults,
    kie_faults,
    openai_faults,
    openrouter_faults,
    replicate_faults,
    stability_faults,
)
from tests.fakes.http_server import FakeService

CATALOG: Catalog = load_catalog()
# No service has keys like these: what is percent-encoded, escaped or split must be found out by the tests of secrets.
KEY = "sk-Quokka/Zephyr+0123456789=abcdef"
KEY_OF_TWO = "0f1e2d3c-quokka-zephyr:Narwhal+Obelisk/98765=="


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to ask one service. `model` is asked for, "" being the service's default.

    `start` makes its fake. `at_origin` where the service's address is that of the server alone.
    """

    service: str
    start: Callable[[], FakeService]
    faults: ModuleType
    model: str = ""
    at_origin: bool = False

    @property
    def name(self) -> str:
        return f"{self.service}/{self.model}" if self.model else self.service

    @property
    def choice(self) -> ModelChoice:
        return CATALOG.choose(self.name, "image", "the table")

    @property
    def key_variable(self) -> str:
        """The one people are told to set."""
        key = CATALOG.services[self.service].key
        assert key is not None
        return key.variables[0]

    @property
    def needs_key(self) -> bool:
        key = CATALOG.services[self.service].key
        return key is not None and not key.is_optional

    @property
    def address_variable(self) -> str:
        return CATALOG.services[self.service].address_variable

    @property
    def has_tasks(self) -> bool:
        endpoint = self.choice.service.endpoint_for(self.choice.model, "image")
        return endpoint.poll is not None

    @property
    def is_linked(self) -> bool:
        """True where the answer says at what address the picture lies."""
        return self.has_tasks or self.name == "huggingface"

    def address(self, server: FakeService) -> str:
        """What the service's address variable is set to."""
        return server.origin if self.at_origin else str(server.base_url)  # type: ignore[attr-defined]

    def environment(self, server: FakeService) -> dict[str, str]:
        """What a person sets to use `server` as this service."""
        key = {self.key_variable: server.api_key} if self.needs_key else {}
        return {self.address_variable: self.address(server), **key}


def _row(service: str, server: type[FakeService], faults: ModuleType, model: str = "", **more: bool) -> Row:
    key = KEY_OF_TWO if service == "fal" else KEY
    at_origin = more.pop("at_origin", False)
    return Row(
        service=service, start=partial(server, api_key=key, **more), faults=faults, model=model, at_origin=at_origin
    )


ROWS = {
    row.name: row
    for row in (
        _row("openai", OpenAIServer, openai_faults),
        _row("azure", AzureServer, azure_faults, "gpt-image-2.5-flare"),
        _row("azure-classic", AzureServer, azure_faults, "gpt-image-2.5-flare", at_origin=True),
        _row("openai-compatible", OpenAIServer, openai_faults, "a-model-of-mine", compatible=True),
        _row("localai", OpenAIServer, openai_faults, "a-model-of-mine", compatible=True),
        _row("ollama", OpenAIServer, openai_faults, compatible=True),
        _row("openrouter", OpenRouterServer, openrouter_faults),
        _row("gemini", GeminiServer, gemini_faults),
        _row("stability", StabilityServer, stability_faults),
        _row("stability", StabilityServer, stability_faults, "sd3.5-large"),
        _row("huggingface", HuggingFaceServer, huggingface_faults),
        _row("huggingface", HuggingFaceServer, huggingface_faults, "black-forest-labs/FLUX.1-schnell:together"),
        _row("huggingface", HuggingFaceServer, huggingface_faults, "black-forest-labs/FLUX.1-schnell:nscale"),
        _row("huggingface", HuggingFaceServer, huggingface_faults, "stabilityai/stable-diffusion-xl-base-1.0"),
        _row("bfl", BflServer, bfl_faults),
        _row("fal", FalServer, fal_faults),
        _row("fal", FalServer, fal_faults, "google/nano-banana-2.1"),
        _row("replicate", ReplicateServer, replicate_faults),
        _row("replicate", ReplicateServer, replicate_faults, "stability-ai/sdxl"),
        _row("kie", KieServer, kie_faults),
        _row("kie", KieServer, kie_faults, "kontext-pro"),
    )
}
"""By name. One service may stand in several rows: models are asked in several ways, and fail in several."""

SERVICES = list({row.service: row for row in reversed(ROWS.values())}.values())[::-1]
"""The first row of each service."""


def every(rows: Iterable[Row]) -> pytest.MarkDecorator:
    """Run a test once for each of `rows`."""
    chosen = list(rows)
    return pytest.mark.parametrize("row", chosen, ids=[row.name for row in chosen])


EVERY = every(ROWS.values())
TASKS = every(row for row in ROWS.values() if row.has_tasks)
LINKED = every(row for row in ROWS.values() if row.is_linked)


def server_of(service: str) -> Row:
    """The row whose fake stands for `service`."""
    return next(row for row in SERVICES if row.service == service)
