"""What the tests of order in failure share: deeds done while a call is in flight, and what is asked afterwards."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

from tests.fakes.faults import Fault, fine
from tests.fakes.http_server import FakeService
from tests.fakes.wire import Exchange, Reply

ONE_WORKER = "workers: {image_workers: 1, prompt_delay_s: 0, image_delay_s: 0}\n"
START_S = 40.0
"""A process on a busy machine."""
_LOOK_S = 0.02


def meanwhile(deed: Callable[[], object]) -> Fault:
    """Do `deed` while the service holds the call, which is then answered as ever."""

    def strike(exchange: Exchange) -> Reply:
        reply = fine(exchange)
        deed()
        return reply

    return strike


class Held:
    """A fault that holds a call until it may go, and says that it has come."""

    def __init__(self) -> None:
        self._is_in_flight = Event()
        self._may_go = Event()

    def __call__(self, exchange: Exchange) -> Reply | None:
        self._is_in_flight.set()
        while not self._may_go.is_set():
            if exchange.wait(_LOOK_S):  # the server stops: the test has failed
                return None
        return fine(exchange)

    def wait(self) -> None:
        """Until a call is in flight."""
        assert self._is_in_flight.wait(START_S), "no call ever came"

    def release(self) -> None:
        self._may_go.set()


def home() -> Path:
    """Where store and history are."""
    return Path(os.environ["DECK_ILLUSTRATOR_HOME"])


def calls(services: tuple[FakeService, ...]) -> tuple[int, ...]:
    """How many calls each service got: prompts, pictures."""
    return tuple(len(server.requests) for server in services)


def attempts(run) -> Counter[tuple[str, str]]:
    """What the history tells of all calls: how often each kind ended how."""
    told = run("history", "--attempts").report["attempts"]
    return Counter((one["kind"], one["error_kind"] or one["state"]) for one in told)


def run_states(run) -> list[str]:
    """How the runs stand that the history knows, the latest first."""
    return [one["state"] for one in run("history").report["runs"]]


def ends_in_one_line(ran, code: int, *words: object) -> None:
    """It ended with this code and says in one line what is wrong."""
    assert ran.code == code, ran.err
    message = ran.report["message"]
    assert "\n" not in message
    assert all(str(word) in message for word in words), message
    assert "Traceback" not in ran.err


def left_over(*folders: Path) -> list[Path]:
    """Temporary files, locks, and notes of who is at work."""
    return list(_left_over(folders))


def _left_over(folders: tuple[Path, ...]) -> Iterator[Path]:
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.suffix in (".tmp", ".lock") or path.name == "run.json":
            yield path


def spoil_history() -> None:
    """Rubbish in the place of all of it."""
    path = home() / "history.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what stands beside it would mend it
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)
