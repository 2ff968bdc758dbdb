"""One fake of each service for all tests here, put back in order before each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.loader import configuration_of
from pipeline.config.settings import Images, Settings
from pipeline.images.provider import ImageProvider
from pipeline.images.unfinished import Receipts, ReceiptsInMemory
from pipeline.runs.services.making import make_painter
from tests.clocks import ManualClock
from tests.fakes.http_server import FakeService
from tests.fakes.tasks import TaskService
from tests.fakes.wire import Request
from tests.integration.conftest import illustrate, make_deck, out, run
from tests.services.table import CATALOG, Row, server_of

__all__ = ["illustrate", "make_deck", "out", "run"]


@dataclass
class Watched:
    """A server, and what came to it since the test began."""

    server: FakeService
    posts_before: int = field(init=False)
    gets_before: int = field(init=False)

    def __post_init__(self) -> None:
        self.posts_before, self.gets_before = len(self.server.requests), len(self.server.fetches)

    @property
    def posts(self) -> tuple[Request, ...]:
        return self.server.requests[self.posts_before :]

    @property
    def gets(self) -> tuple[Request, ...]:
        return self.server.fetches[self.gets_before :]


@pytest.fixture(scope="session")
def _running() -> Iterator[Callable[[Row], FakeService]]:
    """The servers, each started when it is first asked for."""
    servers: dict[str, FakeService] = {}
    with ExitStack() as stack:

        def of(row: Row) -> FakeService:
            if row.service not in servers:
                servers[row.service] = stack.enter_context(row.start())
            return servers[row.service]

        yield of


@pytest.fixture
def watch(_running) -> Callable[[Row | str], Watched]:
    """The fake of a service, without faults or anything else an earlier test turned."""

    def of(row: Row | str) -> Watched:
        server = _running(server_of(row) if isinstance(row, str) else row)
        server.faults.clear()
        server.fetch_faults.clear()
        if isinstance(server, TaskService):
            server.polls_needed, server.never_ends, server.unknown_status = 2, False, None
            server.expired, server.image_origin = False, None
            server.ignored.clear()
        return Watched(server)

    return of


class Clock(ManualClock):
    """Waits take no time; the date is the day's, as OpenRouter's fake tells moments by it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def clock() -> ManualClock:
    return Clock()


@pytest.fixture
def receipts() -> ReceiptsInMemory:
    return ReceiptsInMemory()


@pytest.fixture
def painter_of(clock, receipts) -> Iterator[Callable[..., ImageProvider]]:
    """The real provider for a row, pointed at its fake; `images` are settings, the receipts this test's own."""
    with ExitStack() as stack:

        def make(row: Row, server: FakeService, receipts: Receipts = receipts, **images: Any) -> ImageProvider:
            configuration = configuration_of(
                Settings(images=Images(**images)), {**row.environment(server), row.key_variable: server.api_key}
            )
            painter = make_painter(row.choice, configuration, clock, receipts)
            stack.callback(painter.close)
            return painter

        yield make


@pytest.fixture(scope="session")
def _hasty_catalog(tmp_path_factory) -> Path:
    """A person's own catalog files: the services as they are, but their tasks are looked at without waiting."""
    folder = tmp_path_factory.mktemp("hasty")
    for service in CATALOG.services.values():
        polls = {name: {"poll": {"every_s": 0.01}} for name, endpoint in service.endpoints.items() if endpoint.poll}
        if polls:
            entry = {"service": service.service, "limits": {"delay_s": 0}, "endpoints": polls}
            (folder / f"{service.service}.yaml").write_text(json.dumps(entry), encoding="utf-8")
    return folder


@pytest.fixture
def person(monkeypatch, watch, _hasty_catalog) -> Callable[..., list[Watched]]:
    """Somebody with keys for these services and for no other, and with no time to wait."""
    for name in ("PROMPT_DELAY_S", "IMAGE_DELAY_S"):
        monkeypatch.setenv(f"DECK_ILLUSTRATOR_WORKERS__{name}", "0")
    monkeypatch.setenv("DECK_ILLUSTRATOR_SERVICES__CATALOG", str(_hasty_catalog))

    def using(*services: Row | str) -> list[Watched]:
        watched = []
        for service in services:
            row = server_of(service) if isinstance(service, str) else service
            watched.append(watch(row))
            for name, value in row.environment(watched[-1].server).items():
                monkeypatch.setenv(name, value)
        return watched

    return using
