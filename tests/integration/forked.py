"""The program in processes of its own that begin at once: forked from one that has everything in memory already.

A process can be told to die, as by SIGKILL, at a step it takes in the world: the interpreter tells of every file that
is opened, renamed or removed just before it happens (PEP 578).
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_LOOK_S = 0.005

Steps = Sequence[tuple[str, Path]]
"""What happens to which file, in this order: ("os.rename", to), ("open", path), ("os.remove", path)."""


@dataclass
class Process:
    """One run of the program. `code` is negative where a signal ended it."""

    pid: int
    said: Path
    forge: Forge

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def is_over(self) -> bool:
        return self.forge.code_of(self.pid) is not None

    def ended(self, within_s: float = 50.0) -> tuple[int, str, str]:
        """Its code, stdout and stderr, once it has ended; a process that takes longer than that has failed."""
        deadline = time.monotonic() + within_s
        while (code := self.forge.code_of(self.pid)) is None:
            assert time.monotonic() < deadline, f"not over within {within_s} s"
            time.sleep(_LOOK_S)
        return code, self._spoken(".out"), self._spoken(".err")

    def _spoken(self, ending: str) -> str:
        return self.said.with_suffix(ending).read_text(encoding="utf-8")


class Forge:
    """Where processes come from, from `with` to its end."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.forked"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started = 0
        self._codes: dict[int, int | None] = {}

    def __enter__(self) -> Forge:
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate()

    def start(self, *words: object, said: Path, dies_at: Steps = ()) -> Process:
        """Run the program in the working directory and the environment of now; what it says goes to `said`.*."""
        self._started += 1
        order = {
            "words": [*map(str, words)],
            "folder": str(Path.cwd()),
            "environment": dict(os.environ),
            "said": f"{said}.{self._started}",
            "dies_at": [[event, str(path)] for event, path in dies_at],
        }
        pid = self._asked(order)
        assert pid is not None
        self._codes[pid] = None
        return Process(pid=pid, said=Path(f"{order['said']}.txt"), forge=self)

    def code_of(self, pid: int) -> int | None:
        """What a process ended with, None while it is at work."""
        if self._codes[pid] is None:
            self._codes[pid] = self._asked(pid)
        return self._codes[pid]

    def end_all(self) -> None:
        """Kill what is still at work, and forget all of it."""
        for pid in self._codes:
            if self.code_of(pid) is None:
                os.kill(pid, signal.SIGKILL)
                while self.code_of(pid) is None:
                    time.sleep(_LOOK_S)
        self._codes.clear()

    def _asked(self, question: object) -> int | None:
        stdin, stdout = self._parent.stdin, self._parent.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        answer: int | None = json.loads(stdout.readline())
        return answer


def serve() -> None:
    """Fork a process for every order that comes in, look after each number; until nobody asks any more."""
    import pipeline.cli.decks  # noqa: PLC0415 - what takes long to load, and only in this process
    import pipeline.images.openai_images  # noqa: PLC0415
    import pipeline.prompting.claude  # noqa: F401, PLC0415
    from pipeline.prompting.english import warm_language_model  # noqa: PLC0415
    from pipeline.services.catalog import load_catalog  # noqa: PLC0415

    warm_language_model()
    load_catalog()
    gc.freeze()
    children: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        answer: int | None
        if isinstance(question, int):
            pid, status = os.waitpid(question, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
            children.discard(pid)
        else:
            answer = os.fork()
            if answer == 0:
                run(question)
            children.add(answer)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def run(order: dict[str, object]) -> None:
    """Be the program, in a forked process."""
    from pipeline.cli import main  # noqa: PLC0415

    for stream, ending in ((0, None), (1, ".out"), (2, ".err")):
        path = os.devnull if ending is None else f"{order['said']}{ending}"
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), stream)
    os.chdir(str(order["folder"]))
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[arg-type]
    _die_at([tuple(step) for step in order["dies_at"]])  # type: ignore[attr-defined]
    code = 70
    try:
        code = main(order["words"])  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_at(steps: list[tuple[str, str]]) -> None:
    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if steps and event == steps[0][0] and steps[0][1] in map(_named, arguments):
            steps.pop(0)
            if not steps:
                os.kill(os.getpid(), signal.SIGKILL)

    if steps:
        sys.addaudithook(heard)


def _named(argument: object) -> str:
    return os.fspath(argument) if isinstance(argument, str | os.PathLike) else ""


if __name__ == "__main__":
    serve()
