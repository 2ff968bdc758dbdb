"""fal's queue: a POST to the app's path, an address for the status, another for the result.

Wire facts: reference/providers.md section 9; while a task is under way its status comes with 202 (fal.ai/docs,
Inference API). The queue takes any JSON: what is wrong with the input is told at the result's address, a model error.
"""

from __future__ import annotations

import base64
from typing import Any

from tests.fakes.fal_models import MODELS, SIZE, FalModel
from tests.fakes.fields import problems
from tests.fakes.shapes import NAMED, of_ratio
from tests.fakes.tasks import FILES, Order, Task, TaskService
from tests.fakes.validation import entry, in_words
from tests.fakes.wire import Json, Refused, Reply, Request

LONGEST_PX = 14_142


class FalServer(TaskService):
    """The queue at `base_url`. `models` is its own copy: a test may add to it and take from it.

    A task's `ending`: `status`, members beside COMPLETED, and `response`, what the result's address answers.
    """

    gone = Reply(status=410, headers={"content-type": "text/plain"}, body=b"This file is no longer available.")

    def __init__(self, *, api_key: str = "fake-id:fake-secret", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.models = dict(MODELS)

    @property
    def base_url(self) -> str:
        """What stands for https://queue.fal.run."""
        return self.origin

    def error_body(self, status: int, message: str) -> Json:
        return {"detail": message}

    def check_caller(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not given.startswith("Key "):
            raise self._refuse(401, "Authentication is required to access this application.")
        if given != f"Key {self.api_key}":
            raise self._refuse(401, "Cannot access application. Authentication is required to access this application.")

    def order(self, request: Request) -> Order:
        name = request.path.partition("?")[0].removeprefix("/")
        if name not in self.models:
            raise self._refuse(404, f"Application '{name}' not found")
        model, given = self.models[name], request.body
        takes_size = {SIZE} if model.sizes else set()
        with self._lock:
            self.ignored |= {f"{name}: {field}" for field in given.keys() - model.fields.keys() - takes_size}
        is_good = not _wrong(model, given)
        width_px, height_px = _size(model, given) if is_good else model.default_size
        return Order(
            model=name,
            prompt=str(given.get("prompt")),
            width_px=width_px,
            height_px=height_px,
            kind=given.get("output_format", model.kind) if is_good else model.kind,
            count=given.get("num_images", 1) if is_good else 1,
        )

    def receipt(self, task: Task) -> Reply:
        address = self._address(task)
        content = {
            "status": "IN_QUEUE",
            "request_id": task.id,
            "response_url": address,
            "status_url": f"{address}/status",
            "cancel_url": f"{address}/cancel",
            "queue_position": 0,
        }
        return Reply.of_json(content, headers={"x-fal-request-id": task.id})

    def state(self, path: str) -> Reply:
        match path.partition("?")[0].removeprefix("/").split("/"):
            case [owner, alias, "requests", name, *rest] if rest in ([], ["status"]):
                task = self.find(name)
                if task is not None and self._address(task).endswith(f"/{owner}/{alias}/requests/{name}"):
                    return self._status(task) if rest else self._response(task)
        raise self._refuse(404, "Request not found")

    def _address(self, task: Task) -> str:
        owner, alias, *_ = task.order.model.split("/")
        return f"{self.origin}/{owner}/{alias}/requests/{task.id}"

    def _status(self, task: Task) -> Reply:
        word = self.look(task, ("IN_QUEUE", "IN_PROGRESS"))
        content: Json = {"request_id": task.id, "response_url": self._address(task)}
        if word is not None:
            more: Json = {"queue_position": 1} if word == "IN_QUEUE" else {"logs": None}
            return Reply.of_json({"status": word} | content | more, status=202)
        done = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 1.3}}
        return Reply.of_json(done | content | _ending(task, self.models[task.order.model]).get("status", {}))

    def _response(self, task: Task) -> Reply:
        if self.status(task, ("IN_PROGRESS",)) is not None:
            raise self._refuse(400, "Request is still in progress")
        ending = _ending(task, self.models[task.order.model])
        if "response" in ending:
            reply: Reply = ending["response"]
            return reply
        order, links = task.order, self.addresses(task)
        kind = "png" if task.is_black else order.kind
        images = [
            {"url": link, "content_type": f"image/{kind}", "width": order.width_px, "height": order.height_px}
            for link in (map(self._inline, links) if task.request.body.get("sync_mode") else links)
        ]
        content: Json = {"images": images, "seed": 42, "timings": {"inference": 1.3}, "prompt": order.prompt}
        if task.is_black or self.models[order.model].has_checker:
            content["has_nsfw_concepts"] = [task.is_black] * order.count
        return Reply.of_json(content, headers={"x-fal-request-id": task.id, "x-fal-billable-units": str(order.count)})

    def _inline(self, link: str) -> str:
        file = self.file(FILES + link.partition(FILES)[2])
        return f"data:{file.headers['content-type']};base64,{base64.b64encode(file.body).decode()}"

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status, headers=retryable(False)))


def retryable(is_retryable: bool) -> dict[str, str]:
    """The header that says whether the same request may do better."""
    return {"x-fal-retryable": "true" if is_retryable else "false"}


def model_error(status: int, entries: list[Json], *, is_retryable: bool = False) -> Json:
    """The ending of a task whose model said no: entries as of a 422's `detail`."""
    response = Reply.of_json({"detail": entries}, status=status, headers=retryable(is_retryable))
    return {"status": {"error": entries[0]["msg"], "error_type": entries[0]["type"]}, "response": response}


def _ending(task: Task, model: FalModel) -> Json:
    wrong = _wrong(model, task.request.body)
    return task.ending or (model_error(422, wrong) if wrong else {})


def _wrong(model: FalModel, given: Json) -> list[Json]:
    wrong = [in_words(problem) for problem in problems(model.fields, given)]
    if model.sizes and SIZE in given and not _takes(model, given[SIZE]):
        wrong.append(entry(SIZE, "literal_error", f"Input should be one of {', '.join(model.sizes)}", given[SIZE]))
    return wrong


def _takes(model: FalModel, size: Any) -> bool:
    if not isinstance(size, dict):
        return size in model.sizes
    sides = [size.get("width"), size.get("height")]
    return all(isinstance(side, int) and 0 < side <= LONGEST_PX and side % model.multiple_of == 0 for side in sides)


def _size(model: FalModel, given: Json) -> tuple[int, int]:
    if not model.sizes:
        return of_ratio(given.get("aspect_ratio"), given.get("resolution", "1k"))
    size = given.get(SIZE)
    if isinstance(size, dict):
        return size["width"], size["height"]
    return NAMED.get(str(size), model.default_size)
