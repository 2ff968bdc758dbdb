"""Small catalogs for tests of keys: services that exist nowhere."""

from __future__ import annotations

from typing import Any

from pipeline.services.catalog import Catalog
from pipeline.services.entries import Service


def service(name: str = "alpha", **more: Any) -> Service:
    """A service at https://alpha.example/v1 with a key in ALPHA_API_KEY or ALPHA_TOKEN; `more` replaces fields."""
    prefix = name.upper().replace("-", "_")
    entry = {
        "service": name,
        "title": name.title(),
        "base_url": f"https://{name}.example/v1",
        "key": {"variables": [f"{prefix}_API_KEY", f"{prefix}_TOKEN"]},
        "endpoints": {"images": {"type": "image", "protocol": "openai"}},
    }
    return Service.model_validate(entry | more)


def catalog(*services: Service) -> Catalog:
    return Catalog({entry.service: entry for entry in services})
