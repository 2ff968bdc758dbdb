"""The work folder of a run: every prompt and picture that was paid for, on disk before anything else happens to it.

A run that was broken off finds here what it already has. Names tell people the slide; the key in them, a digest of
everything that went into the question, tells whether an answer still fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from pipeline.errors import FileAccessError
from pipeline.records import GeneratedImage, WriterAnswer
from pipeline.store.files import write_whole

_ANSWERS = TypeAdapter(WriterAnswer)
_MAGIC = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"RIFF": ".webp"}


def request_key(parts: Mapping[str, Any]) -> str:
    """A digest that is the same for the same question and differs where anything in it does."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class WorkFolder:
    """Safe for the threads of one run while it is `held`. Raises FileAccessError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def log_file(self) -> Path:
        return self.path / "run.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep it to this run. Raises FileAccessError, also where another run has it."""
        self.prepare()
        try:
            with FileLock(self.path / "run.lock", timeout=0):
                yield
        except Timeout as error:
            raise FileAccessError(f"{self.path}: another run is at work on this output; wait for it to end") from error

    def prepare(self) -> None:
        try:
            for folder in (self.path / "prompts", self.path / "images"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileAccessError(
                f"{self.path}: the work folder cannot be made ({error.strerror}); set output.work_folder to another"
            ) from error

    def find_answer(self, slide_number: int, key: str) -> WriterAnswer | None:
        """The answer kept for this question, free of charge this time."""
        path = self._prompt_path(slide_number, key)
        try:
            return replace(_ANSWERS.validate_json(path.read_bytes()), cost_usd=0.0)
        except (FileNotFoundError, ValidationError):
            return None
        except OSError as error:
            raise FileAccessError(f"{path}: cannot be read ({error.strerror}); fix its rights or remove it") from error

    def keep_answer(self, slide_number: int, key: str, answer: WriterAnswer) -> None:
        self._write(self._prompt_path(slide_number, key), _ANSWERS.dump_json(answer, indent=2))

    def discard_answers(self, slide_number: int) -> None:
        """Forget what was answered for a slide and could not be used, so that it is asked anew."""
        for path in (self.path / "prompts").glob(f"{_stem(slide_number, '*')}.json"):
            _remove(path)

    def find_image(self, slide_number: int, key: str) -> Path | None:
        """The picture kept for this request."""
        return next(iter(sorted((self.path / "images").glob(f"{_stem(slide_number, key)}.*"))), None)

    def keep_image(self, slide_number: int, key: str, image: GeneratedImage) -> Path:
        """Write the picture as it came, named by what its bytes are."""
        suffix = next((name for magic, name in _MAGIC.items() if image.data.startswith(magic)), ".bin")
        path = self.path / "images" / f"{_stem(slide_number, key)}{suffix}"
        self._write(path, image.data)
        return path

    def read_image(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise FileAccessError(f"{path}: cannot be read ({error.strerror}); fix its rights or remove it") from error

    def discard_image(self, path: Path) -> None:
        """Forget a picture that turned out to be none, so that it is asked for anew."""
        _remove(path)

    def _prompt_path(self, slide_number: int, key: str) -> Path:
        return self.path / "prompts" / f"{_stem(slide_number, key)}.json"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except OSError as error:
            problem = f"{path}: cannot be written ({error.strerror}); free space or fix its rights"
            raise FileAccessError(problem) from error


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be removed ({error.strerror}); remove it by hand") from error


def _stem(slide_number: int, key: str) -> str:
    return f"slide-{slide_number:03d}-{key}"
