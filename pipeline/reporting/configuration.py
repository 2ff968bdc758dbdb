"""The resolved settings and where each came from, for people and for programs. Keys are never among them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from pipeline.config.loader import Configuration
from pipeline.config.settings import ScheduledJob

_OF_A_FLEET = ("broker_url", "redis_url", "storage")
# Settings that may hold a password.
_ADDRESSES = {"limits.url", "history.url", "telemetry.traces_url", *(f"fleet.{name}" for name in _OF_A_FLEET)}


def describe_config(configuration: Configuration) -> str:
    """One line a setting: its key, its value, its origin; then which services' keys are there."""
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
            yield from ((f"{name}.{key}", _shown(f"{name}.{key}", leaf)) for key, leaf in value)
        elif name == "schedule":
            yield name, [_job(job) for job in value]
        else:
            yield name, value


def _shown(key: str, value: Any) -> Any:
    if key in _ADDRESSES and isinstance(value, str):
        return _without_password(value)
    if key == "webhook.url" and value is not None:
        scheme, _, host, *_ = f"{_without_password(value)}/".split("/")
        return f"{scheme}//{host}/…"  # with some services the path is what lets one in
    return value


def _job(job: ScheduledJob) -> str:
    """Its settings by name alone: they may hold passwords too."""
    places = " -> ".join(map(_without_password, (job.source, job.target)))
    own = f", with {', '.join(sorted(job.settings))}" if job.settings else ""
    return f"{job.name} ({job.cron}, {job.timezone}): {places}{own}"


def _key_lines(configuration: Configuration) -> Iterator[str]:
    """The system's keyring is not asked: it might ask a person for a password."""
    is_any_set = False
    for name, access in configuration.credentials.accesses.items():
        if access.key is not None:
            is_any_set = True
            address = f" at {_without_password(access.base_url)}" if access.base_url else ""
            yield f"{access.key_variable} is set for {name} ({access.found_in}){address}"
    if not is_any_set:
        yield "No service's key is set; `providers` lists which there are."


def _without_password(address: str) -> str:
    """Some gateways and Redis servers take user and password in the address itself."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "(no address that can be read)"
    if not parts.netloc:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
