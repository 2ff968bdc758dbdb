"""Requests, pictures and answers to keep, and how programs begin that keep them in processes of their own."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from pipeline.records import CallKind, GeneratedImage, Request, Tokens, WriterAnswer
from pipeline.store.keeping import Store
from tests.unit.store.nursery import Program

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
ANSWER = WriterAnswer(
    worth_illustrating=True,
    reason="",
    prompt="A red fox",
    alt_text="Лиса «рыжая» שועל",
    cost_usd=0.01,
    tokens=Tokens(read=900, written=80),
)
WITH_STORE = """
import os, sys, time
from datetime import UTC, datetime
from pathlib import Path
from pipeline.errors import FileAccessError
from pipeline.store.keeping import Store
from tests.unit.store.stores import ANSWER, image, picture, question
folder = Path(sys.argv[1])
owner = f"run-{os.getpid()}"
store = Store(folder, owner=owner, now=lambda: datetime.now(UTC))
"""


def picture(number: int = 1) -> Request:
    return Request(
        kind=CallKind.IMAGE,
        service="openai",
        model="gpt-image-1",
        prompt=f"A red fox, number {number}",
        parameters={"size": "1024x1024", "n": 1},
        context={"secret": "what the slide says"},
    )


def question(number: int = 1) -> Request:
    return Request(kind=CallKind.PROMPT, service="anthropic", model="claude", context={"title": f"Slide {number}"})


def image(data: bytes = PNG, cost_usd: float | None = 0.04) -> GeneratedImage:
    return GeneratedImage(data=data, provider="openai", model="gpt-image-1", cost_usd=cost_usd)


def store_in(folder: Path, now: datetime = NOW, owner: str = "run-1") -> Store:
    return Store(folder, owner=owner, now=lambda: now)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def full(_descriptor):
    """Stands in for os.fsync on a full disk."""
    raise OSError(28, "No space left on device")


def finished(process: Program, go: str = "") -> list[str]:
    """The lines it said, after it was told to `go`; its failure is the test's."""
    said, complaint = process.communicate(go)
    assert process.returncode == 0, complaint
    return said.splitlines()
