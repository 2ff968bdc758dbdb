"""A person's own catalog files, for tests."""

from __future__ import annotations

from pathlib import Path

from pipeline.services.catalog import Catalog, load_catalog

MADE_UP = """\
service: acme
title: Acme
base_url: https://api.acme.example
key: {variables: [ACME_API_KEY]}
endpoints:
  images:
    type: image
    protocol: http
    submit: {path: /draw}
    request: {text: "{{prompt}}", ratio: "{{aspect_ratio}}", quality: "{{quality}}"}
    result: {image: picture}
models:
  acme-1:
    shape: {ratios: ["1:1", "16:9"]}
    parameters: {quality: {allowed: [low, high], default: low}}
    price: {image: 0.5}
"""


def catalog_of(folder: Path, *texts: str) -> Catalog:
    """The catalog with one more file for each text: 0.yaml, 1.yaml, …"""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return load_catalog(folder)
