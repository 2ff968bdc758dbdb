"""An image provider for every service that its file in the catalog says all of: send, maybe wait, take the picture."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.asking.costs import reported_usd
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import Deadline, Wire
from pipeline.asking.hints import allowance_of
from pipeline.asking.places import place_of
from pipeline.asking.templates import ABSENT, rendered, rendered_path, rendered_texts
from pipeline.asking.timing import Timing
from pipeline.asking.tokens import tokens_in
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.http.results import is_to_be_fetched, picture_in
from pipeline.images.http.tasks import Follower, Task
from pipeline.images.parameters import Fitted, Fitting, Wishes
from pipeline.images.pricing import estimated_usd
from pipeline.images.provider import REQUESTS_REMEMBERED, SETTINGS
from pipeline.images.unfinished import Order, Orders, Receipts
from pipeline.records import CallKind, GeneratedImage, ImageRequest, Request
from pipeline.services.catalog import ModelChoice
from pipeline.services.placeholders import names_in
from pipeline.services.wire import Result, Submit

# After these the same task may still bring the picture: it passes, or a person mends the account and comes again.
_PASSING = (FailureKind.TRANSIENT, FailureKind.RATE, FailureKind.AUTH, FailureKind.BILLING)
# What a template gets in place of the prompt, where a request is told apart by all else.
_PROMPT = "{{prompt}}"


class HttpImages:
    """An ImageProvider. It retries nothing: the engine alone decides what is tried again.

    What an order costs is told once, when it has ended. Until then it may be charged.
    """

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, wishes: Wishes, timing: Timing, receipts: Receipts) -> None:
        """Raises UsageError for a wish the model refuses, CredentialsError where nothing says where it is."""
        service, model = choice.service, choice.model
        endpoint = service.endpoint_for(model, "image")
        self.name = service.service
        self.model = choice.id
        self.prompt_limit_chars = model.prompt_limit_chars
        self._fitting = Fitting(choice, wishes)
        self.dropped = self._fitting.dropped
        self.takes_transparency = self._fitting.takes_transparency
        self._submit, self._result = _http_parts(endpoint.submit, endpoint.result)
        self._template = endpoint.request if model.request is None else model.request
        self._choice, self._access, self._timing, self._price = choice, access, timing, model.price
        self._judge = Judge(access, endpoint.errors or service.errors, model.price, timing.now, SETTINGS)
        self._wire = Wire(access, access.address, self._judge)
        self._trust = Trust.of(
            access.address, hosts=self._result.hosts or None, key_hosts=endpoint.poll.hosts if endpoint.poll else ()
        )
        self._has_tasks = endpoint.poll is not None
        self._follower = Follower(
            choice=choice, endpoint=endpoint, wire=self._wire, trust=self._trust, judge=self._judge, timing=timing
        )
        self._orders = Orders(receipts, access, timing.now)
        self.request = lru_cache(REQUESTS_REMEMBERED)(self._request)

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        return estimated_usd(self._price, self._fitting.fitted(aspect_ratio, width_px))

    def close(self) -> None:
        self._wire.close()

    def _request(self, request: ImageRequest) -> Request:
        """By the path, query, headers and body as they are sent, but for the prompt, which stands for itself."""
        fitted = self._fitted(request)
        values = self._values(fitted, _PROMPT, key=None)
        submit = self._submit
        body = rendered(self._template, values)
        sent = {
            "path": rendered_path(submit.path, values),
            "query": rendered_texts(submit.query, values),
            "headers": rendered_texts(submit.headers, values),
            "body": None if body is ABSENT else body,
        }
        names = {*names_in(submit.model_dump()), *names_in(self._template)}
        return Request(
            kind=CallKind.IMAGE,
            service=self.name,
            model=self.model,
            prompt=request.prompt,
            parameters={name: value for name, value in fitted.values.items() if name in names},
            context={
                "sent": hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest(),
                "place": place_of(self._access),
                "variant": request.variant,
            },
        )

    def is_on_order(self, request: ImageRequest) -> bool:
        return self._orders.find(self.request(request)) is not None

    def settled(self, request: ImageRequest) -> None:
        self._orders.drop(self.request(request))

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        deadline = Deadline(timeout_s, self._timing.monotonic, self._judge)
        known_by, fitted = self.request(request), self._fitted(request)
        begun = self._orders.find(known_by)
        if begun is None:
            task = self._ordered(request.prompt, fitted, deadline)
            is_elsewhere = self._has_tasks or is_to_be_fetched(task.receipt, self._result)
            order = self._orders.begin(known_by, task.receipt.content) if is_elsewhere else None
        else:
            task, order = Task(receipt=_answer_of(begun), fitted=fitted, misses=begun.misses), begun
        try:
            data = self._picture(task, deadline)
        except ServiceError as error:
            if order is None or not self._goes_on(known_by, order, task, error):
                self._end(known_by, task, error)
            raise
        return GeneratedImage(
            data=data,
            provider=self.name,
            model=self.model,
            cost_usd=self._cost_usd(task, is_delivered=True),
            tokens=tokens_in((task.answer or task.receipt).content),
            allowance=allowance_of(task.receipt.headers, self._timing.now()),
            continues=begun is not None,
        )

    def _fitted(self, request: ImageRequest) -> Fitted:
        return self._fitting.fitted(request.aspect_ratio, request.width_px, request.style, request.ground)

    def _values(self, fitted: Fitted, prompt: str, *, key: str | None) -> dict[str, Any]:
        return fitted.values | {"prompt": prompt, "model": self._choice.id, "route": self._choice.route, "key": key}

    def _ordered(self, prompt: str, fitted: Fitted, deadline: Deadline) -> Task:
        key = self._access.key.get_secret_value() if self._access.key else None
        answer = self._wire.submit(self._submit, self._template, self._values(fitted, prompt, key=key), deadline)
        error = self._judge.failure_in(answer, is_submit=True)
        if error is not None:
            raise error
        return Task(receipt=answer, fitted=fitted)

    def _picture(self, task: Task, deadline: Deadline) -> bytes:
        answer = self._follower.finish(task, deadline)
        try:
            return picture_in(answer, self._result, self._trust, deadline.left_s(), self._judge)
        except ServiceError as error:
            if error.kind is not FailureKind.EXPIRED_URL or not self._has_tasks:
                raise
        answer = self._follower.ask_again(task, deadline)
        return picture_in(answer, self._result, self._trust, deadline.left_s(), self._judge)

    def _goes_on(self, known_by: Request, order: Order, task: Task, error: ServiceError) -> bool:
        """Whether another try may still bring the picture; it is told that until then it may be charged."""
        if error.kind not in _PASSING or task.is_lost:
            return False
        if task.misses != order.misses:
            self._orders.keep(known_by, replace(order, misses=task.misses))
        error.may_be_charged = True
        return True

    def _end(self, known_by: Request, task: Task, error: ServiceError) -> None:
        """Tell what an order cost that brought no picture and never will."""
        self._orders.drop(known_by)
        is_delivered = task.answer is not None and error.kind is not FailureKind.EMPTY
        cost_usd = self._cost_usd(task, is_delivered=is_delivered and not task.is_lost)
        error.may_be_charged = cost_usd is None and (error.may_be_charged or task.is_missing)
        error.cost_usd += cost_usd or 0.0

    def _cost_usd(self, task: Task, *, is_delivered: bool) -> float | None:
        """What the order cost; None where nobody knows. What brought no picture costs only what the service says."""
        answer = task.answer or task.receipt
        told = reported_usd(self._price, answer.content, task.receipt.content)
        if told is None and is_delivered:
            return estimated_usd(self._price, task.fitted)
        return told


def _answer_of(order: Order) -> Answer:
    """What the service said when it took the order; its headers are of another time."""
    return Answer.of(200, {}, json.dumps(order.content).encode())


def _http_parts(submit: Submit | None, result: Result | None) -> tuple[Submit, Result]:
    """Both parts of an http endpoint, which has them; another has none, and is for another provider."""
    if submit is None or result is None:
        raise ValueError("an endpoint of another protocol")
    return submit, result
