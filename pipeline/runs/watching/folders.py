"""The folders of a watch: where decks are put, where they are while they are made, where they end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.store.files import make_folder, refusals_told


class Role(StrEnum):
    """A folder by what it is for: two machines may know the same one by different paths."""

    INBOX = "inbox"
    OUTBOX = "outbox"
    ORIGINALS = "originals"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """All of them, absolute. `processing` lies in the inbox, so that a file goes there by a rename."""

    inbox: Path
    outbox: Path
    failed: Path

    @property
    def processing(self) -> Path:
        return self.inbox / "processing"

    def of(self, role: Role) -> Path:
        """The folder that plays `role`."""
        if role is Role.ORIGINALS:
            return self.outbox / "originals"
        return {Role.INBOX: self.inbox, Role.OUTBOX: self.outbox, Role.FAILED: self.failed}[role]


def open_folders(inbox: Path, outbox: Path, failed: Path) -> Folders:
    """The folders by these paths; all but the inbox are made where they are missing.

    Raises UsageError where there is no inbox or one folder has two parts to play, FileAccessError.
    """
    folders = Folders(inbox=inbox.resolve(), outbox=outbox.resolve(), failed=failed.resolve())
    if not folders.inbox.is_dir():
        raise UsageError(f"{inbox}: no such folder to watch; make it, or check the path")
    named = {
        "the inbox": folders.inbox,
        "--outbox": folders.outbox,
        "--failed": folders.failed,
        "the inbox's own processing/": folders.processing,
        "the outbox's own originals/": folders.of(Role.ORIGINALS),
    }
    for (one, path), (other, same) in combinations(named.items(), 2):
        if path == same:
            raise UsageError(f"{path}: is both {one} and {other}; give each a folder of its own")
    for folder, setting in ((folders.processing, "the inbox"), (outbox, "--outbox"), (failed, "--failed")):
        with refusals_told(folder, "made", setting):
            make_folder(folder)
    return folders
