"""The Black Forest Labs API: an endpoint a model, a polling address, a signed address for the picture, the credit left.

Wire facts: reference/providers.md section 8. What an endpoint that is not strict does not know is taken no notice of
(and collected in `ignored`).
"""

from __future__ import annotations

from tests.fakes.bfl_models import MAX_PIXELS, MODELS, BflModel
from tests.fakes.fields import problems
from tests.fakes.shapes import of_ratio
from tests.fakes.tasks import Order, Task, TaskService
from tests.fakes.validation import entry, in_words, unknown
from tests.fakes.wire import Json, Refused, Reply, Request

SIGNATURE = "?se=2026-11-20T10%3A10%3A00Z&sp=r&sig=fake%3D"
POLL = "/v1/get_result?id="


class BflServer(TaskService):
    """The API at `origin`. `models` is its own copy: a test may add to it and take from it.

    A task's `ending`: members of the last state that replace those of a good one; a `result` of None is no result.
    """

    def __init__(self, *, api_key: str = "bfl-fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.models = dict(MODELS)
        self.credits = 1234.5

    @property
    def base_url(self) -> str:
        """What stands for https://api.bfl.ai."""
        return self.origin

    def error_body(self, status: int, message: str) -> Json:
        return {"detail": message}

    def check_caller(self, request: Request) -> None:
        if "x-key" not in request.headers:
            raise self._refuse(403, "Not authenticated")
        if request.headers["x-key"] != self.api_key:
            raise self._refuse(403, "Not authenticated - Invalid Authentication")

    def order(self, request: Request) -> Order:
        name = request.path.removeprefix("/v1/")
        if name not in self.models or not request.path.startswith("/v1/"):
            raise self._refuse(404, "Not Found")
        model, given = self.models[name], request.body
        wrong = [in_words(problem) for problem in problems(model.fields, given)]
        extra = [field for field in given if field not in model.fields]
        if model.is_strict:
            wrong += [unknown(field, given[field]) for field in extra]
        if wrong:
            raise Refused(Reply.of_json({"detail": wrong}, status=422))
        with self._lock:
            self.ignored |= {f"{name}: {field}" for field in extra}
        width_px, height_px = _size(model, given)
        if "width" in model.fields and width_px * height_px > MAX_PIXELS:
            too_large = entry("width", "value_error", "Value error, width * height must not exceed 4 MP", width_px)
            raise Refused(Reply.of_json({"detail": [too_large]}, status=422))
        kind = given.get("output_format", "jpeg")
        return Order(model=name, prompt=given["prompt"], width_px=width_px, height_px=height_px, kind=kind)

    def receipt(self, task: Task) -> Reply:
        order, resolution = task.order, task.request.body.get("resolution", "1k")
        content = {
            "id": task.id,
            "polling_url": f"{self.origin}{POLL}{task.id}",
            "cost": self.models[order.model].cost(order.width_px, order.height_px, resolution),
            "input_mp": 0.0,
            "output_mp": round(order.width_px * order.height_px / 1e6, 2),
        }
        return Reply.of_json(content)

    def state(self, path: str) -> Reply:
        if path == "/v1/credits":
            return Reply.of_json({"credits": self.credits})
        if not path.startswith(POLL):
            raise self._refuse(404, "Not Found")
        name = path.removeprefix(POLL)
        task = self.find(name)
        if task is None:
            return Reply.of_json(unfound(name))
        word = self.look(task, self.models[task.order.model].words)
        state = {"id": name, "status": word, "result": None, "progress": None, "details": None, "preview": None}
        return Reply.of_json(state if word is not None else state | self._good(task) | task.ending)

    def _good(self, task: Task) -> Json:
        result = {
            "sample": self.addresses(task, SIGNATURE)[0],
            "prompt": task.order.prompt,
            "seed": task.request.body.get("seed", 42),
            "duration": 3.2,
        }
        return {"status": "Ready", "result": result, "progress": 1.0}

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status))


def unfound(name: str) -> Json:
    """The state of a task that is unknown, or not known yet."""
    return {"id": name, "status": "Task not found", "result": None, "progress": None, "details": None, "preview": None}


def _size(model: BflModel, given: Json) -> tuple[int, int]:
    if "width" in model.fields:
        return given.get("width", 1024), given.get("height", 768)
    return of_ratio(given.get("aspect_ratio", "16:9"), given.get("resolution", "1k"))
