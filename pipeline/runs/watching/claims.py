"""A file that was taken: a folder in `processing/` whose name says which watcher has it. Renames decide.

processing/OWNER.TOKEN/original/NAME.pptx   the file as it was put into the inbox
processing/OWNER.TOKEN/made/                what is made of it
processing/OWNER.TOKEN/ending.json          how it ends, once that is decided (see `endings`)
processing/OWNER.TOKEN/begun                one byte for each time it was begun
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.runs.watching.inbox import Candidate, Stamp, stamp_of
from pipeline.runs.watching.leases import Lease
from pipeline.store.files import make_folder

_ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that this watcher has. `token` stays its own through all watchers that have it one after the other."""

    folder: Path

    @property
    def token(self) -> str:
        return self.folder.name.rpartition(".")[2]

    @property
    def original(self) -> Path | None:
        """The file, None where it went to where it ends. Raises OSError."""
        return next((self.folder / _ORIGINAL).iterdir(), None) if (self.folder / _ORIGINAL).is_dir() else None

    @property
    def made(self) -> Path:
        return self.folder / "made"

    @property
    def note(self) -> Path:
        return self.folder / "ending.json"

    def begin(self) -> int:
        """Note that the deck is begun; returns how many times it was before without an end. Raises OSError."""
        with self._begun.open("ab") as file:
            file.write(b".")
            return file.tell() - 1

    def left_in_order(self) -> None:
        """The deck is left for a later start, by which it is not the worse. Raises OSError."""
        self._begun.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the folder, but not with the file in it; what cannot be removed now is at a later look."""
        try:
            (self.folder / _ORIGINAL).rmdir()
        except FileNotFoundError:
            pass  # a discarding that was broken off
        except OSError:  # the file is in it, whatever was thought
            return
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _begun(self) -> Path:
        return self.folder / "begun"


def claim_file(candidate: Candidate, processing: Path, owner: str) -> tuple[Claim, Stamp] | None:
    """Take a file, with what it looks like now; None where another watcher was first, or somebody has it locked.

    Raises OSError.
    """
    claim = Claim(processing / f"{owner}.{secrets.token_hex(8)}")
    place = claim.folder / _ORIGINAL / candidate.path.name
    make_folder(place.parent)
    try:
        candidate.path.rename(place)
        return claim, stamp_of(place)
    except (FileNotFoundError, PermissionError) as error:
        if place.exists():  # a share may say so of a rename that it did, when it had to be asked twice
            return claim, stamp_of(place)
        claim.discard()
        if isinstance(error, PermissionError) and os.name != "nt":  # where it says that a file is open
            raise
        return None


def claims_of(lease: Lease, processing: Path) -> list[Claim]:
    """The claims that are this watcher's, those of dead watchers taken over among them. Raises OSError."""
    found = []
    living: dict[str, bool] = {}
    for folder in sorted(path for path in processing.iterdir() if path.is_dir()):
        owner, _, token = folder.name.partition(".")
        if token and not living.setdefault(owner, lease.is_living(owner)):
            folder = _taken_over(folder, f"{lease.owner}.{token}")  # noqa: PLW2901 - the same under its new name
        if folder.name.startswith(f"{lease.owner}."):
            found.append(Claim(folder))
    for owner in lease.others():
        if not living.setdefault(owner, lease.is_living(owner)):
            lease.forget(owner)
    return found


def _taken_over(folder: Path, name: str) -> Path:
    with suppress(FileNotFoundError):  # another watcher took it over first
        return folder.rename(folder.with_name(name))
    return folder
