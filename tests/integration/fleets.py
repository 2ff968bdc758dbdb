"""A fleet in small: real brokers on loopback, real worker processes with homes of their own, fake services."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "s3cret-of-the-broker"
_LOOK_S = 0.05
_started: list[subprocess.Popen[str]] = []
_RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def lacking(what: str) -> NoReturn:
    """Skip what needs a server that is not installed; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(what: str, look: Callable[[], object], within_s: float = 90.0) -> None:
    """Return when `look` gives something true."""
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(_LOOK_S)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class RedisBroker:
    """A redis-server that keeps its data on disk, from `with` to its end. It can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._program = shutil.which("redis-server") or lacking("redis-server")
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RedisBroker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--requirepass", PASSWORD]
        options += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        self._process = subprocess.Popen([self._program, *options], cwd=self._folder, stdout=subprocess.DEVNULL)
        until("redis-server", lambda: answers(self.port))

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


class RabbitBroker:
    """A rabbitmq-server with an epmd, folders and ports of its own, from `with` to its end."""

    def __init__(self, folder: Path) -> None:
        if not _RABBIT.exists():
            lacking("rabbitmq-server")
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._epmd, self._distribution = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RabbitBroker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if (epmd := shutil.which("epmd")) is not None:
            subprocess.run([epmd, "-kill"], env=self._environment, stdout=subprocess.DEVNULL, check=False)

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"fleet{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_SCHEMA_DIR": str(self._folder / "schema"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self._folder / "config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq"),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _said(self) -> int:
        """How often it was ready."""
        path = self._folder / "said.txt"
        return path.read_bytes().count(b"completed with") if path.exists() else 0

    def start(self) -> None:
        before = self._said()
        with (self._folder / "said.txt").open("ab") as said:
            self._process = subprocess.Popen(
                [_RABBIT], env=self._environment, stdout=said, stderr=said, start_new_session=True
            )
        until("rabbitmq-server", lambda: self._said() > before or self._process.poll() is not None, 55.0)
        assert self._process.poll() is None, (self._folder / "said.txt").read_text(encoding="utf-8")[-2000:]

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(20)
            self._process = None


class Machine:
    """A machine of the fleet: `worker` with a home of its own, both of its processes in one group."""

    def __init__(self, name: str, folder: Path, config: Path, environment: dict[str, str]) -> None:
        self.said = folder / f"{name}.log"
        self._config = config
        self._folder = folder
        self._environment = environment | {"DECK_ILLUSTRATOR_HOME": str(folder / f"{name}.home")}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = [sys.executable, str(ROOT / "run.py"), "worker", "--config", str(self._config)]
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(
                words, cwd=self._folder, env=self._environment, stdout=said, stderr=said, start_new_session=True
            )

    def wait_until_ready(self, times: int = 1) -> None:
        until("the worker", lambda: self.text.count(" ready.") >= 2 * times)

    @property
    def text(self) -> str:
        return self.said.read_text(encoding="utf-8") if self.said.exists() else ""

    @property
    def is_over(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """All of it, as when the power goes."""
        if not self.is_over:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None

    def ask_to_end(self) -> None:
        """In order, as `docker stop` and systemd do."""
        assert self._process is not None
        self._process.terminate()

    def ended(self, within_s: float = 40.0) -> int:
        """The exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(within_s)


def command(words: list[object], folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the program as a person would, on a machine that only hands in. `end_commands` ends what is left."""
    _started.append(
        started := subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), *map(str, words)],
            cwd=folder,
            env=environment | {"DECK_ILLUSTRATOR_HOME": str(folder / "submitter.home")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    return started


def end_commands() -> None:
    """Kill what a test that failed left waiting."""
    while _started:
        with _started.pop() as process:
            process.kill()


def asked(words: list[object], folder: Path, environment: dict[str, str]) -> Any:
    """The JSON a command prints."""
    said, errors = command([*words, "--json"], folder, environment).communicate(timeout=50)
    assert said, errors
    return json.loads(said)
