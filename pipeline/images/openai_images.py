"""OpenAI's image models, and any server that speaks the same protocol, through the official SDK."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import openai

from pipeline.asking.answers import Answer
from pipeline.asking.costs import reported_usd
from pipeline.asking.errors import Judge
from pipeline.asking.hints import allowance_of
from pipeline.asking.openai_sdk import client_for, headers_for
from pipeline.asking.places import place_of
from pipeline.asking.sdk_calls import judged
from pipeline.asking.templates import ABSENT, rendered
from pipeline.asking.timing import Timing
from pipeline.asking.tokens import tokens_in
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.http.results import picture_of
from pipeline.images.parameters import Fitted, Fitting, Wishes
from pipeline.images.pricing import TokensUsed, estimated_usd, used_usd
from pipeline.images.provider import REQUESTS_REMEMBERED, SETTINGS
from pipeline.images.unfinished import Orders, Receipts
from pipeline.records import CallKind, GeneratedImage, ImageRequest, Request
from pipeline.services.catalog import ModelChoice
from pipeline.services.wire import Batch

# What is sent of a shape; width and height are said by the size.
_SHAPE_FIELDS = ("size", "aspect_ratio", "resolution")


class OpenAIImages:
    """An ImageProvider. Its own retries are off: the engine alone decides what is tried again.

    What a picture costs is told once: with it, or when it cannot be had any more. Until then it may be charged.
    """

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, wishes: Wishes, timing: Timing, receipts: Receipts) -> None:
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
        self._orders = Orders(receipts, access, timing.now)
        self.request = lru_cache(REQUESTS_REMEMBERED)(self._request)
        self.client = client_for(access)

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        return estimated_usd(self._price, self._fitting.fitted(aspect_ratio, width_px))

    @property
    def access(self) -> Access:
        return self._access

    @property
    def judge(self) -> Judge:
        return self._judge

    @property
    def timing(self) -> Timing:
        return self._timing

    @property
    def batch(self) -> Batch | None:
        """How pictures are asked for in batches, None where they are not."""
        return self._endpoint.batch

    def close(self) -> None:
        self.client.close()

    def _request(self, request: ImageRequest) -> Request:
        """By the body as it is sent."""
        return Request(
            kind=CallKind.IMAGE,
            service=self.name,
            model=self.model,
            prompt=request.prompt,
            parameters=self._body(self._fitted(request)),
            context={"route": self._choice.route, "place": place_of(self._access), "variant": request.variant},
        )

    def is_on_order(self, request: ImageRequest) -> bool:
        return self._orders.find(self.request(request)) is not None

    def settled(self, request: ImageRequest) -> None:
        self._orders.drop(self.request(request))

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        end_s = self._timing.monotonic() + timeout_s
        known_by, fitted = self.request(request), self._fitted(request)
        begun = self._orders.find(known_by)
        if begun is None:
            answer = self._ask(request.prompt, fitted, timeout_s)
            if _address_in(answer):
                self._orders.begin(known_by, answer.content)
        else:
            answer = Answer.of(200, {}, json.dumps(begun.content).encode())
        said_usd = self._said_usd(answer)
        cost_usd = self._estimated_usd(answer, fitted) if said_usd is None else said_usd
        try:
            data = self._picture(answer, max(0.1, end_s - self._timing.monotonic()))
        except ServiceError as error:
            if error.kind is FailureKind.TRANSIENT:  # it lies there, and the next try for it fetches it
                error.may_be_charged = True
                raise
            self._orders.drop(known_by)
            lost_usd = said_usd if error.kind is FailureKind.EMPTY else cost_usd
            error.may_be_charged = error.may_be_charged and lost_usd is None
            error.cost_usd = lost_usd or 0.0
            raise
        return self._image(data, cost_usd, answer, continues=begun is not None)

    def _fitted(self, request: ImageRequest) -> Fitted:
        return self._fitting.fitted(request.aspect_ratio, request.width_px, request.style, request.ground)

    def body_for(self, request: ImageRequest) -> dict[str, Any]:
        """The JSON that asks for a picture, now or in a batch."""
        return {"model": self._choice.route, "prompt": request.prompt, **self._body(self._fitted(request))}

    def drawn(self, answer: Answer, timeout_s: float, price_share: float) -> GeneratedImage:
        """The picture in an answer of a batch, `price_share` being what it cost of its usual price.

        Its cost is None where the answer does not say it. Raises ServiceError as `generate` does.
        """
        if failure := self._judge.failure_in(answer, is_submit=True):
            raise failure
        cost_usd = self._said_usd(answer, price_share)
        try:
            return self._image(self._picture(answer, timeout_s), cost_usd, answer)
        except ServiceError as error:
            error.cost_usd = cost_usd or 0.0
            raise

    def _ask(self, prompt: str, fitted: Fitted, timeout_s: float) -> Answer:
        with judged(openai, self._judge, timeout_s, is_order=True):
            response = self.client.images.with_raw_response.generate(
                model=self._choice.route,
                prompt=prompt,
                extra_headers=headers_for(self._access),
                extra_body=self._body(fitted),
                timeout=timeout_s,
            )
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

    def _picture(self, answer: Answer, timeout_s: float) -> bytes:
        found = answer.find("data[0].b64_json") or answer.find("data[0].url")
        if not isinstance(found, str) or not found:
            may_be_charged = answer.content is None
            raise self._judge.failure(FailureKind.EMPTY, "the answer holds no image", may_be_charged=may_be_charged)
        return picture_of(found, self._trust, timeout_s, self._judge)

    def _image(self, data: bytes, cost_usd: float | None, answer: Answer, *, continues: bool = False) -> GeneratedImage:
        return GeneratedImage(
            data=data,
            provider=self.name,
            model=self.model,
            cost_usd=cost_usd,
            tokens=tokens_in(answer.content),
            allowance=allowance_of(answer.headers, self._timing.now()),
            continues=continues,
        )

    def _said_usd(self, answer: Answer, price_share: float = 1.0) -> float | None:
        """What the answer says it cost, or that share of what the tokens do that it says were used."""
        reported = reported_usd(self._price, answer.content)
        if reported is None and answer.find("usage.output_tokens") is not None:
            usual_usd = used_usd(self._price, _used(answer))
            return None if usual_usd is None else usual_usd * price_share
        return reported

    def _estimated_usd(self, answer: Answer, fitted: Fitted) -> float | None:
        """By the catalog, for the quality the model chose where that was left to it."""
        quality = answer.find("quality")
        chosen = {"quality": quality} if isinstance(quality, str) else {}
        return estimated_usd(self._price, replace(fitted, parameters={**fitted.parameters, **chosen}))


def _address_in(answer: Answer) -> bool:
    """Whether the picture is yet to be fetched."""
    url = answer.find("data[0].url")
    return not answer.find("data[0].b64_json") and isinstance(url, str) and not url.startswith("data:")


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
