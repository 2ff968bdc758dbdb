"""The store: every picture and answer that was paid for, on disk before anything else happens to it.

One folder for all decks and runs of a person. Each thing stands under the key of the request that asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.records import CallKind, GeneratedImage, Request, WriterAnswer
from pipeline.records.history import Arrival
from pipeline.store.answers import AnswerShelf
from pipeline.store.files import refusals_told, require_room, temporaries
from pipeline.store.pictures import KeptPicture, PictureShelf
from pipeline.store.receipts import ReceiptShelf
from pipeline.store.shelf import SETTING, Shelf, StoreFolders
from pipeline.store.single_flight import Locks


class Store:
    """Safe for threads and processes. All of it raises FileAccessError where the disk refuses, never OSError.

    `owner`, the run's id, is in the names of temporary files. Nothing is made on disk by looking.
    """

    def __init__(self, folder: Path, *, owner: str, now: Callable[[], datetime]) -> None:
        self._folders = StoreFolders(folder)
        self._locks = Locks(self._folders.locks, SETTING)
        self._pictures = PictureShelf(Shelf(self._folders.pictures, owner), self._locks, now)
        self._answers = AnswerShelf(Shelf(self._folders.answers, owner), now)
        self._receipts = ReceiptShelf(Shelf(self._folders.receipts, owner))
        self._expected: set[object] = set()

    def find_picture(self, request: Request) -> KeptPicture | None:
        """The picture that was kept, None where none was or its file is gone or changed; it counts as used now."""
        return self._pictures.find(request)

    def keep_picture(self, request: Request, image: GeneratedImage) -> KeptPicture:
        """When this returns, the picture is on the disk and is found again, whatever happens then."""
        return self._pictures.keep(request, image)

    def discard_picture(self, request: Request) -> None:
        """Forget what turned out to be no picture that can be used."""
        self._pictures.discard(request)

    def find_answer(self, request: Request) -> WriterAnswer | None:
        """The answer that was kept, with what it cost then; it counts as used now."""
        return self._answers.find(request)

    def keep_answer(self, request: Request, answer: WriterAnswer) -> None:
        """When this returns, the answer is on the disk and is found again, whatever happens then."""
        self._answers.keep(request, answer)

    def discard_answer(self, request: Request) -> None:
        """Forget an answer that cannot be used, so that it is asked for anew."""
        self._answers.discard(request)

    def arrival(self, kind: CallKind, key: str) -> Arrival | None:
        """What came of the request `key`, if that is still there."""
        return (self._pictures if kind is CallKind.IMAGE else self._answers).arrival(key)

    def alone_with(self, request: Request, wait: Callable[[float], None]) -> AbstractContextManager[None]:
        """Hold the request for the block, alone among all threads and processes: look once more, then ask.

        `wait(seconds)` is called between looks while another holds it; what it raises ends the waiting. Not to be
        entered twice by one thread.
        """
        return self._locks.alone(request.key, wait)

    @contextmanager
    def room_for_call(self) -> Iterator[None]:
        """The block makes a call; raises FileAccessError before it where what it brings would find no room on the disk.

        What other calls of this process are about to bring is counted, what other processes' are is not.
        """
        call = object()
        self._expected.add(call)  # a single step of the interpreter, as taking it away is
        try:
            require_room(self._folders.store, SETTING, calls=len(self._expected))
            yield
        finally:
            self._expected.discard(call)

    def find_receipt(self, key: str) -> bytes | None:
        """What is remembered of an order under way."""
        return self._receipts.find(key)

    def keep_receipt(self, key: str, receipt: bytes) -> None:
        """Remember an order before waiting for what was ordered."""
        self._receipts.keep(key, receipt)

    def drop_receipt(self, key: str) -> None:
        """What was ordered has arrived, or never will."""
        self._receipts.drop(key)

    def sweep(self, dead_owner: str) -> None:
        """Remove what a run that is known to be dead was writing, and locks nobody holds."""
        for folder in self._folders.written:
            with refusals_told(folder, "swept", SETTING):
                for path in temporaries(folder, dead_owner):
                    path.unlink(missing_ok=True)
        self._locks.tidy()
