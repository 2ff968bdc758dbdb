"""What Kie.ai says when something is wrong, for `server.faults`; HTTP 200 around most. providers.md section 10."""

from __future__ import annotations

from tests.fakes.faults import Fault
from tests.fakes.kie_server import UNSUPPORTED
from tests.fakes.task_faults import ending, endless_task, expired_url, garbage, interrupted_task, slow_task
from tests.fakes.wire import Reply

__all__ = [
    "bad_key",
    "bad_parameter",
    "blocked_caller",
    "endless_task",
    "error",
    "expired_url",
    "failed_task",
    "garbage",
    "interrupted_task",
    "maintenance",
    "no_credit",
    "policy_refusal",
    "rate_limited",
    "retired_model",
    "sensitive",
    "server_error",
    "slow_task",
    "without_image",
]


def error(code: int, message: str) -> Fault:
    """Any error of this service: the code in the body, 200 on the wire."""
    return lambda _: Reply.of_json({"code": code, "msg": message, "data": None})


def bad_key() -> Fault:
    return error(401, "You do not have access permissions")


def blocked_caller() -> Fault:
    """The guard in front of the service: looks like a key refused, and is about the User-Agent."""
    return lambda _: Reply(status=403, headers={"content-type": "text/plain"}, body=b"error code: 1010")


def no_credit() -> Fault:
    return error(402, "Insufficient credits: the current balance is not enough to make this request. Please top up.")


def rate_limited(seconds: float = 10) -> Fault:
    """No hint: the window is 10 s, always. `seconds` is what other services are given, so that one table serves all."""
    return error(429, "Your call frequency is too high. Please try again later.")


def policy_refusal() -> Fault:
    """The task fails, with a code that is a text."""
    return ending(code="400", message="Your prompt was flagged by Website as violating content policies.")


def sensitive() -> Fault:
    """The same in other words: the output was looked at."""
    return ending(code="501", message="The generated image may contain sensitive content. Please modify your prompt.")


def bad_parameter() -> Fault:
    return error(422, "aspect_ratio is not within the range of allowed options")


def without_image() -> Fault:
    """Success, and no address."""
    return ending(urls=[])


def server_error(code: int = 500) -> Fault:
    return error(code, "Server exception, please try again later or contact customer service")


def maintenance() -> Fault:
    return error(455, "The service is currently undergoing maintenance.")


def retired_model() -> Fault:
    return error(422, UNSUPPORTED)


def failed_task() -> Fault:
    return ending(code="500", message="Internal Error, Please try again later.")
