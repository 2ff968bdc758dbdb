"""A picture on order: followed until it is done, given up where nothing more can come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipeline.asking.answers import Answer
from pipeline.asking.errors import GONE, Judge
from pipeline.asking.exchange import Deadline, Wire
from pipeline.asking.timing import Timing
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust, check_key_address
from pipeline.images.parameters import Fitted
from pipeline.services.catalog import ModelChoice
from pipeline.services.wire import Endpoint, Poll

# A task that is not found may be one that is not known everywhere yet; one that is not found again is none.
_MOST_MISSES = 2


@dataclass(slots=True, kw_only=True)
class Task:
    """One order that the service took with `receipt`, its answer; `answer` is the one the picture stands in.

    `misses` counts how often the task, or its result, was not found. `has_failed`: the service said so.
    """

    receipt: Answer
    fitted: Fitted
    answer: Answer | None = None
    misses: int = 0
    has_failed: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether it is not there any more."""
        return self.misses >= _MOST_MISSES

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can come of it."""
        return self.has_failed or self.is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Knows how one service's tasks are followed; services that answer at once have done so with the receipt."""

    choice: ModelChoice
    endpoint: Endpoint
    wire: Wire
    trust: Trust
    judge: Judge
    timing: Timing

    def finish(self, task: Task, deadline: Deadline) -> Answer:
        """The answer the picture stands in. Raises ServiceError for a task that failed or could not be asked."""
        if task.answer is None:
            done = self._done(task.receipt, task, deadline)
            task.answer = self._fetched(done, task, deadline)
        return task.answer

    def ask_again(self, task: Task, deadline: Deadline) -> Answer:
        """The same, asked anew: addresses of pictures are for a time only. Raises ServiceError."""
        task.answer = None
        done = self._done(self._look(self._address(task), task, deadline), task, deadline)
        task.answer = self._fetched(done, task, deadline)
        return task.answer

    def _done(self, answer: Answer, task: Task, deadline: Deadline) -> Answer:
        """The task's last state. An unknown word means waiting; the deadline ends it."""
        poll = self.endpoint.poll
        if poll is None:
            return answer
        while (word := _word(answer, poll)) not in poll.done:
            if word in poll.failed:
                task.has_failed = True
                raise self.judge.failed_task(answer, answer.find_text(poll.message))
            address = self._address(task)
            self.timing.sleep(min(poll.every_s, deadline.left_s()))
            answer = self._look(address, task, deadline)
        return answer

    def _fetched(self, done: Answer, task: Task, deadline: Deadline) -> Answer:
        """The answer behind the address that `result.fetch` finds in the last state, or in the receipt."""
        fetch = self.endpoint.result.fetch if self.endpoint.result else None
        if fetch is None:
            return done
        found = done.find(fetch) or task.receipt.find(fetch)
        if not isinstance(found, str):
            message = "the answer does not say where the image is"
            raise self.judge.failure(FailureKind.EMPTY, message, may_be_charged=True)
        return self._look(self._checked(found), task, deadline, is_result=True)

    def _look(self, address: str, task: Task, deadline: Deadline, *, is_result: bool = False) -> Answer:
        answer = self.wire.get(address, deadline)
        poll = self.endpoint.poll
        if poll is not None and not is_result and _word(answer, poll) in poll.waiting:
            return answer  # whatever its status: right after the order a task may not be known everywhere
        error = self.judge.failure_in(answer, is_submit=False)
        if error is None:
            return answer
        if poll is not None and not is_result and _word(answer, poll) in poll.failed:
            task.has_failed = True  # a rule saw it first
        elif _is_miss(error, answer, is_result=is_result):
            task.misses += 1
        raise error

    def _address(self, task: Task) -> str:
        """Where the task is asked for: the address in the receipt, else the path with its id."""
        poll = self.endpoint.poll
        found = task.receipt.find(poll.url) if poll else None
        if isinstance(found, str):
            return self._checked(found)
        name = task.receipt.find(poll.id) if poll else None
        if poll is None or poll.path is None or isinstance(name, bool) or not isinstance(name, str | int):
            message = "the answer names no task that could be followed"
            raise self.judge.failure(FailureKind.EMPTY, message, may_be_charged=True)
        return self.wire.address(poll.path, {"id": name, "model": self.choice.id, "route": self.choice.route})

    def _checked(self, url: str) -> str:
        try:
            return str(check_key_address(url, self.trust))
        except ServiceError as error:
            raise self.judge.failure(error.kind, str(error), is_final=error.is_final, may_be_charged=True) from error


def _is_miss(error: ServiceError, answer: Answer, *, is_result: bool) -> bool:
    """Whether the task may be no more. A key that is refused where a result lies may be how it is said to be gone."""
    if is_result:
        return error.kind in (FailureKind.TRANSIENT, FailureKind.AUTH, FailureKind.BILLING)
    return error.kind is FailureKind.TRANSIENT and answer.status in GONE


def _word(answer: Answer, poll: Poll) -> str:
    """The status as text, in JSON where it is none: 1, true."""
    found = answer.find(poll.status)
    return found if isinstance(found, str) else json.dumps(found)
