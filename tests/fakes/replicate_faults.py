"""What Replicate says when something is wrong, for `server.faults`. Bodies: providers.md section 5."""

from __future__ import annotations

from tests.fakes.faults import Fault, retry_headers
from tests.fakes.replicate_server import validation_body
from tests.fakes.task_faults import ending, endless_task, expired_url, garbage, interrupted_task, slow_task
from tests.fakes.wire import Reply

__all__ = [
    "bad_key",
    "bad_parameter",
    "canceled",
    "endless_task",
    "error",
    "expired_url",
    "failed_task",
    "garbage",
    "interrupted_task",
    "no_credit",
    "policy_refusal",
    "rate_limited",
    "retired_model",
    "sensitive",
    "server_error",
    "slow_task",
    "without_image",
]


def error(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Fault:
    """Any error of this service that is not about a field."""
    return lambda _: Reply.of_json({"title": title, "detail": detail, "status": status}, status=status, headers=headers)


def bad_key() -> Fault:
    return error(401, "Unauthenticated", "You did not pass a valid authentication token")


def no_credit() -> Fault:
    detail = (
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to "
        "purchase credit. Once you purchase credit, please wait a few minutes before trying again."
    )
    return error(402, "Insufficient credit", detail)


def rate_limited(seconds: float = 30, *, retry_after: str | None = None) -> Fault:
    """The hint stands in the text; the header may be there as well."""
    detail = f"Request was throttled. Your rate limit resets in ~{seconds:g}s."
    body = {"detail": detail, "status": 429}
    return lambda _: Reply.of_json(body, status=429, headers=retry_headers(retry_after, None))


def policy_refusal() -> Fault:
    """The task fails."""
    message = "NSFW content detected. Try running it again, or try a different prompt."
    return ending(status="failed", output=None, error=message)


def sensitive() -> Fault:
    """The task fails, in the words of the models that have filters of their own."""
    message = "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (fake)"
    return ending(status="failed", output=None, error=message)


def bad_parameter() -> Fault:
    description = 'aspect_ratio must be one of the following: "1:1", "16:9", "9:16"'
    body = validation_body([{"type": "enum", "field": "input.aspect_ratio", "description": description}])
    return lambda _: Reply.of_json(body, status=422)


def without_image() -> Fault:
    """Succeeded, and no output."""
    return ending(output=None)


def server_error(status: int = 500) -> Fault:
    return error(status, "Internal server error", "An unexpected error occurred.")


def retired_model() -> Fault:
    return error(404, "Not found", "The requested resource could not be found.")


def failed_task() -> Fault:
    """The machine under the task went away."""
    return ending(status="failed", output=None, error="Prediction interrupted; please retry (code: PA)")


def canceled() -> Fault:
    """Somebody ended the task on the service's page."""
    return ending(status="canceled", output=None)
