"""What runs leave behind: the deck, whole or absent, and nothing that was meant for a while only."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

from pptx import Presentation

from tests.integration.support import parts_of
from tests.torture.program import NOTE, Place

_FOR_A_WHILE = (".tmp", ".lock", ".part", "-wal", "-shm", "-journal")


def left_over(place: Place) -> list[str]:
    """Files that should be gone now that no run is at work: temporaries, locks, notes of who is at work."""
    return sorted(str(path.relative_to(place.folder)) for path in _left_over(place))


def _left_over(place: Place) -> Iterator[Path]:
    yield from (path for path in place.temporaries.rglob("*"))
    for path in place.folder.rglob("*"):
        is_temporary = path.name.startswith(".") or path.name.endswith(_FOR_A_WHILE) or path.name == NOTE
        if is_temporary and path.is_file():
            yield path


def foreign(place: Place, *outputs: str) -> list[str]:
    """What stands beside the deck and is none of what a run may leave there."""
    known = {path.name for path in (place.deck, place.config, place.home, place.temporaries)}
    for output in outputs:
        known |= {output, f"{Path(output).stem}.work"}
    return sorted({path.name for path in place.folder.iterdir()} - known)


def difference(path: Path, expected: dict[str, bytes]) -> str:
    """How a deck differs from what it should be, part by part and in their order; "" where it does not."""
    try:
        found = parts_of(path)
    except (BadZipFile, OSError, zlib.error) as error:
        return f"it does not open: {error}"
    if found == expected and list(found) == list(expected):
        return ""
    missing, foreign_parts = expected.keys() - found.keys(), found.keys() - expected.keys()
    changed = [name for name in expected.keys() & found.keys() if expected[name] != found[name]]
    return f"missing {sorted(missing)}, added {sorted(foreign_parts)}, changed {sorted(changed)}, else another order"


def slide_count(path: Path) -> int:
    """The slides of a deck that opens. Raises what python-pptx does where it does not."""
    return len(Presentation(str(path)).slides)


def digests_in(*folders: Path) -> set[str]:
    """The SHA-256 of every file below `folders`."""
    files = [path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()]
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
