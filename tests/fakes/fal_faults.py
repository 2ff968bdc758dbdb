"""What fal says when something is wrong, for `server.faults`. Bodies: providers.md section 9."""

from __future__ import annotations

from tests.fakes.fal_server import model_error, retryable
from tests.fakes.faults import Fault, retry_headers
from tests.fakes.task_faults import ending, endless_task, expired_url, garbage, interrupted_task, on_task, slow_task
from tests.fakes.tasks import Task
from tests.fakes.validation import entry
from tests.fakes.wire import Json, Reply

__all__ = [
    "app_forbidden",
    "bad_key",
    "bad_parameter",
    "endless_task",
    "error",
    "expired_url",
    "failed_task",
    "garbage",
    "interrupted_task",
    "no_credit",
    "no_media",
    "nsfw_black_image",
    "policy_at_once",
    "policy_refusal",
    "rate_limited",
    "retired_model",
    "runner_timeout",
    "server_error",
    "slow_task",
    "without_image",
]
FLAGGED = entry(
    "prompt",
    "content_policy_violation",
    "The content could not be processed because it contained material flagged by a content checker.",
)


def error(
    status: int, detail: str, kind: str | None = None, *, retry: bool = False, retry_after: str | None = None
) -> Fault:
    """Any error of the request, as opposed to the model's; `kind` is its error_type."""
    body: Json = {"detail": detail} | ({"error_type": kind} if kind else {})
    headers = retryable(retry) | ({"x-fal-error-type": kind} if kind else {}) | retry_headers(retry_after, None)
    return lambda _: Reply.of_json(body, status=status, headers=headers)


def bad_key() -> Fault:
    return error(401, "Cannot access application. Authentication is required to access this application.")


def app_forbidden() -> Fault:
    """A 403 that is not about money."""
    return error(403, "Access denied to this application.")


def no_credit() -> Fault:
    return error(403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing")


def rate_limited(seconds: float = 5) -> Fault:
    """fal has no hint of its own: the header, in whole seconds."""
    detail = "Too many requests. Please slow down."
    return error(429, detail, "concurrent_requests_limit", retry=True, retry_after=f"{seconds:.0f}")


def policy_refusal() -> Fault:
    """The model says so, where its result is fetched."""
    return ending(**model_error(422, [FLAGGED]))


def policy_at_once() -> Fault:
    """The same 422 as the answer to the POST."""
    reply: Reply = model_error(422, [FLAGGED])["response"]
    return lambda _: reply


def nsfw_black_image() -> Fault:
    """The task ends well, the picture is all black, and a flag beside it says why."""

    def black_out(task: Task) -> None:
        task.is_black = True

    return on_task(black_out)


def bad_parameter() -> Fault:
    """The queue takes it; the model does not."""
    wrong = entry("num_images", "less_than_equal", "Input should be less than or equal to 4", 9, le=4)
    return ending(**model_error(422, [wrong]))


def without_image() -> Fault:
    """A good result with no images in it."""
    content: Json = {"images": [], "seed": 42, "timings": {}, "has_nsfw_concepts": []}
    return ending(response=Reply.of_json(content))


def no_media() -> Fault:
    """The model's own word for the same."""
    nothing = entry("prompt", "no_media_generated", "The model did not generate any media.")
    return ending(**model_error(422, [nothing]))


def server_error(status: int = 500) -> Fault:
    return error(status, "Internal Server Error", "internal_server_error", retry=True)


def retired_model() -> Fault:
    return error(404, "Application 'retired' not found")


def failed_task() -> Fault:
    """A service behind the model is out of reach."""
    down = entry("prompt", "downstream_service_unavailable", "Downstream service unavailable")
    return ending(**model_error(500, [down], is_retryable=True))


def runner_timeout() -> Fault:
    """The machine under the task took too long: an error of the request, told by status and result."""
    words = {"detail": "Request timed out", "error_type": "request_timeout"}
    headers = retryable(True) | {"x-fal-error-type": "request_timeout"}
    response = Reply.of_json(words, status=504, headers=headers)
    return ending(status={"error": words["detail"], "error_type": words["error_type"]}, response=response)
