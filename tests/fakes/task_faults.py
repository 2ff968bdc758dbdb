"""What goes wrong with a task, the same for every service that has them; each strikes at the POST that opens it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.fakes.faults import Fault
from tests.fakes.tasks import Accepted, Task
from tests.fakes.wire import Exchange, Reply


def on_task(change: Callable[[Task], None]) -> Fault:
    """The POST is answered as ever, and its task is no longer what it was; what is refused stays refused."""

    def strike(exchange: Exchange) -> Reply:
        accepted = exchange.answer()
        assert isinstance(accepted, Accepted)
        change(accepted.task)
        return accepted.receipt()

    return strike


def ending(**members: Any) -> Fault:
    """The task ends otherwise than well; the members are those its service's module defines."""
    return on_task(lambda task: task.ending.update(members))


def slow_task(polls: int = 5) -> Fault:
    """Done at look number `polls`, and well."""

    def slow_down(task: Task) -> None:
        task.polls_needed = polls

    return on_task(slow_down)


def endless_task() -> Fault:
    """Under way for ever."""

    def slow_down(task: Task) -> None:
        task.polls_needed = math.inf

    return on_task(slow_down)


def expired_url() -> Fault:
    """Done, and the picture's address answers as one whose time is over. A second task's does not."""

    def expire(task: Task) -> None:
        task.is_expired = True

    return on_task(expire)


def interrupted_task(reply: Reply, looks: int = 1) -> Fault:
    """The first `looks` looks get this reply; then all goes on as if nothing had been."""
    return on_task(lambda task: task.interruptions.extend([reply] * looks))


def garbage() -> Fault:
    """A 200 and well-formed JSON that has nothing to do with what was asked."""
    return lambda _: Reply.of_json({"weather": "mild", "wind": {"knots": 4}})
