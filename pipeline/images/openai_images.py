"""OpenAI's image models, and any server that speaks the same protocol, through the official SDK."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import openai
from openai.types import Image, ImagesResponse

from pipeline.config.credentials import Service
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.download import fetch_picture
from pipeline.images.models import ImageModel, find_image_model
from pipeline.records import GeneratedImage, Ground, ImageRequest
from pipeline.service_errors import kind_of_status, retry_after_s, scrubbed
from pipeline.tls import tls_context

# An empty account answers 429 like a rate limit does; only these codes tell them apart (OpenAI, "Error codes").
_BILLING_CODES = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
}
_POLICY_TYPE = "image_generation_user_error"
_POLICY_CODES = {"moderation_blocked", "content_policy_violation", "contentFilter"}


class OpenAIImages:
    """An ImageProvider. Its own retries are off: the engine alone decides what is tried again."""

    name = "openai"
    is_remote = True

    def __init__(self, service: Service, model: str, quality: str, now: Callable[[], datetime]) -> None:
        """Raises UsageError where the model does not take `quality`."""
        if service.key is None:
            raise ValueError("a service without a key")
        self.model = model
        self._entry: ImageModel = find_image_model(self.name, model)
        self._entry.check_quality(model, quality)
        self._quality = quality
        self._now = now
        self._key = service.key
        self._undelivered: dict[ImageRequest, str] = {}
        self._client = openai.OpenAI(
            api_key=service.key.get_secret_value(),
            base_url=service.base_url,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(verify=tls_context()),
        )

    @property
    def prompt_limit_chars(self) -> int:
        return self._entry.prompt_limit_chars

    @property
    def takes_transparency(self) -> bool:
        return self._entry.takes_transparency

    def estimate_usd(self, aspect_ratio: float) -> float | None:  # noqa: ARG002 - the price hardly moves with the shape
        return self._entry.usd_per_image.get("medium" if self._quality == "auto" else self._quality)

    def close(self) -> None:
        self._client.close()

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        if url := self._undelivered.get(request):
            data = self._fetched(request, url, timeout_s)
            return GeneratedImage(data=data, provider=self.name, model=self.model, cost_usd=0.0)
        response = self._ask(request, timeout_s)
        cost_usd = self._cost_usd(response)
        try:
            data = self._picture(request, response, timeout_s)
        except ServiceError as error:
            error.cost_usd = cost_usd or 0.0
            raise
        return GeneratedImage(data=data, provider=self.name, model=self.model, cost_usd=cost_usd)

    def _ask(self, request: ImageRequest, timeout_s: float) -> ImagesResponse:
        width, height = self._entry.size_for(request.aspect_ratio, request.width_px)
        try:
            return self._client.images.generate(
                model=self.model,
                prompt=request.prompt,
                size=f"{width}x{height}",
                quality=cast("Any", self._quality),  # compatible servers take words of their own
                n=1,
                background="transparent" if request.ground is Ground.TRANSPARENT else openai.omit,
                timeout=timeout_s,
            )
        except openai.APIStatusError as error:
            raise self._failure(error) from error
        except openai.APITimeoutError as error:
            raise ServiceError(FailureKind.TRANSIENT, f"OpenAI: no answer within {timeout_s:.0f} s") from error
        except (openai.APIError, ValueError) as error:
            raise ServiceError(FailureKind.TRANSIENT, f"OpenAI: {self._scrubbed(error)}") from error

    def _fetched(self, request: ImageRequest, url: str, timeout_s: float) -> bytes:
        """The picture behind an address. While it may still be there, the next try for it is not paid for again."""
        self._undelivered[request] = url
        try:
            data = fetch_picture(url, trusted_host=self._client.base_url.host, timeout_s=timeout_s)
        except ServiceError as error:
            if error.kind is not FailureKind.TRANSIENT:
                del self._undelivered[request]
            raise
        del self._undelivered[request]
        return data

    def _picture(self, request: ImageRequest, response: ImagesResponse, timeout_s: float) -> bytes:
        images = response.data if isinstance(response, ImagesResponse) else None
        image = images[0] if isinstance(images, list) and images else None
        if not isinstance(image, Image):
            raise ServiceError(FailureKind.EMPTY, "OpenAI: the answer holds no image")
        if image.b64_json:
            try:
                # Some servers wrap it in lines or in a data: URI.
                return base64.b64decode("".join(image.b64_json.rpartition(",")[2].split()), validate=True)
            except ValueError as error:
                raise ServiceError(FailureKind.EMPTY, "OpenAI: the image is not valid base64") from error
        if image.url:
            return self._fetched(request, image.url, timeout_s)
        raise ServiceError(FailureKind.EMPTY, "OpenAI: the answer holds neither an image nor its address")

    def _cost_usd(self, response: ImagesResponse) -> float | None:
        """From the tokens the answer says were used; the catalog's estimate where it says nothing."""
        if not isinstance(response, ImagesResponse):
            return None
        prices, usage = self._entry.usd_per_million, response.usage
        if prices is None or usage is None:
            return self._entry.usd_per_image.get(response.quality or "", self.estimate_usd(1.0))
        # Gateways leave out what they like; without details all that went in was text.
        details = usage.input_tokens_details
        text_in, image_in = (details.text_tokens, details.image_tokens) if details else (usage.input_tokens, 0)
        counts = ((text_in, prices.text_in), (image_in, prices.image_in), (usage.output_tokens, prices.image_out))
        return sum((count or 0) * price for count, price in counts) / 1_000_000

    def _failure(self, error: openai.APIStatusError) -> ServiceError:
        kind = kind_of_status(error.status_code)
        if error.code in _BILLING_CODES or error.type == "insufficient_quota":
            kind = FailureKind.BILLING
        elif error.code in _POLICY_CODES or error.type == _POLICY_TYPE or _has_moderation(error.body):
            kind = FailureKind.POLICY
        hint = retry_after_s(error.response.headers, self._now())
        return ServiceError(kind, f"OpenAI: {self._scrubbed(error)}{_remedy(kind)}", retry_after_s=hint)

    def _scrubbed(self, error: Exception) -> str:
        return scrubbed(str(error), self._key.get_secret_value())


def _has_moderation(body: Any) -> bool:
    return isinstance(body, dict) and "moderation_details" in body


def _remedy(kind: FailureKind) -> str:
    return {
        FailureKind.AUTH: "; check OPENAI_API_KEY",
        FailureKind.BILLING: "; the account behind OPENAI_API_KEY has no credit left",
        FailureKind.BAD_PARAMETER: "; check images.model and images.quality",
    }.get(kind, "")
