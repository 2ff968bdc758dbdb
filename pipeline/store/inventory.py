"""What stands in the store at a moment, while others may be writing: files are looked at once and may be gone then."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.records import CallKind
from pipeline.store.answers import AnswerRecord, read_answer
from pipeline.store.files import refusals_told, temporaries
from pipeline.store.pictures import PictureRecord, read_record
from pipeline.store.shelf import SETTING, Shelf, StoreFolders

# Anything else in these folders is none of ours and stays.
_PICTURE = re.compile(r"[0-9a-f]{64}\.(?!json)[a-z]{3,4}")
_RECORD = re.compile(r"[0-9a-f]{64}\.json")


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was when looked at. `state` changes with every writing and every use of it."""

    path: Path
    bytes: int
    modified: datetime
    state: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A record's file, what it says, None where nothing can be made of it, and its picture's file if there is one."""

    kind: CallKind
    file: SeenFile
    record: PictureRecord | AnswerRecord | None
    picture: SeenFile | None = None

    @property
    def key(self) -> str:
        return self.file.path.stem

    @property
    def last_used(self) -> datetime:
        return self.file.modified

    @property
    def is_whole(self) -> bool:
        """It can answer its request."""
        return self.record is not None and (self.kind is CallKind.PROMPT or self.picture is not None)


@dataclass(frozen=True, slots=True)
class Inventory:
    """`pictures` are all files of pictures, those too that no record names."""

    folders: StoreFolders
    items: tuple[Item, ...]
    pictures: tuple[SeenFile, ...]

    @property
    def bytes(self) -> int:
        """Of all records, answers and pictures."""
        return sum(item.file.bytes for item in self.items) + sum(picture.bytes for picture in self.pictures)


def take_inventory(folders: StoreFolders) -> Inventory:
    """Look at everything once. Raises FileAccessError."""
    # Pictures first: one that was kept after this, no record names, was seen in another state than it has then.
    pictures = {seen.path: seen for seen in _files(folders.pictures, _PICTURE)}
    items = [*_picture_items(folders, pictures), *_answer_items(folders)]
    return Inventory(folders=folders, items=tuple(items), pictures=tuple(pictures.values()))


def look(path: Path) -> SeenFile | None:
    """The file at `path`, None where there is none. Raises FileAccessError."""
    with refusals_told(path, "looked at", SETTING):
        try:
            stat = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
    return SeenFile(
        path=path,
        bytes=stat.st_size,
        modified=datetime.fromtimestamp(stat.st_mtime, UTC),
        state=(stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns),
    )


def receipts(folders: StoreFolders) -> Iterator[SeenFile]:
    """Raises FileAccessError."""
    return _files(folders.receipts, _RECORD)


def drafts(folders: StoreFolders) -> Iterator[SeenFile]:
    """Temporary files: being written, or left by who died. Raises FileAccessError."""
    for folder in folders.written:
        with refusals_told(folder, "read", SETTING):
            paths = list(temporaries(folder))
        yield from _seen(paths)


def named(items: Iterable[Item]) -> Counter[Path]:
    """How many of `items` each picture belongs to: the same picture may answer several requests."""
    return Counter(item.picture.path for item in items if item.picture is not None)


def _picture_items(folders: StoreFolders, pictures: dict[Path, SeenFile]) -> Iterator[Item]:
    """Adds to `pictures` what came since they were looked at."""
    shelf = Shelf(folders.pictures, "")
    for file in _files(folders.pictures, _RECORD):
        record = read_record(shelf, file.path.name)
        if record is None:
            yield Item(CallKind.IMAGE, file, None)
            continue
        path = folders.pictures / record.file
        if path not in pictures and (newer := look(path)) is not None:
            pictures[path] = newer
        yield Item(CallKind.IMAGE, file, record, pictures.get(path))


def _answer_items(folders: StoreFolders) -> Iterator[Item]:
    shelf = Shelf(folders.answers, "")
    for file in _files(folders.answers, _RECORD):
        yield Item(CallKind.PROMPT, file, read_answer(shelf, file.path.name))


def _files(folder: Path, wanted: re.Pattern[str]) -> Iterator[SeenFile]:
    with refusals_told(folder, "read", SETTING):
        try:
            paths = [path for path in folder.iterdir() if wanted.fullmatch(path.name)]
        except FileNotFoundError:
            return
    yield from _seen(paths)


def _seen(paths: Iterable[Path]) -> Iterator[SeenFile]:
    return (seen for path in paths if (seen := look(path)) is not None)
