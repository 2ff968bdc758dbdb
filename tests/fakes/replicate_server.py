"""Replicate's HTTP API: predictions by official model or by version, `Prefer: wait`, polling, the account.

Wire facts: reference/providers.md section 5. An input a model does not know is taken no notice of (and collected in
`ignored`); beside `input` nothing unknown is taken.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.fields import Problem, problems
from tests.fakes.replicate_models import MODELS, ReplicateModel
from tests.fakes.shapes import of_ratio
from tests.fakes.tasks import Order, Task, TaskService
from tests.fakes.wire import Json, Refused, Reply, Request

LOOKS_IN_A_WAIT = 2  # what one `Prefer: wait` sits out; a task that needs more is answered with 202
TITLES = {401: "Unauthenticated", 404: "Not found", 422: "Input validation failed"}
BESIDE_INPUT = ("input", "webhook", "webhook_events_filter", "stream")
AT = "2026-11-20T10:00:00.000Z"


class ReplicateServer(TaskService):
    """The API at `base_url`. `models` is its own copy: a test may add to it and take from it.

    A task's `ending`: members of the prediction that replace those of a good one.
    """

    gone = Reply(status=410, headers={"content-type": "text/plain"}, body=b"The file was deleted after one hour.")

    def __init__(self, *, api_key: str = "r8_fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.models = dict(MODELS)

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def error_body(self, status: int, message: str) -> Json:
        return {"title": TITLES.get(status, "Error"), "detail": message, "status": status}

    def check_caller(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise self._refuse(401, "You did not pass a valid authentication token")

    def order(self, request: Request) -> Order:
        name = self._model(request)
        model, given = self.models[name], request.body.get("input")
        wrong = [_invalid("", "required", "input is required")] if not isinstance(given, dict) else []
        takes = (*BESIDE_INPUT, "version") if model.version else BESIDE_INPUT
        wrong += [
            _invalid("", "additional_property_not_allowed", f"Additional property {extra} is not allowed")
            for extra in request.body
            if extra not in takes
        ]
        if isinstance(given, dict):
            wrong += [_in_words(problem) for problem in problems(model.fields, given)]
        if wrong or not isinstance(given, dict):
            raise Refused(Reply.of_json(validation_body(wrong), status=422))
        with self._lock:
            self.ignored |= {f"{name}: {field}" for field in given if field not in model.fields}
        return _order(name, model, {field: given[field] for field in given if field in model.fields})

    def receipt(self, task: Task) -> Reply:
        """201, or 202 where `Prefer: wait` ended before the task did."""
        is_waiting = task.request.headers.get("prefer", "").startswith("wait")
        if is_waiting:
            task.looks = LOOKS_IN_A_WAIT
        word = self.status(task, ("processing",)) if is_waiting else "starting"
        return Reply.of_json(self._prediction(task, word), status=202 if is_waiting and word else 201)

    def state(self, path: str) -> Reply:
        match path.removeprefix("/v1/").split("/"):
            case ["account"]:
                return Reply.of_json({"type": "user", "username": "fake", "name": "Fake", "github_url": None})
            case ["models", owner, name] if f"{owner}/{name}" in self.models:
                version = self.models[f"{owner}/{name}"].version
                return Reply.of_json({"owner": owner, "name": name, "latest_version": version and {"id": version}})
            case ["predictions", name] if task := self.find(name):
                return Reply.of_json(self._prediction(task, self.look(task, ("starting", "processing"))))
        raise self._refuse(404, "The requested resource could not be found.")

    def _model(self, request: Request) -> str:
        match request.path.removeprefix("/v1/").split("/"):
            case ["models", owner, name, "predictions"]:
                model = f"{owner}/{name}"
                if model in self.models and self.models[model].version is None:
                    return model
            case ["predictions"]:
                version = request.body.get("version")
                for model, known in self.models.items():
                    if version and known.version == version:
                        return model
                raise self._refuse(
                    422, "The specified version does not exist (or you do not have permission to use it)"
                )
        raise self._refuse(404, "The requested resource could not be found.")

    def _prediction(self, task: Task, word: str | None) -> Json:
        address = f"{self.base_url}/predictions/{task.id}"
        prediction: Json = {
            "id": task.id,
            "model": task.order.model,
            "version": self.models[task.order.model].version or "hidden",
            "input": task.request.body["input"],
            "logs": "",
            "output": None,
            "data_removed": False,
            "error": None,
            "status": word,
            "created_at": AT,
            "urls": {"get": address, "cancel": f"{address}/cancel", "web": f"https://replicate.com/p/{task.id}"},
        }
        if word is not None:
            return prediction
        links = self.addresses(task)
        output = links if self.models[task.order.model].is_list else links[0]
        done = {"status": "succeeded", "output": output, "completed_at": AT, "metrics": {"predict_time": 1.2}}
        return prediction | {"started_at": AT} | done | task.ending

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status))


def validation_body(invalid: list[Json]) -> Json:
    """A 422 about the fields of a request; each of `invalid` has type, field and description."""
    detail = "".join(
        f"- {problem['field']}: {problem['description']}\n" if problem["field"] else f"- {problem['description']}\n"
        for problem in invalid
    )
    return {"detail": detail, "status": 422, "title": TITLES[422], "invalid_fields": invalid}


def _invalid(field: str, kind: str, description: str) -> Json:
    return {"type": kind, "field": field, "description": description}


def _in_words(problem: Problem) -> Json:
    field = f"input.{problem.name}"
    match problem.rule:
        case "required":
            return _invalid("input", "required", f"{problem.name} is required")
        case "choice":
            words = ", ".join(f'"{choice}"' for choice in problem.asked)
            return _invalid(field, "enum", f"{problem.name} must be one of the following: {words}")
        case "low":
            return _invalid(field, "number_gte", f"Must be greater than or equal to {problem.asked}")
        case "high":
            return _invalid(field, "number_lte", f"Must be less than or equal to {problem.asked}")
        case "length":
            return _invalid(field, "array_max_items", f"Array must have at most {problem.asked} items")
    return _invalid(field, "invalid_type", f"Invalid type. Expected: {problem.asked}, given: {problem.given!r}")


def _order(name: str, model: ReplicateModel, given: Json) -> Order:
    width_px, height_px = _size(given)
    kind = str(given.get("output_format", model.kind)).replace("jpg", "jpeg")
    count = given.get("num_outputs", 1)
    return Order(model=name, prompt=given["prompt"], width_px=width_px, height_px=height_px, kind=kind, count=count)


def _size(given: Json) -> tuple[int, int]:
    shape: Any = given.get("aspect_ratio", "custom")
    is_custom = given.get("size", shape) == "custom" or shape == "custom"
    if is_custom and "width" in given and "height" in given:
        return given["width"], given["height"]
    return of_ratio(shape, str(given.get("resolution") or given.get("size") or given.get("megapixels") or "1k"))
