"""The Batch API of OpenAI: create, retrieve, list, cancel; input, output and errors lie in files (`openai_files`).

Wire facts: providers.md section 2, `types/batch*.py` of `openai` 3.5x. That the input is checked only after creation
(status "validating", then "failed" with errors that name line and code), the codes, that a batch with no good answer
has no output file, and that a refused item is in the error file with its response and `error: null`: OpenAI's guide
and issues (stdapi.ai 240, kaapi-backend 723, openai-openapi 302). A create that names no file fails the same way.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.fakes.batch_input import Problem, problems, read_lines
from tests.fakes.batching import Batch, Batches, Ending, Fate, Item
from tests.fakes.openai_files import Files, a_page
from tests.fakes.wire import Json, Refused, Reply, Request

ENDPOINTS = ("/v1/images/generations", "/v1/chat/completions")
LIFETIME_S = 24 * 3600
MAX_PAGE = 100
WITHOUT_REPLY = {
    Fate.EXPIRED: ("batch_expired", "This request could not be executed before the completion window expired."),
    Fate.CANCELLED: ("batch_cancelled", "This request was cancelled with its batch."),
}


class OpenAIBatches(Batches):
    """The batches of one server and the files they need; what a test turns is in `Batches`, and `fail`, `finalize`.

    A fault of an item is one of `openai_faults`: it becomes a line of the error file (of the output file, where its
    status is 200). Creation shows "validating", the first look after it "in_progress" or "failed".
    """

    def __init__(
        self,
        answer: Callable[[str, Json], Reply],
        refuse: Callable[..., Refused],
        latency_s: float | None,
        wait: Callable[[float | None], bool],
    ) -> None:
        """`answer(operation, body)` answers one item, `refuse(status, message, param, code)` makes an error."""
        super().__init__(lambda body, about: answer(about["endpoint"].removeprefix("/v1/"), body), latency_s, wait)
        self.is_offered = True
        self.max_items = 50_000
        self.max_bytes = 200 * 1000 * 1000
        self._refuse = refuse
        self.files = Files(refuse)
        self._progress: dict[str, _Progress] = {}

    def fail(self, code: str, message: str, batch: str | None = None) -> None:
        """Let this batch (all that are under way) fail as a whole, as where the account has no credit left."""
        for each in self._under_way(batch):
            with self._lock:
                self._progress[each.id].problems = [Problem(code=code, message=message)]
                self._end(each, Ending.FAILED)

    def finalize(self, batch: str | None = None) -> None:
        """Work off all items and stay "finalizing" until `finish`."""
        for each in self._under_way(batch):
            self.work(len(each.items), each.id)
            self._progress[each.id].is_finalizing = True

    def takes(self, operation: str) -> bool:
        """Whether an operation is one of these endpoints, and they are offered here."""
        return self.is_offered and operation.partition("/")[0] in ("files", "batches")

    def posted(self, request: Request, operation: str) -> Reply:
        """POST of "files" (an upload), of "batches" (a new one) or "batches/{id}/cancel". Raises Refused."""
        if operation.startswith("files"):
            return self.files.uploaded(request)
        if operation == "batches":
            return self._created(request.body)
        batch = self._named(operation.removesuffix("/cancel"))
        if batch.ending is not None:
            message = f"Cannot cancel a batch with status '{self._status(batch)}'."
            raise self._refuse(400, message, None, "invalid_batch_status")
        batch.cancelling = batch.cancelling or time.time()
        return Reply.of_json(self._described(batch))

    def fetched(self, request: Request, operation: str) -> Reply:
        """GET of "batches", "batches/{id}" or a file. Raises Refused."""
        if operation.startswith("files"):
            return self.files.fetched(request, operation)
        if operation == "batches":
            query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
            found = {batch.id: batch for batch in self._newest_first()}
            ids, has_more = a_page(list(found), {"limit": "20"} | query, MAX_PAGE)
            return Reply.of_json(
                {"object": "list", "data": [self._described(found[name]) for name in ids], "has_more": has_more}
                | {"first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}
            )
        batch = self._named(operation)
        batch.looks += 1
        if self._progress[batch.id].problems and batch.ending is None:
            with self._lock:
                self._end(batch, Ending.FAILED)
        return Reply.of_json(self._described(batch))

    def removed(self, operation: str) -> Reply:
        """DELETE of "files/{id}"; a batch cannot be deleted. Raises Refused."""
        if not operation.startswith("files/"):
            raise self._refuse(404, f"Invalid URL (DELETE /v1/{operation})")
        return self.files.removed(operation)

    def archive(self, batch: str | None = None) -> None:
        """Remove the files of the results; the batch goes on naming them."""
        super().archive(batch)
        for each in self:
            if each.is_archived:
                for name in self._progress[each.id].files.values():
                    self.files.drop(name)

    def _created(self, body: Json) -> Reply:
        for name in ("input_file_id", "endpoint", "completion_window"):
            if not body.get(name):
                raise self._refuse(400, f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
        for name, choices in (("endpoint", ENDPOINTS), ("completion_window", ("24h",))):
            if body[name] not in choices:
                message = f"Invalid value: '{body[name]}'. Supported values are: {', '.join(choices)}."
                raise self._refuse(400, message, name, "invalid_value")
        self._check_metadata(body.get("metadata") or {})
        file = self.files.find(body["input_file_id"])
        data = file.data if file is not None and file.purpose == "batch" else None
        lines = read_lines(data or b"")
        found = problems(lines, data, body["endpoint"], self.max_items, self.max_bytes)
        questions = [] if found else [(line["custom_id"], line["body"]) for line in lines if line]
        with self._lock:
            batch = self._open(questions, dict(body))
            self._progress[batch.id] = _Progress(problems=found)
        return Reply.of_json(self._described(batch))

    def _check_metadata(self, metadata: Json) -> None:
        if len(metadata) > 16 or any(
            not isinstance(value, str) or len(name) > 64 or len(value) > 512 for name, value in metadata.items()
        ):
            message = "Invalid 'metadata': at most 16 texts of at most 512 characters under keys of at most 64."
            raise self._refuse(400, message, "metadata", "invalid_value")

    def _named(self, operation: str) -> Batch:
        name = operation.removeprefix("batches/")
        batch = self._find(name)
        if batch is None:
            raise self._refuse(404, f"No batch found with id '{name}'.", None, None)
        return batch

    def _end(self, batch: Batch, ending: Ending) -> None:
        super()._end(batch, Ending.FAILED if self._progress[batch.id].problems else ending)
        if batch.ending is Ending.FAILED:
            return
        for kind, is_good in (("output", True), ("error", False)):
            if lines := [_line(item) for item in batch.shuffled() if item.is_good is is_good]:
                made = self.files.add(f"{batch.id}_{kind}.jsonl", "batch_output", "".join(lines).encode())
                self._progress[batch.id].files[kind] = made.id

    def _status(self, batch: Batch) -> str:
        if batch.ending is not None:
            return batch.ending.value
        if batch.cancelling is not None:
            return "cancelling"
        if self._progress[batch.id].is_finalizing:
            return "finalizing"
        return "in_progress" if batch.looks else "validating"

    def _described(self, batch: Batch) -> Json:
        status, progress, created = self._status(batch), self._progress[batch.id], int(batch.created)
        ended = None if batch.ended is None else int(batch.ended)
        is_working = status not in ("validating", "failed")
        good = [item for item in batch.items if item.is_good]
        bad = [item for item in batch.items if item.fate is not Fate.WAITING and not item.is_good]
        counts = {"total": len(batch.items), "completed": len(good), "failed": len(bad)}
        found = [problem.described() for problem in progress.problems] if status == "failed" else []
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.about["endpoint"],
            "model": batch.items[0].body["model"] if batch.items else None,
            "errors": {"object": "list", "data": found} if found else None,
            "input_file_id": batch.about["input_file_id"],
            "completion_window": batch.about["completion_window"],
            "status": status,
            "output_file_id": progress.files.get("output"),
            "error_file_id": progress.files.get("error"),
            "created_at": created,
            "expires_at": created + LIFETIME_S,
            "in_progress_at": created if is_working else None,
            "finalizing_at": ended if status == "completed" else None,
            "cancelling_at": None if batch.cancelling is None else int(batch.cancelling),
            **{f"{ending}_at": ended if batch.ending is ending else None for ending in Ending},
            "request_counts": counts if is_working else dict.fromkeys(counts, 0),
            "metadata": batch.about.get("metadata"),
            "usage": _usage(good),
        }


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What a batch of this service has besides: the problems of its input, the files of its results by kind."""

    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    is_finalizing: bool = False


def _line(item: Item) -> str:
    """One line of the output or the error file."""
    name = hashlib.sha256(f"{item.number} {item.custom_id}".encode()).hexdigest()[:24]
    response: Json | None = None
    error: Json | None = None
    if item.reply is None:
        code, message = WITHOUT_REPLY[item.fate]
        error = {"code": code, "message": message}
    else:
        response = {"status_code": item.reply.status, "request_id": name, "body": item.reply.json()}
    line = {"id": f"batch_req_{name}", "custom_id": item.custom_id, "response": response, "error": error}
    return json.dumps(line, ensure_ascii=False) + "\n"


def _usage(good: Sequence[Item]) -> Json:
    """The sum of all answers, whatever the endpoint calls its tokens."""
    usages = [item.reply.json().get("usage") or {} for item in good if item.reply is not None]
    read = sum(usage.get("input_tokens", usage.get("prompt_tokens", 0)) for usage in usages)
    written = sum(usage.get("output_tokens", usage.get("completion_tokens", 0)) for usage in usages)
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
