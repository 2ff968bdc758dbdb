"""The store from outside: what is in it, and throwing away what is old, too much, or of no use.

Others may be writing all the while. A record is removed only while nobody holds its request, a picture only while
nobody is keeping one of the same content, and both only where they are still as they were when they were looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.records import CallKind
from pipeline.records.kept import KeptEntry
from pipeline.store.answers import AnswerRecord
from pipeline.store.inventory import Inventory, Item, drafts, named, receipts, take_inventory
from pipeline.store.pictures import PictureRecord
from pipeline.store.removal import Removal
from pipeline.store.shelf import Shelf, StoreFolders

_DAY = timedelta(days=1)
# Says when the store was last pruned by itself.
_STAMP = "pruned"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSize:
    """How many pictures and answers can be found, and the bytes of all files, records and leftovers included."""

    pictures: int
    answers: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed: so many pictures and answers under the keys of their requests, and the bytes of all files."""

    entries: int
    bytes: int


def entries(folder: Path) -> Iterator[KeptEntry]:
    """What can be found in the store, in no order. Raises FileAccessError."""
    for item in take_inventory(StoreFolders(folder)).items:
        if isinstance(item.record, PictureRecord) and item.picture is not None:
            cost, prompt, file, path = item.record.cost_usd, item.record.request.prompt, item.picture, item.picture.path
        elif isinstance(item.record, AnswerRecord):
            cost, prompt, file, path = item.record.answer.cost_usd, item.record.answer.prompt, item.file, None
        else:
            continue
        yield KeptEntry(
            kind=item.kind,
            key=item.key,
            service=item.record.request.service,
            model=item.record.request.model,
            prompt=prompt,
            bytes=file.bytes,
            cost_usd=cost,
            created=item.record.created,
            last_used=item.last_used,
            path=path,
        )


def size_of(folder: Path) -> StoreSize:
    """Raises FileAccessError."""
    folders = StoreFolders(folder)
    inventory = take_inventory(folders)
    kinds = [item.kind for item in inventory.items if item.is_whole]
    return StoreSize(
        pictures=kinds.count(CallKind.IMAGE),
        answers=kinds.count(CallKind.PROMPT),
        bytes=inventory.bytes + sum(file.bytes for file in (*drafts(folders), *receipts(folders))),
    )


def prune(folder: Path, *, older_than: timedelta | None, max_size: int | None, now: datetime) -> Pruned:
    """Remove what was not used for `older_than`, then the longest unused until no more than `max_size` bytes are left.

    Besides: records that can answer nothing, pictures no record names, and temporary files and receipts older than a
    day. Raises FileAccessError.
    """
    inventory = take_inventory(StoreFolders(folder))
    useless = [item for item in inventory.items if not item.is_whole]
    whole = sorted((item for item in inventory.items if item.is_whole), key=lambda item: item.last_used)
    old = 0 if older_than is None else sum(now - item.last_used > older_than for item in whole)
    much = 0 if max_size is None else _too_many(whole[old:], max_size)
    return _remove(inventory, [*useless, *whole[: old + much]], now)


def clear(folder: Path, *, now: datetime) -> Pruned:
    """Remove every picture and answer that nobody is using at this moment, and what `prune` removes besides.

    Receipts of orders of the last day stay: what was ordered can still be had with them. Raises FileAccessError.
    """
    inventory = take_inventory(StoreFolders(folder))
    return _remove(inventory, inventory.items, now)


def prune_daily(folder: Path, *, retention: timedelta | None, max_size: int | None, now: datetime) -> Pruned | None:
    """`prune`, unless that was done less than a day ago, or nothing is to be thrown away. Raises FileAccessError."""
    if (retention is None and max_size is None) or not folder.is_dir():
        return None
    last = _last_pruned(folder)
    if last is not None and timedelta() <= now - last < _DAY:  # no waiting for a moment that lies ahead
        return None
    pruned = prune(folder, older_than=retention, max_size=max_size, now=now)
    Shelf(folder, "").write(_STAMP, now.isoformat().encode())  # last: on a full disk there is room for it now
    return pruned


def _last_pruned(folder: Path) -> datetime | None:
    stamp = Shelf(folder, "").read(_STAMP)
    try:
        return datetime.fromisoformat(stamp.decode()).astimezone(UTC) if stamp is not None else None
    except ValueError:
        return None


def _too_many(items: Sequence[Item], max_size: int) -> int:
    """How many of the first of `items` have to go for the rest to take no more than `max_size` bytes."""
    holders = named(items)
    sizes = {item.picture.path: item.picture.bytes for item in items if item.picture is not None}
    size = sum(item.file.bytes for item in items) + sum(sizes.values())
    for count, item in enumerate(items):
        if size <= max_size:
            return count
        size -= item.file.bytes
        if item.picture is not None:
            holders[item.picture.path] -= 1
            if not holders[item.picture.path]:  # the last request it answers
                size -= item.picture.bytes
    return len(items)


def _remove(inventory: Inventory, items: Iterable[Item], now: datetime) -> Pruned:
    removal = Removal(inventory, now)
    removal.remove(items)
    return Pruned(entries=removal.removed, bytes=removal.freed)
