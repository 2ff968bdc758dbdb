"""The frozen records of what became of a run: what the JSON report and the Python API promise."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.errors import ExitCode, FailedCall
from pipeline.records import Slot


class SlideStatus(StrEnum):
    """What became of a slide."""

    ILLUSTRATED = "illustrated"
    SKIPPED = "skipped"
    FAILED = "failed"
    PLACEHOLDER = "placeholder"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideOutcome:
    """What became of one slide, and why.

    `attempts` counts image calls, `failed_calls` are those of them that brought nothing, at whatever service.
    `cost_usd` is prompt and image together, `saved_usd` what those of them once cost that were found in the store.
    `image` is the picture as it came from the provider, on disk.
    """

    number: int
    title: str
    status: SlideStatus
    reason: str
    slot: Slot | None = None
    prompt: str = ""
    alt_text: str = ""
    provider: str = ""
    model: str = ""
    attempts: int = 0
    failed_calls: tuple[FailedCall, ...] = ()
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    image: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """How one stage ended: slides that came through it and slides that failed in it for good."""

    succeeded: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStats:
    """What one image worker did; `busy_s` is the time it spent on pictures, waits for its turn included."""

    name: str
    images: int
    failures: int
    busy_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUsed:
    """Money spent on what is not in the delivered deck: so many calls, for one `reason`."""

    reason: str
    usd: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Where a run's money went.

    `delivered_usd` paid for what is in the deck, `saved_usd` is what the store spared. `maybe_usd` is the price of
    `maybe_calls` calls that may have been charged, though nobody saw their answers. `credits` is what the pictures
    come to in the unit of `budget.credits_per_image`, None where no such unit is set.
    """

    delivered_usd: float = 0.0
    not_used: tuple[NotUsed, ...] = ()
    saved_usd: float = 0.0
    maybe_usd: float = 0.0
    maybe_calls: int = 0
    credits: float | None = None


class RunStatus(StrEnum):
    """How a run ended, in a word. `waiting`: a batch of it is under way, the same command collects it."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    NOTHING_TO_DO = "nothing_to_do"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """All that is known of a run when it has ended.

    `output` is the delivered deck, None where none was; `partial_output` what could be saved of a run that failed.
    `planned` counts the slides that wanted a picture by the rules. `message` says why a run ended early, "" if it
    did not. `offline` is true where the pictures were drawn on this machine, not made by a service.
    """

    run_id: str
    status: RunStatus
    exit_code: ExitCode
    input: Path
    output: Path | None = None
    partial_output: Path | None = None
    work_folder: Path | None = None
    message: str = ""
    offline: bool = False
    planned: int = 0
    prompts: StageCount = StageCount()
    images: StageCount = StageCount()
    cost_usd: float = 0.0
    money: Money = Money()
    seconds: float = 0.0
    slides: tuple[SlideOutcome, ...] = ()
    workers: tuple[WorkerStats, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckOutcome:
    """What became of one deck of many; small, since there may be thousands.

    `input` and `output` are paths or URLs, `output` None where nothing was delivered. `errors` are lines, one for each
    slide that failed. The numbers are those of the deck's `RunReport`.
    """

    input: str
    output: str | None
    status: RunStatus
    exit_code: ExitCode
    message: str = ""
    run_id: str = ""
    planned: int = 0
    illustrated: int = 0
    skipped: int = 0
    failed: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    maybe_usd: float = 0.0
    seconds: float = 0.0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecksReport:
    """What became of many decks, in the order in which they were begun. `message` says why not all were, else ""."""

    decks: tuple[DeckOutcome, ...]
    seconds: float
    message: str = ""
    stopped: ExitCode | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The worst of all (see `worst`). `stopped` is what broke the whole off."""
        return worst({deck.exit_code for deck in self.decks} | ({self.stopped} if self.stopped is not None else set()))


def worst(codes: Collection[ExitCode]) -> ExitCode:
    """The code that many runs end in: signal, error, partial, waiting, ok. Of errors the lowest code, a bug first.

    3 only where no run had anything to do, or there was none.
    """
    if not codes:
        return ExitCode.NOTHING_TO_DO
    return min(codes, key=lambda code: (_RANKS.get(code, _ERROR), code))


_ERROR = 1
_RANKS = {
    ExitCode.INTERRUPTED: 0,
    ExitCode.TERMINATED: 0,
    ExitCode.PARTIAL: 2,
    ExitCode.WAITING: 3,
    ExitCode.OK: 4,
    ExitCode.NOTHING_TO_DO: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StripReport:
    """What became of taking our pictures out. `output` is None where there were none."""

    exit_code: ExitCode
    input: Path
    output: Path | None
    removed: int
