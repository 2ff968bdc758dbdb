"""The program in processes of its own that begin at once: forked from one that has everything in memory already.

A process can be told to die, as by SIGKILL, at a step it takes in the world: the interpreter tells of every file that
is opened, renamed or removed just before it happens (PEP 578).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

Steps = Sequence[tuple[str, Path]]
"""What happens to which file, in this order: ("os.rename", to), ("open", path), ("os.remove", path)."""


@dataclass
class Process:
    """One run of the program. `code` is negative where a signal ended it."""

    pid: int
    said: Path
    forge: Forge

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def ended(self) -> tuple[int, str, str]:
        """Its code, stdout and stderr, once it has ended."""
        code = self.forge.wait(self.pid)
        return code, *(self.said.with_suffix(end).read_text(encoding="utf-8") for end in (".out", ".err"))


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
        return Process(pid=self._asked(order), said=Path(f"{order['said']}.txt"), forge=self)

    def wait(self, pid: int) -> int:
        return self._asked(pid)

    def _asked(self, question: object) -> int:
        stdin, stdout = self._parent.stdin, self._parent.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        return int(stdout.readline())


def serve() -> None:
    """Fork a process for every order that comes in, wait for each number; until nobody asks any more."""
    import anthropic  # noqa: F401, PLC0415 - what takes long to load, and only in this process
    import openai  # noqa: F401, PLC0415

    import pipeline.cli.decks  # noqa: F401, PLC0415
    from pipeline.prompting.english import warm_language_model  # noqa: PLC0415

    warm_language_model()
    children: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if isinstance(question, int):
            answer = os.waitstatus_to_exitcode(os.waitpid(question, 0)[1])
            children.discard(question)
        else:
            answer = os.fork()
            if answer == 0:
                run(question)
            children.add(answer)
        sys.stdout.write(f"{answer}\n")
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
