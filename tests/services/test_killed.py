"""SIGKILL while pictures are on order: the next process goes on with every order and makes none anew."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store.keeping import Store
from tests.fakes import OpenAIServer
from tests.fakes.faults import hang
from tests.services.asking import paint, request_of
from tests.services.conftest import Watched
from tests.services.table import ROWS, Row
from tests.services.test_secrets import leaks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TASKS = [row for row in ROWS.values() if row.has_tasks]
# Pictures that lie at an address; by OpenAI's protocol they do where a server likes that better.
LINKS = [ROWS["huggingface"], ROWS["openai"]]
WAIT_S = 60.0


@dataclass(frozen=True)
class Ordered:
    """One order of the process that is killed."""

    row: Row
    watched: Watched

    @property
    def is_waited_for(self) -> bool:
        """Whether the process has what it needs to come back for the picture, and does not have that."""
        if self.row in LINKS:
            return bool(self.watched.gets)
        tasks = [task for task in self.watched.server.tasks if task.request.number > self.watched.posts_before]
        return len(tasks) == orders_of(self.row) and all(task.looks for task in tasks)


def orders_of(row: Row) -> int:
    """How many of the rows are of the same service."""
    return sum(other.service == row.service for other in [*TASKS, *LINKS])


@pytest.fixture
def ordered(watch) -> Iterator[list[Ordered]]:
    """Services none of which lets go of its picture for now."""
    watched = {row.service: watch(row.service) for row in [*TASKS, LINKS[0]]}
    with OpenAIServer(compatible=True) as server:
        watched["openai"] = Watched(server)
        for row in TASKS:
            watched[row.service].server.never_ends = True
        for row in LINKS:
            watched[row.service].server.fetch_faults.always(hang())
        yield [Ordered(row, watched[row.service]) for row in [*TASKS, *LINKS]]


@pytest.fixture
def ordering(ordered, tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that orders a picture of each and waits."""
    orders = [{"row": one.row.name, "environment": one.row.environment(one.watched.server)} for one in ordered]
    words = [sys.executable, "-m", "tests.services.ordering", str(tmp_path / "store")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(orders).encode())
            process.stdin.close()
            yield process
        finally:
            process.kill()


def until(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not happened():
        assert process.poll() is None, "the process that orders has ended by itself"
        assert time.monotonic() < end_s, "not everything was ordered in time"
        time.sleep(0.01)


def test_what_was_on_order_at_a_kill_is_gone_on_with(ordered, ordering, painter_of, tmp_path):
    until(lambda: all(one.is_waited_for for one in ordered), ordering)
    ordering.send_signal(signal.SIGKILL)
    assert ordering.wait() == -signal.SIGKILL
    store = Store(tmp_path / "store", owner="the-next-run", now=lambda: datetime.now(UTC))
    for one in ordered:
        row, server = one.row, one.watched.server
        server.fetch_faults.clear()
        if row in TASKS:
            server.never_ends = False
        painter = painter_of(row, server, receipts=store)
        key = painter.request(request_of()).key
        receipt = store.find_receipt(key)
        assert receipt is not None, row.name
        assert leaks(receipt.decode()) == [], row.name
        assert painter.is_on_order(request_of()), row.name
        image = paint(painter)
        assert image.continues, row.name
        assert image.cost_usd or row.choice.model.price is None, row.name
        assert store.find_receipt(key) is None, row.name
        assert not painter.is_on_order(request_of()), row.name
    assert {one.row.service: len(one.watched.posts) for one in ordered} == {
        one.row.service: orders_of(one.row) for one in ordered
    }
