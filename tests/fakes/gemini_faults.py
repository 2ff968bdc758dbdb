"""What the Gemini API says when something is wrong, for `server.faults`. Bodies: providers.md section 3."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.faults import Fault
from tests.fakes.gemini_server import STATUSES, bad_key_details, thoughts, violation
from tests.fakes.revising import revised
from tests.fakes.wire import Json, Reply

TYPE = "type.googleapis.com/google.rpc."
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
METRIC = "generativelanguage.googleapis.com/generate_content_free_tier_requests"


def error(status: int, message: str, *details: Json, kind: str = "") -> Fault:
    """Any error of this service; `kind` where the status alone does not tell its name."""
    inner: Json = {"code": status, "message": message, "status": kind or STATUSES[status]}
    return lambda _: Reply.of_json({"error": inner | ({"details": details} if details else {})}, status=status)


def bad_key() -> Fault:
    """A 400, told from a bad argument by the reason alone."""
    return error(400, "API key not valid. Please pass a valid API key.", bad_key_details())


def forbidden() -> Fault:
    return error(403, "Permission denied on resource project.")


def no_credit() -> Fault:
    """The free tier, in which image models have a quota of none: a 429 that no waiting cures, though it names one."""
    message = f"{QUOTA}\n* Quota exceeded for metric: {METRIC}, limit: 0, model: gemini-nano-banana-2.1"
    return error(429, message, _violated("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), _retry_info(33))


def billing_not_enabled() -> Fault:
    message = "Image generation is not available in the free tier. Please enable billing on your project."
    return error(400, message, kind="FAILED_PRECONDITION")


def rate_limited(seconds: float = 5.0) -> Fault:
    """Too many in a minute; RetryInfo says when again."""
    message = f"{QUOTA}\nPlease retry in {seconds:g}s."
    return error(429, message, _violated("GenerateRequestsPerMinutePerProjectPerModel"), _retry_info(seconds))


def daily_quota_spent(seconds: float = 40_000.0) -> Fault:
    """A 429 that ends with the day; its quotaId has "PerDay"."""
    return error(429, QUOTA, _violated("GenerateRequestsPerDayPerProjectPerModel"), _retry_info(seconds))


def policy_refusal() -> Fault:
    """The picture was withheld: a 200 whose candidate has no content."""
    return finished("IMAGE_SAFETY")


def prompt_blocked(reason: str = "PROHIBITED_CONTENT") -> Fault:
    """The prompt was refused: a 200 without candidates. Or SAFETY, BLOCKLIST, IMAGE_SAFETY, JAILBREAK, OTHER."""
    return revised(
        lambda content: {
            "promptFeedback": {"blockReason": reason},
            "usageMetadata": content["usageMetadata"],
            "modelVersion": content["modelVersion"],
        }
    )


def finished(reason: str, message: str = "Unable to show the generated image.") -> Fault:
    """A 200 whose one candidate ended for another reason than STOP and has no content."""
    candidate = {"finishReason": reason, "finishMessage": message, "index": 0}
    return revised(lambda content: content | {"candidates": [candidate]})


def without_image() -> Fault:
    return finished("NO_IMAGE", "The model did not generate an image. Please try rephrasing your prompt.")


def text_only(text: str = "I would love to draw that! Which style do you want?") -> Fault:
    """A 200 that ended well, in words."""
    return _with_parts(lambda _: [{"text": text}])


def thought_first() -> Fault:
    """The good answer behind a thought and a draft of the picture, as if the request had asked for thoughts."""
    return _with_parts(lambda parts: [*thoughts("unasked"), *parts])


def bad_parameter() -> Fault:
    message = "Invalid value at 'generation_config.image_config.aspect_ratio': \"7:5\""
    return error(400, message, violation("generation_config.image_config.aspect_ratio", message))


def retired_model() -> Fault:
    return error(404, "models/gemini-3.1-flash-image is not found for API version v1, or is not supported.")


def server_error() -> Fault:
    return error(500, "An internal error has occurred. Please retry or report in Troubleshooting.")


def overloaded() -> Fault:
    return error(503, "The model is overloaded. Please try again later.")


def garbage() -> Fault:
    """Status 200, JSON, and nothing in it that this service is known to say."""
    return lambda _: Reply.of_json({"candidates": [{"content": "a lovely picture", "finishReason": 7}]})


def _with_parts(change: Callable[[list[Json]], list[Json]]) -> Fault:
    def changed(content: Json) -> Json:
        candidate = content["candidates"][0]
        said = {"role": "model", "parts": change(candidate["content"]["parts"])}
        return content | {"candidates": [candidate | {"content": said}]}

    return revised(changed)


def _violated(quota_id: str) -> Json:
    return {"@type": f"{TYPE}QuotaFailure", "violations": [{"quotaMetric": METRIC, "quotaId": quota_id}]}


def _retry_info(seconds: float) -> Json:
    return {"@type": f"{TYPE}RetryInfo", "retryDelay": f"{seconds:g}s"}
