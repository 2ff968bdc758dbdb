"""What Black Forest Labs says when something is wrong, for `server.faults`. Bodies: providers.md section 8."""

from __future__ import annotations

from typing import Any

from tests.fakes.bfl_server import unfound
from tests.fakes.faults import Fault
from tests.fakes.task_faults import ending, endless_task, expired_url, garbage, interrupted_task, slow_task
from tests.fakes.validation import entry
from tests.fakes.wire import Json, Reply

__all__ = [
    "bad_key",
    "bad_parameter",
    "endless_task",
    "error",
    "expired_url",
    "failed_task",
    "garbage",
    "interrupted_task",
    "late_to_appear",
    "lost_task",
    "no_credit",
    "policy_refusal",
    "rate_limited",
    "rate_limited_in_words",
    "request_moderated",
    "retired_model",
    "server_error",
    "slow_task",
    "without_image",
]


def error(status: int, detail: Any) -> Fault:
    """Any error of this service but its own 429."""
    return lambda _: Reply.of_json({"detail": detail}, status=status)


def bad_key() -> Fault:
    return error(403, "Not authenticated - Invalid Authentication")


def no_credit() -> Fault:
    return error(402, "Insufficient credits. Please add credits at https://dashboard.bfl.ai")


def rate_limited(seconds: float = 5) -> Fault:
    """The hint stands in the body."""
    body: Json = {"error": "rate_limit_exceeded", "message": "Too many active tasks.", "retry_after": seconds}
    return lambda _: Reply.of_json(body, status=429)


def rate_limited_in_words() -> Fault:
    """The other 429: FastAPI's, without a hint."""
    return error(429, "Rate limit exceeded: too many active tasks.")


def policy_refusal() -> Fault:
    """The picture was made and is withheld."""
    return ending(status="Content Moderated", result=None, details={"Moderation Reasons": ["Safety Filter"]})


def request_moderated() -> Fault:
    """The prompt was refused; the task says so at its end."""
    return ending(status="Request Moderated", result=None, details={"Moderation Reasons": ["Request Moderated"]})


def bad_parameter() -> Fault:
    return error(422, [entry("width", "multiple_of", "Input should be a multiple of 32", 1000, multiple_of=32)])


def without_image() -> Fault:
    """Ready, and no sample."""
    return ending(result={"prompt": "", "seed": 42, "duration": 3.2})


def server_error(status: int = 500) -> Fault:
    return error(status, "Internal Server Error")


def retired_model() -> Fault:
    return error(404, "Not Found")


def failed_task() -> Fault:
    return ending(status="Error", result=None, details=None)


def lost_task() -> Fault:
    """The service forgot the task: what it says of one that is too old."""
    return ending(status="Task not found", result=None, progress=None)


def late_to_appear(looks: int = 1) -> Fault:
    """The first looks come too soon after the POST: the task is not found yet."""
    return interrupted_task(Reply.of_json(unfound("not yet")), looks)
