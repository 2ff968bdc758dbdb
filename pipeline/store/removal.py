"""Removing files of the store beside others who use it: only what nobody holds, and only what is as it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pipeline.store.files import refusals_told
from pipeline.store.inventory import Inventory, Item, SeenFile, drafts, look, named, receipts
from pipeline.store.shelf import SETTING
from pipeline.store.single_flight import Locks

# Nobody writes one file for so long, and no service keeps what was ordered for longer.
_LEFT_OVER = timedelta(days=1)


class Removal:
    """Removes what it is told, and counts. `freed` are bytes, `removed` is how many records and answers are gone."""

    def __init__(self, inventory: Inventory, now: datetime) -> None:
        self._inventory = inventory
        self._locks = Locks(inventory.folders.locks, SETTING)
        self._now = now
        self.freed = 0
        self.removed = 0

    def remove(self, items: Iterable[Item]) -> None:
        """Remove `items`, the pictures no record names then, and what is left over. Raises FileAccessError."""
        gone = {item.file.path for item in items if self._remove(item.file)}
        self.removed += len(gone)
        needed = named(item for item in self._inventory.items if item.file.path not in gone)
        for picture in self._inventory.pictures:
            if picture.path not in needed:
                self._remove(picture)
        self._remove_left_over()
        self._locks.tidy()

    def _remove(self, file: SeenFile) -> bool:
        """Whether it is gone. What it is held under, a request's key or a picture's digest, is its name."""
        with self._locks.if_free(file.path.stem) as free:
            seen = look(file.path) if free else None
            if seen is None or seen.state != file.state:
                return False
            self._unlink(file)
            return True

    def _remove_left_over(self) -> None:
        """A run under way drops its own receipts; its temporary files are not held by anyone."""
        for receipt in receipts(self._inventory.folders):
            if self._is_left_over(receipt):
                self._remove(receipt)
        for draft in drafts(self._inventory.folders):
            if self._is_left_over(draft):
                self._unlink(draft)

    def _is_left_over(self, file: SeenFile) -> bool:
        return self._now - file.modified > _LEFT_OVER

    def _unlink(self, file: SeenFile) -> None:
        with refusals_told(file.path, "removed", SETTING):
            file.path.unlink(missing_ok=True)
        self.freed += file.bytes
