"""The half-price lane: many questions handed to a service at once, collected when it has answered them all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from pipeline.asking.answers import Answer
from pipeline.asking.errors import GONE, Judge
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError

A_contra = TypeVar("A_contra", contravariant=True)
B_co = TypeVar("B_co", covariant=True)

# What a gateway answers that knows nothing of batches: no such path, no such method, not implemented.
_UNKNOWN_THERE = (404, 405, 501)
# How far a service's clock and ours may be apart.
_CLOCKS_APART = timedelta(minutes=5)
# Of the batches of an account so many are looked through, 100 to the page, the newest first.
_MOST_PAGES = 10
PAGE_SIZE = 100


class BatchState(StrEnum):
    """How a batch stands. `gone`: failed, expired or cancelled as a whole; what was answered before can be read."""

    UNDER_WAY = "under_way"
    ENDED = "ended"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a batch stands: so many questions of so many done with, whatever came of them; 0 where that is not said.

    Some services count only when all is done. `message` is the service's own word for it, of a batch that is gone what
    became of it; `failure` then says by its kind what that means for the questions without a result.
    """

    state: BatchState
    done: int
    total: int
    message: str
    failure: ServiceError | None = None


class BatchLane(Protocol[A_contra, B_co]):
    """One kind of question to one model, asked in batches. `timeout_s` is for each call, of which some make several.

    Every call raises ServiceError as a live one does. One thread at a time.
    """

    @property
    def price_share(self) -> float:
        """What a question costs here, as a share of its usual price."""

    def submit(self, questions: Mapping[str, A_contra], timeout_s: float) -> str:
        """Hand in all `questions`, by ids of at most 64 letters, digits, "-" and "_", and give the batch's id.

        Where the error raised says `may_be_charged`, the service may have taken the batch: ask `submitted_since`.
        """

    def standing(self, batch: str, timeout_s: float) -> Standing:
        """How the batch stands now."""

    def results(self, batch: str, timeout_s: float) -> Iterator[tuple[str, B_co | ServiceError]]:
        """Each question's id with what came of it, in any order, read from the network while it is iterated over.

        `timeout_s` is for each of them. A question the service lost sight of is missing. An error raised while
        iterating leaves the rest where it is: what was given is right, and all can be read again. Nothing is given of a
        batch that is under way, or of which the service knows no more.
        """

    def submitted_since(
        self, moment: datetime, ids: Set[str], timeout_s: float, *, known: Set[str] = frozenset()
    ) -> str | None:
        """The batch of exactly these questions that was handed in after `moment` (aware), None where there is none.

        For whoever died, or lost the connection, before `submit` came back. `known` are batches whose ids were seen:
        it is none of these.
        """


def digest_of(ids: Set[str]) -> str:
    """64 hexadecimal digits that say which questions a batch is of, for services that keep a note with it."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def listed(page: Callable[[str | None], Answer]) -> Iterator[Mapping[str, Any]]:
    """The newest batches of an account. `page` asks for those after an id, None: for the first.

    The page's form is that of Anthropic and OpenAI alike: `data`, `has_more`, `last_id`.
    """
    last = None
    for _ in range(_MOST_PAGES):
        answer = page(last)
        found = answer.find("data")
        batches = [batch for batch in found if isinstance(batch, dict)] if isinstance(found, list) else []
        yield from batches
        last = batches[-1].get("id") if batches else None
        if not isinstance(last, str) or answer.find("has_more") is not True:
            return


def is_since(created: datetime | None, moment: datetime) -> bool:
    """Whether a batch created then, by the service's clock, may have been handed in after `moment` by ours."""
    return created is not None and created >= moment - _CLOCKS_APART


def refusal_of(answer: Answer, judge: Judge, access: Access) -> ServiceError:
    """What it means that the service did not take a batch: it may not know what that is."""
    failure = judge.refusal_in(answer)
    is_of_a_model = failure.kind is FailureKind.UNKNOWN_MODEL and "model" in answer.text.lower()
    if answer.status not in _UNKNOWN_THERE or is_of_a_model:
        return failure
    said = answer.find_text("error.message || message || detail")
    problem = f"takes no batches at this address ({answer.status}{f' {said}' if said else ''})"
    remedy = f"leave out --batch, or check {access.service.address_variable}"
    return judge.failure(FailureKind.BAD_PARAMETER, problem, remedy=remedy, is_final=True)


class NoSuchBatchError(ServiceError):
    """The service itself, and no proxy before it, says that it knows no such batch, or no such results."""


def look_refusal_of(answer: Answer, judge: Judge, batch: str) -> ServiceError:
    """What it means that the service did not tell of a batch."""
    if answer.status not in GONE or answer.find("error") is None:
        return judge.failure_in(answer, is_submit=False) or judge.refusal_in(answer)
    problem = f"it knows no batch {batch} any more"
    told = judge.failure(FailureKind.TRANSIENT, problem, remedy="was it handed in with another key?")
    return NoSuchBatchError(told.kind, str(told), may_be_charged=True)


def id_in(answer: Answer, judge: Judge, access: Access, *, is_order: bool) -> str:
    """The id of what was made. Raises ServiceError where the answer names none, so that nobody knows if one was."""
    name = answer.find("id")
    if isinstance(name, str) and name:
        return name
    kind = answer.headers.get("content-type", "").partition(";")[0] or "no type"
    problem = f"no answer to a batch: {len(answer.body)} bytes, {kind}"
    remedy = f"check {access.service.address_variable}"
    raise judge.failure(FailureKind.TRANSIENT, problem, remedy=remedy, may_be_charged=is_order)


def count(found: Any) -> int:
    """A count in an answer, 0 where it is none."""
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0
