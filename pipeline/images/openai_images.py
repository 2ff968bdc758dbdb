"""OpenAI's image models, and any server that speaks the same protocol, through the official SDK."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import openai

from pipeline.asking.answers import Answer
from pipeline.asking.costs import reported_usd
from pipeline.asking.errors import Judge
from pipeline.asking.hints import allowance_of
from pipeline.asking.openai_sdk import client_for, headers_for
from pipeline.asking.templates import ABSENT, rendered
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.http.results import picture_of
from pipeline.images.parameters import Fitted, Fitting, Wishes
from pipeline.images.pricing import TokensUsed, estimated_usd, used_usd
from pipeline.images.provider import SETTINGS
from pipeline.images.unfinished import Unfinished
from pipeline.records import GeneratedImage, ImageRequest
from pipeline.services.catalog import ModelChoice

# What is sent of a shape; width and height are said by the size.
_SHAPE_FIELDS = ("size", "aspect_ratio", "resolution")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undelivered:
    """A picture that was paid for and has not been fetched."""

    url: str
    answer: Answer


class OpenAIImages:
    """An ImageProvider. Its own retries are off: the engine alone decides what is tried again."""

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, wishes: Wishes, timing: Timing) -> None:
        """Raises UsageError for a wish the model refuses, CredentialsError where nothing says where it is."""
        service = choice.service
        self.name = service.service
        self.model = choice.id
        self.prompt_limit_chars = choice.model.prompt_limit_chars
        self._fitting = Fitting(choice, wishes)
        self.dropped = self._fitting.dropped
        self.takes_transparency = self._fitting.takes_transparency
        self._choice, self._access, self._timing, self._price = choice, access, timing, choice.model.price
        self._endpoint = service.endpoint_for(choice.model, "image")
        self._judge = Judge(access, self._endpoint.errors or service.errors, self._price, timing.now, SETTINGS)
        self._trust = Trust.of(access.address)
        self._undelivered: Unfinished[_Undelivered] = Unfinished()
        self._client = client_for(access)

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        return estimated_usd(self._price, self._fitting.fitted(aspect_ratio, width_px))

    def close(self) -> None:
        self._client.close()

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        if waiting := self._undelivered.take(request):
            data = self._delivered(request, waiting, timeout_s)
            return self._image(data, 0.0, waiting.answer)
        end_s = self._timing.monotonic() + timeout_s
        fitted = self._fitting.fitted(request.aspect_ratio, request.width_px, request.style, request.ground)
        answer = self._ask(request.prompt, fitted, timeout_s)
        said_usd = self._said_usd(answer)
        cost_usd = self._estimated_usd(answer, fitted) if said_usd is None else said_usd
        try:
            data = self._picture(request, answer, max(0.1, end_s - self._timing.monotonic()))
        except ServiceError as error:
            error.cost_usd = (said_usd if error.kind is FailureKind.EMPTY else cost_usd) or 0.0
            raise
        return self._image(data, cost_usd, answer)

    def _ask(self, prompt: str, fitted: Fitted, timeout_s: float) -> Answer:
        try:
            response = self._client.images.with_raw_response.generate(
                model=self._choice.route,
                prompt=prompt,
                extra_headers=headers_for(self._access),
                extra_body=self._body(fitted),
                timeout=timeout_s,
            )
        except openai.APIStatusError as error:
            answer = Answer.of(error.status_code, error.response.headers, error.response.content)
            raise self._judge.refusal_in(answer) from None  # whose text quotes the answer, and that perhaps the key
        except openai.APITimeoutError as error:
            raise self._judge.failure(FailureKind.TRANSIENT, f"no answer within {timeout_s:.0f} s") from error
        except (openai.APIError, ValueError) as error:
            raise self._judge.failure(FailureKind.TRANSIENT, str(error)) from error
        answer = Answer.of(response.status_code, response.headers, response.content)
        if failure := self._judge.failure_in(answer, is_submit=True):
            raise failure
        return answer

    def _body(self, fitted: Fitted) -> dict[str, Any]:
        """All beside model and prompt: one picture, its shape, the model's parameters, what the endpoint says."""
        shape = {name: fitted.shape.values[name] for name in _SHAPE_FIELDS if name in fitted.shape.values}
        values = {**fitted.values, "model": self._choice.id, "route": self._choice.route}
        more = rendered(self._endpoint.send, values)
        body = {"n": 1, **shape, **fitted.parameters, **({} if more is ABSENT else more)}
        return {name: value for name, value in body.items() if name not in self._endpoint.omit}

    def _picture(self, request: ImageRequest, answer: Answer, timeout_s: float) -> bytes:
        encoded, url = answer.find("data[0].b64_json"), answer.find("data[0].url")
        if isinstance(encoded, str) and encoded:
            return picture_of(encoded, self._trust, timeout_s, self._judge)
        if isinstance(url, str) and url:
            return self._delivered(request, _Undelivered(url=url, answer=answer), timeout_s)
        raise self._judge.failure(FailureKind.EMPTY, "the answer holds no image")

    def _delivered(self, request: ImageRequest, waiting: _Undelivered, timeout_s: float) -> bytes:
        """The picture behind an address. While it may still be there, the next try for it is not paid for again."""
        try:
            return picture_of(waiting.url, self._trust, timeout_s, self._judge)
        except ServiceError as error:
            if error.kind is FailureKind.TRANSIENT:
                self._undelivered.keep(request, waiting)
            raise

    def _image(self, data: bytes, cost_usd: float | None, answer: Answer) -> GeneratedImage:
        allowance = allowance_of(answer.headers, self._timing.now())
        return GeneratedImage(data=data, provider=self.name, model=self.model, cost_usd=cost_usd, allowance=allowance)

    def _said_usd(self, answer: Answer) -> float | None:
        """What the answer says it cost, or what the tokens do that it says were used."""
        reported = reported_usd(self._price, answer.content)
        if reported is None and answer.find("usage.output_tokens") is not None:
            return used_usd(self._price, _used(answer))
        return reported

    def _estimated_usd(self, answer: Answer, fitted: Fitted) -> float | None:
        """By the catalog, for the quality the model chose where that was left to it."""
        quality = answer.find("quality")
        chosen = {"quality": quality} if isinstance(quality, str) else {}
        return estimated_usd(self._price, replace(fitted, parameters={**fitted.parameters, **chosen}))


def _used(answer: Answer) -> TokensUsed:
    """The tokens of an answer. Gateways leave out what they like; without details all that went in was text."""
    has_details = isinstance(answer.find("usage.input_tokens_details"), dict)
    text_in = "usage.input_tokens_details.text_tokens" if has_details else "usage.input_tokens"
    return TokensUsed(
        text_in=_count(answer.find(text_in)),
        image_in=_count(answer.find("usage.input_tokens_details.image_tokens")),
        image_out=_count(answer.find("usage.output_tokens")),
    )


def _count(found: Any) -> int:
    return found if isinstance(found, int) and 0 <= found < 1_000_000_000 else 0
