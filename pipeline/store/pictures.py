"""Pictures that were paid for: files named by what is in them, and a small record for each request that names one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from pipeline.records import GeneratedImage, Request
from pipeline.records.history import Arrival, Response
from pipeline.store.files import PRIVATE_FILE, refusals_told, write_together
from pipeline.store.shelf import SETTING, KeptRequest, Shelf, record_bytes
from pipeline.store.single_flight import Locks

_SIGNATURES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"RIFF": ".webp"}
# What holds a picture's lock writes or removes one file.
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture in the store, whole. `hash` is the SHA-256 of `data`, `cost_usd` what it cost when it was made."""

    path: Path
    data: bytes = field(repr=False)
    hash: str
    cost_usd: float | None
    provider: str
    model: str


class PictureRecord(BaseModel):
    """What stands under a request's key. `hash` and `suffix` name the picture's file, `bytes` is its size.

    `run_id` is of the run that paid for it.
    """

    model_config = ConfigDict(frozen=True)

    request: KeptRequest
    run_id: str = ""
    created: AwareDatetime
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    suffix: Annotated[str, StringConstraints(pattern=r"^\.[a-z]{3,4}$")]
    bytes: int
    provider: str
    model: str
    cost_usd: float | None

    @property
    def file(self) -> str:
        return self.hash + self.suffix


class PictureShelf:
    """Safe for threads and processes. Raises FileAccessError where the disk refuses."""

    def __init__(self, shelf: Shelf, locks: Locks, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._locks = locks
        self._now = now

    def find(self, request: Request) -> KeptPicture | None:
        """The picture, None where it is not there as it was kept. Removes nothing: others may be writing it anew."""
        whole = self.look(request.key)
        if whole is None:
            return None
        self._shelf.renew(record_name(request.key), self._now())
        return self._kept(*whole)

    def look(self, key: str) -> tuple[PictureRecord, bytes] | None:
        """As `find`, but it does not count as used."""
        record = self.record(key)
        data = self._shelf.read(record.file) if record else None
        return None if record is None or data is None or _digest(data) != record.hash else (record, data)

    def record(self, key: str) -> PictureRecord | None:
        """What is said of the picture under `key`, which may be gone."""
        return read_record(self._shelf, record_name(key))

    def keep(self, request: Request, image: GeneratedImage) -> KeptPicture:
        """Have picture and record on the disk, both or, where it is full, neither."""
        record = self._record(request, image)
        self._place(request.key, record, image.data, record.created)
        return self._kept(record, image.data)

    def adopt(self, key: str, record: PictureRecord, data: bytes) -> bool:
        """Keep here what another store keeps under `key`. Returns False where `data` is not what `record` says."""
        if _digest(data) != record.hash:
            return False
        self._place(key, record, data, self._now())
        return True

    def discard(self, request: Request) -> None:
        """Forget a picture that is none. Its bytes are of no use to any other request either."""
        record = self.record(request.key)
        self._shelf.remove(record_name(request.key))
        if record is not None:
            self._shelf.remove(record.file)

    def arrival(self, key: str) -> Arrival | None:
        """What is known of the picture kept under `key` without looking at it; None where there is none."""
        record = self.record(key)
        if record is None or not (self._shelf.folder / record.file).exists():
            return None
        response = Response(format=record.suffix.removeprefix("."), bytes=record.bytes, hash=record.hash)
        return Arrival(run_id=record.run_id, cost_usd=record.cost_usd, response=response)

    def _place(self, key: str, record: PictureRecord, data: bytes, used: datetime) -> None:
        """Meanwhile nobody removes a picture of the same content as one that no record names."""
        with self._locks.shortly(record.hash, _PATIENCE_S):
            path = self._shelf.folder / record.file
            with refusals_told(path, "written", SETTING):
                try:
                    self._write(key, record, data)
                except FileNotFoundError:  # somebody has removed the folders in between
                    self._write(key, record, data)
            self._shelf.renew(record.file, used)  # seen by who was counting before the record was there
        self._shelf.renew(record_name(key), used)

    def _record(self, request: Request, image: GeneratedImage) -> PictureRecord:
        suffixes = (suffix for signature, suffix in _SIGNATURES.items() if image.data.startswith(signature))
        return PictureRecord(
            request=KeptRequest.of(request),
            run_id=self._shelf.owner,
            created=self._now(),
            hash=_digest(image.data),
            suffix=next(suffixes, ".bin"),
            bytes=len(image.data),
            provider=image.provider,
            model=image.model,
            cost_usd=image.cost_usd,
        )

    def _write(self, key: str, record: PictureRecord, data: bytes) -> None:
        """Raises OSError."""
        folder = self._shelf.folder
        self._shelf.prepare()
        files = {folder / record.file: data, folder / record_name(key): record_bytes(record)}
        write_together(files, owner=self._shelf.owner, mode=PRIVATE_FILE)

    def _kept(self, record: PictureRecord, data: bytes) -> KeptPicture:
        return KeptPicture(
            path=self._shelf.folder / record.file,
            data=data,
            hash=record.hash,
            cost_usd=record.cost_usd,
            provider=record.provider,
            model=record.model,
        )


def record_name(key: str) -> str:
    return f"{key}.json"


def read_record(records: Shelf, name: str) -> PictureRecord | None:
    """The record in the file `name`, None where there is none that can be understood. Raises FileAccessError."""
    return parse_record(records.read(name))


def parse_record(data: bytes | None) -> PictureRecord | None:
    """A record as it was written, None where nothing can be made of it."""
    try:
        return PictureRecord.model_validate_json(data) if data is not None else None
    except ValidationError:
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
