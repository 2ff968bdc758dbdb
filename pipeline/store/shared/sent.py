"""Which things of a store are in a depot already: an empty file for each. One too few has it sent again, no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.store.files import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, refusals_told
from pipeline.store.shelf import SETTING


class Sent:
    """Marks for the depot at `url`, in the store at `store`. Safe for threads and processes."""

    def __init__(self, store: Path, url: str) -> None:
        self._folder = store / "sent" / hashlib.sha256(url.encode()).hexdigest()[:16]

    def mark(self, kind: str, key: str) -> None:
        """The depot has it. A disk that refuses has it sent again."""
        with suppress(OSError):
            make_folder(self._folder / kind, mode=PRIVATE_FOLDER)
            self._of(kind, key).touch(mode=PRIVATE_FILE)

    def unmark(self, kind: str, key: str) -> None:
        """It is gone, or about to be written anew. Raises FileAccessError."""
        with refusals_told(self._of(kind, key), "removed", SETTING):
            self._of(kind, key).unlink(missing_ok=True)

    def missing(self, kind: str, shelf: Path) -> Iterator[str]:
        """The keys of what stands in the folder `shelf` and is not marked; marks of what is gone go too.

        Raises FileAccessError.
        """
        kept, marked = _names(shelf, ".json"), _names(self._folder / kind, "")
        for key in sorted(marked - kept):
            self.unmark(kind, key)
        yield from sorted(kept - marked)

    def _of(self, kind: str, key: str) -> Path:
        return self._folder / kind / key


def _names(folder: Path, suffix: str) -> set[str]:
    with refusals_told(folder, "read", SETTING):
        try:
            return {path.stem for path in folder.iterdir() if path.suffix == suffix}
        except FileNotFoundError:
            return set()
