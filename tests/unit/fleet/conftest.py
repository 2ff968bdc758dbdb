"""A real Redis of the tests' own, emptied before each test."""

from __future__ import annotations

import pytest

from tests.integration.fleets import RedisBroker

redis = pytest.importorskip("redis")
pytest.importorskip("celery")


@pytest.fixture(scope="session")
def _redis_server(tmp_path_factory):
    with RedisBroker(tmp_path_factory.mktemp("fleet-redis")) as server:
        yield server


@pytest.fixture
def redis_url(_redis_server):
    return _redis_server.url


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as opened:
        opened.flushall()
        yield opened
