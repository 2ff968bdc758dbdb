"""Programs in processes of their own that begin at once: forked from one that has the store in memory already."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[3]
LOADED = ("pipeline.engine.limits", "pipeline.store.keeping", "pipeline.store.rates", "tests.unit.store.stores")
ORDER_BYTES = 1 << 18

_LOOK_S = 0.002


class Program:
    """One process, its streams as pipes. `returncode` is negative where a signal ended it, None until that is known."""

    def __init__(self, nursery: Nursery, pid: int, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> None:
        self.nursery, self.pid = nursery, pid
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None

    def kill(self) -> None:
        """SIGKILL, where it is not over yet; its number stays its own until its end is asked for."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def communicate(self, go: str = "") -> tuple[str, str]:
        """Tell it to `go`, wait for its end; what else it said, and its complaints, of which there are few."""
        self.stdin.write(go)
        self.stdin.close()
        with self.stdout, self.stderr:
            said = self.stdout.read(), self.stderr.read()
        while self.returncode is None:
            time.sleep(_LOOK_S)
            self.returncode = self.nursery.code_of(self.pid)
        return said


class Nursery:
    """Where programs come from, from `with` to its end."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", __name__, str(number)]
            self._parent = subprocess.Popen(command, cwd=ROOT, pass_fds=[number])

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._parent.wait()

    def start(self, source: str, *arguments: object) -> Program:
        """Run Python's `source` with these arguments, as `python -c` would, in the repository and this environment."""
        order = {"source": source, "arguments": [*map(str, arguments)], "environment": dict(os.environ)}
        (stdin, to_it), (said, stdout), (complained, stderr) = os.pipe(), os.pipe(), os.pipe()
        socket.send_fds(self._socket, [json.dumps(order).encode()], [stdin, stdout, stderr])
        for end in (stdin, stdout, stderr):
            os.close(end)
        streams = os.fdopen(to_it, "w"), os.fdopen(said), os.fdopen(complained)
        return Program(self, json.loads(self._socket.recv(ORDER_BYTES)), *streams)

    def code_of(self, pid: int) -> int | None:
        """What a process ended with, None while it is at work."""
        self._socket.send(json.dumps(pid).encode())
        code: int | None = json.loads(self._socket.recv(ORDER_BYTES))
        return code


def serve(asked: socket.socket) -> None:
    """Fork a process for every order that comes in, look after each number; until nobody asks any more."""
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()
    while True:
        message, streams, _, _ = socket.recv_fds(asked, ORDER_BYTES, 3)
        if not message:
            return
        question = json.loads(message)
        answer: int | None
        if isinstance(question, int):
            pid, status = os.waitpid(question, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                asked.close()
                run(streams, **question)
            for stream in streams:
                os.close(stream)
        asked.send(json.dumps(answer).encode())


def run(streams: list[int], *, source: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Be the program, in a forked process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["-c", *arguments]
    code = 1
    try:
        exec(compile(source, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102 - as -c does
        code = 0
    finally:
        if code:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
