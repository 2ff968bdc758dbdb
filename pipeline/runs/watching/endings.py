"""How a file ends: what goes where and under which name, written down before anything is moved, then done once.

A kill at any moment leaves a claim that either has no note, and is made again, or has one, and is only finished. The
report comes first and keeps the name for the rest: two decks of one name get a number each. The deck comes when its
report is there, the original last of all.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus
from pipeline.runs.watching.claims import Claim
from pipeline.runs.watching.folders import Folders, Role
from pipeline.runs.watching.moving import NameTakenError, move_new
from pipeline.store.files import write_whole

REPORT, PARTIAL = ".report.json", ".partial"
# No name may be longer than 255 bytes, a number and the longest suffix included.
_LONGEST_STEM = 230


class Verdict(StrEnum):
    """Where a file ends; `back` in the inbox again, since it was not its fault."""

    DONE = "done"
    FAILED = "failed"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One file on its way from the claim's folder (`source`, relative to it) to a folder, under a name's `suffix`."""

    source: str
    to: Role
    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is decided of a file. `number` tells apart what has one name, from 1; `name` is the file's in the inbox."""

    verdict: Verdict
    outcome: DeckOutcome
    name: str
    moves: tuple[Move, ...]
    number: int = 1

    def target(self, move: Move, folders: Folders) -> Path:
        """Where `move` goes."""
        numbered = f" ({self.number})" if self.number > 1 else ""
        return folders.of(move.to) / f"{_stem(self.name)}{numbered}{move.suffix}"


def decide(claim: Claim, ending: Ending, folders: Folders) -> Ending:
    """Choose a number under which nothing stands yet, and write all down. Raises OSError."""
    for number in count(1):
        numbered = replace(ending, number=number)
        if not any(os.path.lexists(numbered.target(move, folders)) for move in ending.moves):
            return _noted(claim, numbered, folders)
    raise AssertionError


def read_ending(claim: Claim) -> Ending | None:
    """What was decided of a claim, None while nothing is. Raises OSError."""
    try:
        data: dict[str, Any] = json.loads(claim.note.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return Ending(
        verdict=Verdict(data["verdict"]),
        outcome=_outcome(data["outcome"]),
        name=data["name"],
        moves=tuple(Move(source=move["source"], to=Role(move["to"]), suffix=move["suffix"]) for move in data["moves"]),
        number=data["number"],
    )


def finish(claim: Claim, ending: Ending, folders: Folders) -> Ending:
    """Do what was decided, or what is left of it; returns what it was in the end.

    Raises OSError; it can be done again then.
    """
    _address(claim, ending, folders)
    for move in ending.moves:
        while True:
            try:
                move_new(claim.folder / move.source, ending.target(move, folders), claim.token)
                break
            except NameTakenError:  # somebody put a file there since it was looked at
                ending = _noted(claim, replace(ending, number=ending.number + 1), folders)
    return ending


def outcome_in_place(ending: Ending, folders: Folders) -> DeckOutcome:
    """The outcome as it is told: by the file's place in the inbox and that of the finished deck."""
    places = _Places.of(ending, folders)
    return replace(ending.outcome, input=str(places.input), output=str(places.output) if places.output else None)


def report_in_place(report: RunReport, ending: Ending, folders: Folders) -> RunReport:
    """The report of the run likewise."""
    places = _Places.of(ending, folders)
    return replace(
        report,
        input=places.input,
        output=places.output,
        partial_output=places.partial_output,
        work_folder=None,
        message=ending.outcome.message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where things are once all is done."""

    input: Path
    output: Path | None
    partial_output: Path | None

    @classmethod
    def of(cls, ending: Ending, folders: Folders) -> _Places:
        decks = (move for move in ending.moves if move.to is Role.OUTBOX and move.suffix != REPORT)
        partial = (move for move in ending.moves if move.suffix.startswith(PARTIAL))
        return cls(
            input=folders.inbox / ending.name,
            output=next((ending.target(move, folders) for move in decks), None),
            partial_output=next((ending.target(move, folders) for move in partial), None),
        )


def _noted(claim: Claim, ending: Ending, folders: Folders) -> Ending:
    write_whole(claim.note, json.dumps(asdict(ending), indent=1).encode("ascii"))
    _address(claim, ending, folders)
    return ending


def _address(claim: Claim, ending: Ending, folders: Folders) -> None:
    """Have the report name the places where things will be, as long as it is not in its own."""
    report = next((claim.folder / move.source for move in ending.moves if move.suffix == REPORT), None)
    if report is None or not report.exists():
        return
    places = {name: None if path is None else str(path) for name, path in asdict(_Places.of(ending, folders)).items()}
    before = report.read_bytes()
    after = json.dumps(json.loads(before) | places | {"work_folder": None}, indent=2).encode("ascii")
    if after != before:  # one that stands in its place already, by a link, stays the same file
        write_whole(report, after)


def _outcome(data: dict[str, Any]) -> DeckOutcome:
    told = {"status": RunStatus(data["status"]), "exit_code": ExitCode(data["exit_code"])}
    return DeckOutcome(**{**data, **told, "errors": tuple(data["errors"])})


def _stem(name: str) -> str:
    stem = os.fsencode(Path(name).stem)
    if len(stem) <= _LONGEST_STEM:
        return Path(name).stem
    return stem[:_LONGEST_STEM].decode(errors="ignore")
