"""What Azure OpenAI says when something is wrong, for `server.faults`. Bodies: providers.md section 2, "Azure" [K]."""

from __future__ import annotations

from tests.fakes import openai_faults
from tests.fakes.azure_server import BAD_KEY, NO_DEPLOYMENT
from tests.fakes.faults import Fault
from tests.fakes.openai_faults import error
from tests.fakes.revising import whole_seconds
from tests.fakes.wire import Json

SEVERITIES = {"hate": "safe", "self_harm": "safe", "sexual": "safe", "violence": "high"}


def bad_key() -> Fault:
    return error(401, BAD_KEY, code="401")


def forbidden() -> Fault:
    """A key that is good, from a network that is not let in."""
    return error(403, "Access denied due to Virtual Network/Firewall rules.", code="AccessDenied")


def no_credit() -> Fault:
    """With the older of OpenAI's codes: this service is slower to take up new ones."""
    return openai_faults.quota_exhausted("insufficient_quota")


def rate_limited(seconds: float = 5.0) -> Fault:
    """The wait in milliseconds and, rounded up, in seconds."""
    message = (
        "Requests to the ImageGenerations_Create Operation have exceeded call rate limit of your current OpenAI S0 "
        f"pricing tier. Please retry after {whole_seconds(seconds)} seconds."
    )
    hints = {"retry-after": str(whole_seconds(seconds)), "retry-after-ms": str(round(seconds * 1000))}
    return error(429, message, kind="rate_limit_error", code="429", headers=hints)


def policy_refusal() -> Fault:
    """The prompt did not pass the content filter; `innererror` says why."""
    message = "Your request was rejected as a result of our safety system."
    return error(400, message, code="content_policy_violation", innererror=_inner_error())


def content_filter() -> Fault:
    """The same in the words of the older service."""
    message = "Your task failed as a result of our safety system."
    return error(400, message, code="contentFilter", innererror=_inner_error())


def bad_parameter() -> Fault:
    return openai_faults.bad_parameter()


def retired_model() -> Fault:
    """The deployment is gone with its model."""
    return error(404, NO_DEPLOYMENT, code="DeploymentNotFound")


def server_error() -> Fault:
    return error(500, "The server had an error while processing your request.", kind="server_error", code="500")


def without_image() -> Fault:
    return openai_faults.without_image()


def garbage() -> Fault:
    return openai_faults.garbage()


def _inner_error() -> Json:
    results = {name: {"filtered": level != "safe", "severity": level} for name, level in SEVERITIES.items()}
    return {"code": "ResponsibleAIPolicyViolation", "content_filter_results": results}
