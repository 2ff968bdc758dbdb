"""What the history holds: runs, their slides, and every call to a service, made or begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pipeline.records.pictures import WriterAnswer
from pipeline.records.requests import CallKind


class RunState(StrEnum):
    """How a run stands. `waiting`: a batch of it is under way. `broken_off`: it ended without a word."""

    PENDING = "pending"
    WAITING = "waiting"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    NOTHING_TO_DO = "nothing_to_do"
    BROKEN_OFF = "broken_off"


class AttemptState(StrEnum):
    """How a call stands. A call whose answer was lost is an error that may have been charged."""

    PENDING = "pending"
    SUCCESS = "success"
    ERROR = "error"


LOST = "lost"
"""The `error_kind` of a call nobody saw the end of: the process died, or the answer came too late."""

NOT_MADE = "not_made"
"""The `error_kind` of a call that was to be part of a batch and never went out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of one deck, or one command that made pictures without a deck (`deck` is "").

    `deck` and `output` are absolute paths, `deck_hash` and `output_hash` the SHA-256 of their bytes, `work_key` that of
    all that decides what comes out. `cost_usd` is the sum of its
    calls as far as it is known; `maybe_usd` what calls were priced at whose end is not known.
    """

    id: str
    state: RunState
    deck: str = ""
    deck_hash: str = ""
    output: str = ""
    output_hash: str = ""
    work_key: str = ""
    lock: str = ""
    user: str = ""
    project: str = ""
    host: str = ""
    pid: int = 0
    created: datetime
    finished: datetime | None = None
    exit_code: int | None = None
    planned: int = 0
    illustrated: int = 0
    failed: int = 0
    message: str = ""
    cost_usd: float = 0.0
    maybe_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideRecord:
    """What became of one slide in one run. `saved_usd` is what the store spared it, `image_hash` is a SHA-256."""

    run_id: str
    number: int
    title: str
    status: str
    reason: str = ""
    prompt: str = ""
    alt_text: str = ""
    provider: str = ""
    model: str = ""
    image_hash: str = ""
    cost_usd: float = 0.0
    saved_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The facts of an answer. `format` is "png", "jpg", …, "json" for a prompt; `hash` is the SHA-256 of the bytes."""

    format: str = ""
    width_px: int | None = None
    height_px: int | None = None
    bytes: int | None = None
    hash: str = ""
    tokens_read: int | None = None
    tokens_written: int | None = None

    @classmethod
    def of_answer(cls, answer: WriterAnswer) -> Response:
        """What is kept of a prompt writer's answer."""
        if answer.tokens is None:
            return cls(format="json")
        return cls(format="json", tokens_read=answer.tokens.read, tokens_written=answer.tokens.written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of a request, to the run that had asked. `cost_usd` is None where nobody said what it cost."""

    run_id: str
    cost_usd: float | None
    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One call to a service.

    `reserved_usd` is what it was thought to cost when it began, None where the price is not known; `cost_usd` what it
    did cost, None while that is not known. `may_be_charged`: it went out, and what became of it is not known.
    `continues` an order an earlier call made: it is no order of its own. `batch` is the id of the batch it is part of.
    """

    id: int
    run_id: str
    slide_number: int | None
    kind: CallKind
    service: str
    model: str
    request_key: str
    prompt: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: AttemptState = AttemptState.PENDING
    error_kind: str = ""
    error: str = ""
    response: Response = Response()
    reserved_usd: float | None = None
    cost_usd: float | None = None
    may_be_charged: bool = False
    continues: bool = False
    batch: str = ""
    created: datetime
    finished: datetime | None = None
    seconds: float | None = None

    @property
    def is_open(self) -> bool:
        """True where it may yet turn out to have been charged: under way, or its answer lost.

        What goes on with an order is no order of its own: that one counts.
        """
        is_unsure = self.state is AttemptState.PENDING or self.may_be_charged
        return self.cost_usd is None and is_unsure and not self.continues


@dataclass(frozen=True, slots=True, kw_only=True)
class StatRow:
    """One local day of one model.

    `images` is how many pictures came. `success_rate` (0 to 1) is of all calls that ended, `median_s` of those that
    succeeded; None where there are none. `maybe_usd` is what calls were priced at whose end is not known, and no part
    of `cost_usd`.
    """

    day: date
    service: str
    model: str
    images: int
    success_rate: float | None
    median_s: float | None
    cost_usd: float
    maybe_usd: float
