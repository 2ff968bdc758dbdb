"""When two addresses of one service are one place."""

from __future__ import annotations

import pytest

from pipeline.asking.places import place_of
from pipeline.config.credentials import Access
from pipeline.services.catalog import load_catalog


def place(service, base_url):
    return place_of(Access(service=load_catalog().services[service], base_url=base_url))


@pytest.mark.parametrize("base_url", ["https://api.openai.com/v1", "https://gateway.example/v1"])
def test_a_service_of_the_catalog_is_the_same_behind_a_gateway(base_url):
    assert place("openai", base_url) == ""


@pytest.mark.parametrize("service", ["azure", "azure-classic", "localai", "ollama", "openai-compatible", "lmstudio"])
def test_what_a_person_alone_says_where_it_is_is_another_where_it_is_another(service):
    here, there = place(service, "http://localhost:1234/v1"), place(service, "http://localhost:4321/v1")
    assert here != there
    assert here == place(service, "http://localhost:1234/v1")


def test_the_place_tells_neither_the_address_nor_who_is_let_in():
    with_password = place("localai", "http://me:pass-word-0123@gpu.example:1/v1")
    assert with_password == place("localai", "http://gpu.example:1/v1")
    assert "gpu" not in with_password
    assert len(with_password) == 64
