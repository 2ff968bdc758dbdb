"""Receipts: what was ordered and has not arrived yet. They may hold addresses that are secrets."""

from __future__ import annotations

from pipeline.store.shelf import Shelf


class ReceiptShelf:
    """Bytes under a request's key. Safe for threads and processes. Raises FileAccessError where the disk refuses."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def find(self, key: str) -> bytes | None:
        return self._shelf.read(_name(key))

    def keep(self, key: str, receipt: bytes) -> None:
        self._shelf.write(_name(key), receipt)

    def drop(self, key: str) -> None:
        self._shelf.remove(_name(key))


def _name(key: str) -> str:
    return f"{key}.json"
