"""The files a server gives out by address: each has a path of its own and no key to it."""

from __future__ import annotations

import threading
from itertools import count

from tests.fakes.pictures import FORMATS
from tests.fakes.wire import Reply

GONE = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class PublishedFiles:
    """What was published, under /files/."""

    def __init__(self) -> None:
        self._files: dict[str, Reply] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def publish(self, image: bytes, kind: str) -> str:
        """The path of a new file; `kind` is a key of FORMATS."""
        with self._lock:
            path = f"/files/{next(self._numbers)}.{kind}"
            self._files[path] = Reply(headers={"content-type": FORMATS[kind]}, body=image)
        return path

    def reply(self, path: str) -> Reply:
        """The file; for any other path, query included, what a storage service says of an expired link."""
        with self._lock:
            return self._files.get(path, Reply(status=403, headers={"content-type": "application/xml"}, body=GONE))
