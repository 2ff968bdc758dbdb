"""Runs the program on one deck in a process of its own, through its Python door, and says how that ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline import ExitCode, PipelineError, Settings, illustrate_deck
from pipeline.outcomes import SlideOutcome, SlideStatus

TIMEOUT_S = 300.0
NO_ROOM = "no room"
"""How the reason of a slide begins that the rules let through and that has no place for a picture."""

_SETTINGS: dict[str, Any] = {
    "prompts": {"provider": "offline"},
    "images": {"provider": "offline"},
    "workers": {"prompt_delay_s": 0.0, "image_delay_s": 0.0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the program ended on a deck. `slides` are its words for each slide: let_through, illustrated, reason.

    `exit_code` is that of the run, None where the process crashed or took too long; `message` then says which.
    """

    exit_code: int | None
    message: str = ""
    seconds: float = 0.0
    slides: list[dict[str, Any]] = field(default_factory=list)


def run_on(deck: Path, output: Path, *, exact: bool) -> Run:
    """Illustrate `deck` as `output`, offline, in another process."""
    command = [sys.executable, "-m", __name__, str(deck), str(output), *(["--exact"] if exact else [])]
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return Run(exit_code=None, message=f"took more than {TIMEOUT_S:g} s", seconds=TIMEOUT_S)
    seconds = time.monotonic() - started
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return Run(exit_code=None, message=f"crashed ({done.returncode}): {last}", seconds=seconds)
    return Run(**json.loads(done.stdout.splitlines()[-1]), seconds=seconds)


def _main(deck: Path, output: Path, *, exact: bool) -> dict[str, Any]:
    work_folder = output.with_suffix(".work")
    layout = {"layout": {"ink": "rendered"}} if exact else {}
    # Nothing of what is kept for a person is used or added to: what is measured is made.
    keeping = {"store": {"folder": work_folder / "store"}, "history": {"url": str(work_folder / "history.sqlite")}}
    settings = Settings.model_validate({**_SETTINGS, **layout, **keeping, "output": {"work_folder": work_folder}})
    try:
        report = illustrate_deck(deck, output, settings=settings, force=True)
    except PipelineError as error:
        return {"exit_code": int(error.exit_code), "message": str(error)}
    if report.exit_code == ExitCode.BUG:
        raise RuntimeError(report.message)
    return {
        "exit_code": int(report.exit_code),
        "message": report.message,
        "slides": [_slide(slide) for slide in report.slides],
    }


def _slide(slide: SlideOutcome) -> dict[str, Any]:
    is_planned = slide.slot is not None or slide.status is not SlideStatus.SKIPPED
    return {
        "number": slide.number,
        "let_through": is_planned or slide.reason.startswith(NO_ROOM),
        "illustrated": slide.status is SlideStatus.ILLUSTRATED,
        "reason": slide.reason,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(Path(sys.argv[1]), Path(sys.argv[2]), exact="--exact" in sys.argv[3:])))
