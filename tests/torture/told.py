"""What the program's own history tells of a place, asked as a person asks: `history --json`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tests.torture.program import Place, command, environment

_TIMEOUT_S = 60.0
_ALL = ("--limit", "1000000")

Row = Mapping[str, Any]


class HistoryUnreadable(Exception):  # noqa: N818 - a finding, told as one
    """The command failed; what it said."""


def runs_told(place: Place) -> Sequence[Row]:
    """Every run, as `records.history.RunRecord`. Raises HistoryUnreadable."""
    runs: Sequence[Row] = _asked(place)["runs"]
    return runs


def attempts_told(place: Place) -> Sequence[Row]:
    """Every call that was begun, as `records.history.AttemptRecord`. Raises HistoryUnreadable."""
    attempts: Sequence[Row] = _asked(place, "--attempts")["attempts"]
    return attempts


def _asked(place: Place, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [*command("run.py"), "history", *words, *_ALL, "--config", place.config.name, "--json"],
        cwd=place.folder,
        env=environment(place, {}),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise HistoryUnreadable(f"code {done.returncode}: {(done.stderr or done.stdout).strip()[:300]}") from None
    return answer
