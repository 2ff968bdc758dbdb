"""Real servers of the tests' own: Redis, and moto's S3."""

from __future__ import annotations

import secrets

import pytest

from tests.unit.store.shared.servers import RedisServer, S3Server

redis = pytest.importorskip("redis")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    """One for all tests of a worker that leave it as it is: each begins with nothing in it (`redis_client`)."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_client(redis_server):
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def own_redis(tmp_path):
    """A server to stop and to start anew."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture(scope="session")
def s3_server():
    """Starting it, and the first client, take seconds: whoever asks for it stands in test_on_s3."""
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(s3_server, monkeypatch):
    """The address of a bucket of the test's own."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{secrets.token_hex(4)}"
    s3_server.make_bucket(name)
    return f"s3://{name}"
