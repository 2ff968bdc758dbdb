"""The folders of the store: files that are there whole or not at all, for their owner's eyes only."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.records import Request
from pipeline.store.files import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, refusals_told, write_together

SETTING = "store.folder"


class StoreFolders:
    """Where things stand in a store. None of it is made by being named."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.pictures = store / "pictures"  # named by what is in them; beside them, which one answers a request
        self.answers = store / "answers"
        self.receipts = store / "receipts"
        self.locks = store / "locks"

    @property
    def written(self) -> tuple[Path, ...]:
        """Where temporary files may be."""
        return self.store, self.pictures, self.answers, self.receipts


class KeptRequest(BaseModel):
    """What a kept thing was asked by. The request's `context` is in its key alone: it holds what slides say."""

    model_config = ConfigDict(frozen=True)

    service: str
    model: str
    prompt: str
    parameters: dict[str, Any]

    @classmethod
    def of(cls, request: Request) -> KeptRequest:
        return cls(
            service=request.service,
            model=request.model,
            prompt=request.prompt.encode("utf-8", "replace").decode(),  # from a shell may come what is no text
            parameters=dict(request.parameters),
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Safe for threads and processes. Raises FileAccessError where the disk refuses, except where it says otherwise.

    `owner` is in the names of temporary files.
    """

    folder: Path
    owner: str

    def read(self, name: str) -> bytes | None:
        """What stands there, None where nothing does."""
        path = self.folder / name
        with refusals_told(path, "read", SETTING):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        with refusals_told(path, "written", SETTING):
            try:
                self._put(path, data)
            except FileNotFoundError:  # somebody has removed the folder in between
                self._put(path, data)

    def _put(self, path: Path, data: bytes) -> None:
        self.prepare()
        write_together({path: data}, owner=self.owner, mode=PRIVATE_FILE)

    def remove(self, name: str) -> None:
        """Have it gone; it may be gone already."""
        path = self.folder / name
        with refusals_told(path, "removed", SETTING):
            path.unlink(missing_ok=True)

    def renew(self, name: str, moment: datetime) -> None:
        """Remember when it was used. A disk that does not let us is none to prune either."""
        with suppress(OSError):
            os.utime(self.folder / name, (moment.timestamp(), moment.timestamp()))

    def prepare(self) -> None:
        """Make the folder. Raises OSError."""
        make_folder(self.folder, mode=PRIVATE_FOLDER)


def record_bytes(record: BaseModel) -> bytes:
    """A record as it is written, in one line. Half characters, which JSON cannot hold, become "?"."""
    text = json.dumps(record.model_dump(), ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace")
