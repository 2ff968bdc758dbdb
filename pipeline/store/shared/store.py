"""The store of one machine among several: what any of them paid for, all of them find.

Each has a store of its own, and all have the same depot, which names things as a store does: `pictures/HASH.png`,
`pictures/KEY.json`, `answers/KEY.json`, `receipts/KEY.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.records import GeneratedImage, Request, WriterAnswer
from pipeline.store.keeping import Store
from pipeline.store.pictures import KeptPicture, PictureRecord, parse_record
from pipeline.store.shared.depot import Depot
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.sent import Sent
from pipeline.store.shelf import record_bytes

_PICTURES, _ANSWERS, _RECEIPTS = "pictures", "answers", "receipts"


class SharedStore(Store):
    """As a store of this machine alone, and what is kept is in `depot` too before `keep_*` returns.

    What is paid for is on this machine's disk before it is sent. Where the depot cannot be reached, FileAccessError is
    raised, for looking as for keeping: nothing is paid for that others may have, nothing more that they cannot see.
    What could not be sent stays on the disk until `push_missing`.
    """

    def __init__(
        self, folder: Path, *, owner: str, now: Callable[[], datetime], depot: Depot, locks: SharedLocks
    ) -> None:
        super().__init__(folder, owner=owner, now=now)
        self._depot = depot
        self._shared_locks = locks
        self._sent = Sent(folder, depot.url)

    def find_picture(self, request: Request) -> KeptPicture | None:
        found = super().find_picture(request)
        if found is not None or not self._fetch_picture(request.key):
            return found
        return super().find_picture(request)

    def keep_picture(self, request: Request, image: GeneratedImage) -> KeptPicture:
        self._sent.unmark(_PICTURES, request.key)
        kept = super().keep_picture(request, image)
        record = self._pictures.record(request.key)
        if record is not None:
            self._send_picture(request.key, record, image.data)
        return kept

    def discard_picture(self, request: Request) -> None:
        record = self._pictures.record(request.key)
        super().discard_picture(request)
        self._sent.unmark(_PICTURES, request.key)
        self._depot.delete(_name(_PICTURES, request.key))
        if record is not None:
            self._depot.delete(f"{_PICTURES}/{record.file}")

    def find_answer(self, request: Request) -> WriterAnswer | None:
        found = super().find_answer(request)
        if found is not None or not self._fetch_answer(request.key):
            return found
        return super().find_answer(request)

    def keep_answer(self, request: Request, answer: WriterAnswer) -> None:
        self._sent.unmark(_ANSWERS, request.key)
        super().keep_answer(request, answer)
        self._send_answer(request.key)

    def discard_answer(self, request: Request) -> None:
        super().discard_answer(request)
        self._sent.unmark(_ANSWERS, request.key)
        self._depot.delete(_name(_ANSWERS, request.key))

    @contextmanager
    def alone_with(self, request: Request, wait: Callable[[float], None]) -> Iterator[None]:
        # The other threads and processes of this machine wait for its own lock: one of them at a time asks Redis.
        with super().alone_with(request, wait), self._shared_locks.alone(request.key, wait):
            yield

    def find_receipt(self, key: str) -> bytes | None:
        return super().find_receipt(key) or self._depot.get(_name(_RECEIPTS, key))

    def keep_receipt(self, key: str, receipt: bytes) -> None:
        """On this machine's disk for as long only as the depot has not got it: any machine may go on with the order."""
        super().keep_receipt(key, receipt)
        self._depot.put(_name(_RECEIPTS, key), receipt)
        super().drop_receipt(key)

    def drop_receipt(self, key: str) -> None:
        super().drop_receipt(key)
        self._depot.delete(_name(_RECEIPTS, key))

    def push_missing(self) -> int:
        """Send what is kept here and was not sent; returns how many things. Raises FileAccessError."""
        sent = sum(self._push_picture(key) for key in self._sent.missing(_PICTURES, self._folders.pictures))
        sent += sum(self._push_answer(key) for key in self._sent.missing(_ANSWERS, self._folders.answers))
        return sent + sum(self._push_receipt(key) for key in self._sent.missing(_RECEIPTS, self._folders.receipts))

    def _fetch_picture(self, key: str) -> bool:
        record = parse_record(self._depot.get(_name(_PICTURES, key)))
        data = None if record is None else self._depot.get(f"{_PICTURES}/{record.file}")
        if record is None or data is None or not self._pictures.adopt(key, record, data):
            return False
        self._sent.mark(_PICTURES, key)
        return True

    def _send_picture(self, key: str, record: PictureRecord, data: bytes) -> None:
        """The picture first: a record in the depot names one that is there."""
        self._depot.put(f"{_PICTURES}/{record.file}", data)
        self._depot.put(_name(_PICTURES, key), record_bytes(record))
        self._sent.mark(_PICTURES, key)

    def _fetch_answer(self, key: str) -> bool:
        if not self._answers.adopt(key, self._depot.get(_name(_ANSWERS, key))):
            return False
        self._sent.mark(_ANSWERS, key)
        return True

    def _send_answer(self, key: str) -> None:
        data = self._answers.raw(key)
        if data is not None:
            self._depot.put(_name(_ANSWERS, key), data)
            self._sent.mark(_ANSWERS, key)

    def _push_picture(self, key: str) -> bool:
        whole = self._pictures.look(key)
        if whole is None:
            return False
        if self._depot.get(_name(_PICTURES, key)) is None:  # what others work with already stays
            self._send_picture(key, *whole)
            return True
        self._sent.mark(_PICTURES, key)
        return False

    def _push_answer(self, key: str) -> bool:
        if self._depot.get(_name(_ANSWERS, key)) is None:
            self._send_answer(key)
            return True
        self._sent.mark(_ANSWERS, key)
        return False

    def _push_receipt(self, key: str) -> bool:
        receipt = super().find_receipt(key)
        if receipt is None:
            return False
        if self._depot.get(_name(_PICTURES, key)) is not None:  # another machine has what was ordered
            super().drop_receipt(key)
            return False
        self.keep_receipt(key, receipt)
        return True


def _name(kind: str, key: str) -> str:
    return f"{kind}/{key}.json"
