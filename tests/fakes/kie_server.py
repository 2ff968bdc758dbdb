"""Kie.ai: tasks of the market and of the Kontext family, HTTP 200 around every error, a guard against script callers.

Wire facts: reference/providers.md section 10. What a model does not know is taken no notice of (and collected in
`ignored`).
"""

from __future__ import annotations

import json

from tests.fakes.fields import Problem, problems
from tests.fakes.kie_models import KONTEXT, MODELS, KieModel
from tests.fakes.shapes import NAMED, of_ratio
from tests.fakes.tasks import Order, Task, TaskService
from tests.fakes.wire import Json, Refused, Reply, Request

CREATE, KONTEXT_CREATE = "/api/v1/jobs/createTask", "/api/v1/flux/kontext/generate"
RECORD, KONTEXT_RECORD = "/api/v1/jobs/recordInfo", "/api/v1/flux/kontext/record-info"
BESIDE_INPUT = ("model", "input", "callBackUrl")
UNSUPPORTED = (
    "The model name you specified is not supported. Please verify your input and use one of the supported models "
    "provided by KIE."
)
WORDS = ("waiting", "queuing", "generating")
AT_MS = 1_763_632_800_000


class KieServer(TaskService):
    """The API at `base_url`. `models` is its own copy: a test may add to it and take from it.

    A task's `ending`: `code` and `message` of a failure, or `urls`, other addresses than the picture's.
    """

    gone = Reply(status=410, headers={"content-type": "text/plain"}, body=b"The file has been deleted.")

    def __init__(self, *, api_key: str = "kie-fake-key", latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.models = dict(MODELS)
        self.credits = 987.5

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"

    def error_body(self, status: int, message: str) -> Json:
        return {"code": status, "msg": message, "data": None}

    def check_caller(self, request: Request) -> None:
        if request.headers.get("user-agent", "python").lower().startswith("python"):
            raise Refused(Reply(status=403, headers={"content-type": "text/plain"}, body=b"error code: 1010"))
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise self._refuse(401, "You do not have access permissions")

    def order(self, request: Request) -> Order:
        body = request.body
        if request.path == KONTEXT_CREATE:
            return self._checked(body.get("model", "flux-kontext-pro"), KONTEXT, body)
        if request.path != CREATE:
            raise self._refuse(404, f"No endpoint {request.path}")
        name, given = body.get("model"), body.get("input")
        if name not in self.models:
            raise self._refuse(422, UNSUPPORTED)
        if not isinstance(given, dict):
            raise self._refuse(422, "input is required")
        with self._lock:
            self.ignored |= {f"{name}: {field} (beside input)" for field in body if field not in BESIDE_INPUT}
        return self._checked(name, self.models[name], given)

    def receipt(self, task: Task) -> Reply:
        return _fine({"taskId": task.id})

    def state(self, path: str) -> Reply:
        path, _, query = path.partition("?")
        if path == "/api/v1/chat/credit":
            return _fine(self.credits)
        task = self.find(query.removeprefix("taskId="))
        if path not in (RECORD, KONTEXT_RECORD) or task is None:
            raise self._refuse(404, "The requested resource or endpoint does not exist")
        is_kontext = task.request.path == KONTEXT_CREATE
        if is_kontext != (path == KONTEXT_RECORD):
            raise self._refuse(422, "recordInfo is null")
        return _fine(self._kontext_record(task) if is_kontext else self._record(task))

    def _checked(self, name: str, model: KieModel, given: Json) -> Order:
        wrong = problems(model.fields, given)
        if wrong:
            raise self._refuse(422, _in_words(wrong[0]))
        with self._lock:
            self.ignored |= {f"{name}: {field}" for field in given if field not in model.fields}
        kind = given.get("output_format") or given.get("outputFormat") or model.kind
        width_px, height_px = _size(given)
        return Order(
            model=name,
            prompt=given["prompt"],
            width_px=width_px,
            height_px=height_px,
            kind=kind.replace("jpg", "jpeg"),
            count=given.get("max_images", 1),
        )

    def _record(self, task: Task) -> Json:
        word = self.look(task, WORDS)
        record: Json = {
            "taskId": task.id,
            "model": task.order.model,
            "state": word,
            "param": json.dumps(task.request.body),
            "resultJson": "",
            "failCode": None,
            "failMsg": None,
            "costTime": None,
            "completeTime": None,
            "createTime": AT_MS,
            "creditsConsumed": 0,
        }
        if word is not None:
            return record
        done = {"costTime": 8000, "completeTime": AT_MS + 8000}
        if "code" in task.ending:
            return record | done | {"state": "fail", "failCode": task.ending["code"], "failMsg": task.ending["message"]}
        result = json.dumps({"resultUrls": self._urls(task)})
        return record | done | {"state": "success", "resultJson": result, "creditsConsumed": self._credits(task)}

    def _kontext_record(self, task: Task) -> Json:
        flag = self.look(task, (0,))
        record: Json = {
            "taskId": task.id,
            "paramJson": json.dumps(task.request.body),
            "createTime": AT_MS,
            "completeTime": None,
            "response": None,
            "successFlag": flag,
            "errorCode": None,
            "errorMessage": None,
        }
        if flag is not None:
            return record
        done = {"completeTime": AT_MS + 8000}
        if "code" in task.ending:
            failure = {"errorCode": int(task.ending["code"]), "errorMessage": task.ending["message"]}
            return record | done | {"successFlag": 3} | failure
        link = next(iter(self._urls(task)), None)
        return record | done | {"successFlag": 1, "response": {"originImageUrl": None, "resultImageUrl": link}}

    def _urls(self, task: Task) -> list[str]:
        urls: list[str] = task.ending["urls"] if "urls" in task.ending else self.addresses(task)
        return urls

    def _credits(self, task: Task) -> float:
        prices = self.models[task.order.model].credits
        return prices.get(task.request.body["input"].get("resolution", "1K"), prices["1K"]) * task.order.count

    def _refuse(self, code: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(code, message)))


def _fine(data: Json | float) -> Reply:
    return Reply.of_json({"code": 200, "msg": "success", "data": data})


def _in_words(problem: Problem) -> str:
    match problem.rule:
        case "required":
            return f"{problem.name} is required"
        case "choice":
            return f"{problem.name} is not within the range of allowed options"
        case "length":
            return f"The length of {problem.name} cannot exceed the maximum limit of {problem.asked}"
    return f"{problem.name} is invalid"


def _size(given: Json) -> tuple[int, int]:
    shape = given.get("aspect_ratio") or given.get("aspectRatio") or given.get("image_size")
    if shape in NAMED:
        return NAMED[shape]
    return of_ratio(shape, given.get("resolution", "1K"))
