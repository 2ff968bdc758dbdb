"""Text models of made-up catalog entries, pointed at the protocol servers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access, KeySource
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.templates import load_templates
from pipeline.prompting.writer import PromptWriter
from pipeline.records import WriterAnswer
from pipeline.services.catalog import ModelChoice, load_catalog
from pipeline.services.entries import Service
from tests.builders import brief

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEMPLATES = load_templates(None)
PRICE = {"tokens": {"text_in": 2, "text_out": 10, "cache_read": 0.2}}


TIMING = Timing(now=lambda: NOW, monotonic=time.monotonic, sleep=time.sleep)
CATALOG = load_catalog()


@dataclass
class PassingTime:
    """Seconds that pass when a test says so."""

    seconds: float = 0.0

    @property
    def timing(self) -> Timing:
        return Timing(now=lambda: NOW, monotonic=lambda: self.seconds, sleep=time.sleep)


def choice(
    name: str,
    model: str,
    *,
    protocol: str = "openai",
    price: dict[str, Any] | None = PRICE,
    parameters: dict[str, Any] | None = None,
    key: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    errors: dict[str, Any] | None = None,
    **endpoint: Any,
) -> ModelChoice:
    """A model of a service `name`; `endpoint` are the `send` and `omit` of its way of asking.

    What its errors mean is what the shipped catalog says of the service of this name, unless `errors` are given.
    """
    service = Service.model_validate(
        {
            "service": name,
            "title": name.title(),
            "key": {"variables": [f"{name.upper()}_API_KEY"]} | (key or {}),
            "headers": headers or {},
            "errors": errors or CATALOG.services[name].errors.model_dump(),
            "endpoints": {"text": {"type": "text", "protocol": protocol, **endpoint}},
            "models": {model: {"type": "text", "price": price, "parameters": parameters or {}}},
        }
    )
    return ModelChoice(service=service, id=model, model=service.models[model])


def access(chosen: ModelChoice, base_url: str | None, key: str | None) -> Access:
    """As the environment gives it."""
    found_in = f"environment {chosen.service.key.variables[0]}" if chosen.service.key and key else ""
    return Access(
        service=chosen.service,
        base_url=base_url,
        key=SecretStr(key) if key else None,
        source=KeySource.PERSONAL if key else None,
        found_in=found_in,
    )


def wrote(writer: PromptWriter) -> WriterAnswer:
    """What it answers for a slide."""
    return writer.write(brief(), 5)


def failure(writer: PromptWriter, kind: FailureKind, *, timeout_s: float = 5) -> ServiceError:
    """What it raises for a slide, which is of this kind."""
    with pytest.raises(ServiceError) as caught:
        writer.write(brief(), timeout_s)
    assert caught.value.kind is kind, caught.value
    return caught.value
