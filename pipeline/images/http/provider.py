"""An image provider for every service that its file in the catalog says all of: send, maybe wait, take the picture."""

from __future__ import annotations

from pipeline.asking.costs import reported_usd
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import Deadline, Wire
from pipeline.asking.hints import allowance_of
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.http.results import picture_in
from pipeline.images.http.tasks import Follower, Task
from pipeline.images.parameters import Fitting, Wishes
from pipeline.images.pricing import estimated_usd
from pipeline.images.provider import SETTINGS
from pipeline.images.unfinished import Unfinished
from pipeline.records import GeneratedImage, ImageRequest
from pipeline.services.catalog import ModelChoice
from pipeline.services.wire import Result, Submit

# After these the same task may still bring the picture; after any other it is over.
_PASSING = (FailureKind.TRANSIENT, FailureKind.RATE)


class HttpImages:
    """An ImageProvider. It retries nothing: the engine alone decides what is tried again.

    A task that was taken and whose picture has not arrived is gone on with when the same request comes again.
    """

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, wishes: Wishes, timing: Timing) -> None:
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
        self._unfinished: Unfinished[Task] = Unfinished()

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        return estimated_usd(self._price, self._fitting.fitted(aspect_ratio, width_px))

    def close(self) -> None:
        self._wire.close()

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        deadline = Deadline(timeout_s, self._timing.monotonic, self._judge)
        task = self._unfinished.take(request) or self._ordered(request, deadline)
        try:
            data = self._picture(task, deadline)
        except ServiceError as error:
            is_delivered = task.answer is not None and error.kind is not FailureKind.EMPTY
            error.cost_usd += self._charge(task, is_delivered=is_delivered) or 0.0
            if error.kind in _PASSING and not task.is_lost:
                self._unfinished.keep(request, task)
            raise
        return GeneratedImage(
            data=data,
            provider=self.name,
            model=self.model,
            cost_usd=self._charge(task, is_delivered=True),
            allowance=allowance_of(task.receipt.headers, self._timing.now()),
        )

    def _ordered(self, request: ImageRequest, deadline: Deadline) -> Task:
        fitted = self._fitting.fitted(request.aspect_ratio, request.width_px, request.style, request.ground)
        ours = {"prompt": request.prompt, "model": self._choice.id, "route": self._choice.route, "key": self._key()}
        answer = self._wire.submit(self._submit, self._template, fitted.values | ours, deadline)
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

    def _charge(self, task: Task, *, is_delivered: bool) -> float | None:
        """What the task cost, told once; None where nobody knows.

        What brought no picture costs only what the service itself says.
        """
        if task.is_charged:
            return 0.0
        answer = task.answer or task.receipt
        told = reported_usd(self._price, answer.content, task.receipt.content)
        if told is None and is_delivered:
            told = estimated_usd(self._price, task.fitted)
        task.is_charged = told is not None
        return told

    def _key(self) -> str | None:
        return self._access.key.get_secret_value() if self._access.key else None


def _http_parts(submit: Submit | None, result: Result | None) -> tuple[Submit, Result]:
    """Both parts of an http endpoint, which has them; another has none, and is for another provider."""
    if submit is None or result is None:
        raise ValueError("an endpoint of another protocol")
    return submit, result
