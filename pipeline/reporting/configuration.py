"""The resolved settings and where each came from, for people and for programs. Keys are never among them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from pipeline.config.loader import Configuration


def describe_config(configuration: Configuration) -> str:
    """One line a setting: its key, its value, its origin; then which keys are there."""
    rows = [(key, str(value), configuration.origins.get(key, "default")) for key, value in _leaves(configuration)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{key:{widths[0]}}  {value:{widths[1]}}  {origin}" for key, value, origin in rows]
    return "\n".join([*lines, "", *_key_lines(configuration)])


def config_json(configuration: Configuration) -> str:
    """The same as one JSON object, keyed by setting."""
    found = {
        key: {"value": value, "origin": configuration.origins.get(key, "default")}
        for key, value in _leaves(configuration)
    }
    return json.dumps(found, indent=2, default=str)


def _leaves(configuration: Configuration) -> Iterator[tuple[str, Any]]:
    for name, value in configuration.settings:
        if isinstance(value, BaseModel):
            yield from ((f"{name}.{key}", leaf) for key, leaf in value)
        else:
            yield name, value


def _key_lines(configuration: Configuration) -> Iterator[str]:
    for service in (configuration.credentials.anthropic, configuration.credentials.openai):
        address = f" at {_without_password(service.base_url)}" if service.base_url else ""
        yield f"{service.key_variable} is {'set' if service.key else 'not set'}{address}"


def _without_password(address: str) -> str:
    """Some gateways take user and password in the address itself."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
