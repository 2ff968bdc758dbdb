"""What is put into a watched folder, slowly or by a rename: decks and files that are none, and what each comes to."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import DECKS
from tests.torture.decks import make_deck

_CHUNKS = 5
_ENCRYPTED = ("odd-024.pptx", "odd-031.pptx")
_DIFFERENT_DECKS = 6


@dataclass(frozen=True, slots=True)
class Sent:
    """One file: its name, its bytes, whether it is a deck, whether it is renamed in instead of copied in pieces."""

    name: str
    data: bytes
    is_deck: bool
    is_renamed: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def make_files(count: int, folder: Path, rng: random.Random) -> Sequence[Sent]:
    """So many files, a fifth of them broken in one way or another; every other one is renamed in."""
    decks = [make_deck(folder / f"deck-{number}.pptx", 1).read_bytes() for number in range(_DIFFERENT_DECKS)]
    broken = [decks[0][: len(decks[0]) // 2], b"not a presentation", b"", decks[1][100:]]
    broken += [(DECKS / name).read_bytes() for name in _ENCRYPTED if (DECKS / name).exists()]
    sent = []
    for number in range(count):
        is_deck = number % 5 != 0
        data = decks[number % len(decks)] if is_deck else broken[(number // 5) % len(broken)]
        sent.append(Sent(f"talk {number:03}.pptx", data, is_deck, is_renamed=number % 2 == 0))
    rng.shuffle(sent)
    return sent


def sending(sent: Sequence[Sent], inbox: Path, aside: Path) -> Iterator[None]:
    """Put all files into `inbox`, a step at each turn: three at a time, each in pieces or by a rename."""
    waiting = [_arriving(one, inbox, aside) for one in sent]
    under_way: list[Iterator[None]] = []
    while waiting or under_way:
        while waiting and len(under_way) < 3:
            under_way.append(waiting.pop(0))
        under_way = [one for one in under_way if next(one, _ARRIVED) is not _ARRIVED]
        yield


_ARRIVED = object()
"""Tells a file that has arrived from one that is still being copied."""


def _arriving(one: Sent, inbox: Path, aside: Path) -> Iterator[None]:
    if one.is_renamed:
        beside = aside / one.name
        beside.write_bytes(one.data)
        yield
        shutil.move(beside, inbox / one.name)
        return
    size = max(1, -(-len(one.data) // _CHUNKS))
    with (inbox / one.name).open("wb") as file:
        for start in range(0, len(one.data), size):
            file.write(one.data[start : start + size])
            file.flush()
            yield
