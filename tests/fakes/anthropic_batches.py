"""Message Batches of the Anthropic API: create, retrieve, list, results, cancel, delete.

Wire facts: providers.md section 1 and `types/messages/*batch*.py` of `anthropic` 2.11; that `params` are checked only
while the batch is worked off, and the words of refusals, are from the service's guide. Results exist from the end of a
batch on, as JSONL, in another order than the requests.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.batching import Batch, Batches, Fate, Item
from tests.fakes.wire import Json, Refused, Reply, Request

PATH = "/v1/messages/batches"
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LIFETIME_S = 24 * 3600
MAX_PAGE = 1000
RESULT = {Fate.EXPIRED: "expired", Fate.CANCELLED: "canceled"}


class MessageBatches(Batches):
    """The batches of one server; what a test turns is in `Batches`.

    A fault of an item is one of `anthropic_faults`: it becomes a result of type "errored" (or "succeeded", where its
    status is 200); `batching.expired` makes it "expired".
    """

    prefix = "msgbatch_"

    def __init__(
        self,
        answer: Callable[[Json], Reply],
        refuse: Callable[[int, str], Refused],
        origin: str,
        latency_s: float | None,
        wait: Callable[[float | None], bool],
    ) -> None:
        """`answer` answers the params of one item, `refuse` makes an error of this service to be raised."""
        super().__init__(lambda body, _: answer(body), latency_s, wait)
        self._refuse = refuse
        self._origin = origin

    def posted(self, request: Request) -> Reply:
        """POST on the collection creates a batch, on {id}/cancel cancels one. Raises Refused."""
        if urlsplit(request.path).path == PATH:
            return Reply.of_json(self._described(self._open(self._questions(request.body), {})))
        batch = self._named(request, "/cancel")
        if batch.ending is None and batch.cancelling is None:
            batch.cancelling = time.time()
        return Reply.of_json(self._described(batch))

    def fetched(self, request: Request) -> Reply:
        """GET: the list, a batch, its results. Raises Refused."""
        path = urlsplit(request.path).path
        if path == PATH:
            return self._listed(request)
        if not path.endswith("/results"):
            return Reply.of_json(self._described(self._named(request)))
        batch = self._named(request, "/results")
        if batch.ending is None or batch.is_archived:
            raise self._refuse(404, f"Message Batch {batch.id} has no available results.")
        lines = [json.dumps(_result(item), ensure_ascii=False) + "\n" for item in batch.shuffled()]
        return Reply(headers={"content-type": "application/x-jsonl"}, body="".join(lines).encode())

    def removed(self, request: Request) -> Reply:
        """DELETE of one batch, which must have ended. Raises Refused."""
        batch = self._named(request)
        if batch.ending is None:
            raise self._refuse(400, f"Message Batch {batch.id} cannot be deleted while it is in progress.")
        self._forget(batch)
        return Reply.of_json({"id": batch.id, "type": "message_batch_deleted"})

    def _questions(self, body: Json) -> list[tuple[str, Json]]:
        """The custom ids and params of a new batch; of the params nothing is checked before their turn comes."""
        for name in body.keys() - {"requests"}:
            raise self._refuse(400, f"{name}: Extra inputs are not permitted")
        requests = body.get("requests")
        if not isinstance(requests, list) or not requests:
            raise self._refuse(400, "requests: Field required")
        if len(requests) > self.max_items:
            raise self._refuse(400, f"requests: List should have at most {self.max_items} items")
        questions = [self._question(at, request) for at, request in enumerate(requests)]
        if len(dict(questions)) < len(questions):
            raise self._refuse(400, "requests: custom_id must be unique for each request in the batch")
        return questions

    def _question(self, at: int, request: Any) -> tuple[str, Json]:
        given = request if isinstance(request, dict) else {}
        for name, kind in (("custom_id", str), ("params", dict)):
            if not isinstance(given.get(name), kind):
                raise self._refuse(400, f"requests.{at}.{name}: Field required")
        for name in given.keys() - {"custom_id", "params"}:
            raise self._refuse(400, f"requests.{at}.{name}: Extra inputs are not permitted")
        if not CUSTOM_ID.fullmatch(given["custom_id"]):
            raise self._refuse(400, f"requests.{at}.custom_id: String should match pattern '^{CUSTOM_ID.pattern}$'")
        return given["custom_id"], given["params"]

    def _named(self, request: Request, suffix: str = "") -> Batch:
        path = urlsplit(request.path).path
        name = path.removeprefix(f"{PATH}/").removesuffix(suffix)
        batch = self._find(name)
        if batch is None or not path.endswith(suffix):
            raise self._refuse(404, f"Message Batch {name} not found.")
        return batch

    def _listed(self, request: Request) -> Reply:
        """One page, newest first."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        limit = query.get("limit", "20")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_PAGE:
            raise self._refuse(400, f"limit: Input should be between 1 and {MAX_PAGE}")
        found = self._newest_first()
        ids = [batch.id for batch in found]
        if query.get("before_id") in ids:
            end = ids.index(query["before_id"])
            start = max(0, end - int(limit))
            page, has_more = found[start:end], start > 0
        else:
            start = ids.index(query["after_id"]) + 1 if query.get("after_id") in ids else 0
            page, has_more = found[start : start + int(limit)], len(found) > start + int(limit)
        ends = {"first_id": page[0].id, "last_id": page[-1].id} if page else {"first_id": None, "last_id": None}
        return Reply.of_json({"data": [self._described(batch) for batch in page], "has_more": has_more} | ends)

    def _described(self, batch: Batch) -> Json:
        is_over = batch.ending is not None
        has_results = is_over and not batch.is_archived
        status = "ended" if is_over else "in_progress" if batch.cancelling is None else "canceling"
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": _counts(batch),
            "created_at": _moment(batch.created),
            "expires_at": _moment(batch.created + LIFETIME_S),
            "ended_at": _moment(batch.ended),
            "cancel_initiated_at": _moment(batch.cancelling),
            "archived_at": _moment(time.time()) if batch.is_archived else None,
            "results_url": f"{self._origin}{PATH}/{batch.id}/results" if has_results else None,
        }


def _counts(batch: Batch) -> Json:
    """Everything is "processing" until the whole batch has ended."""
    kinds = [_kind(item) for item in batch.items] if batch.ending is not None else ["processing"] * len(batch.items)
    return {kind: kinds.count(kind) for kind in ("processing", "succeeded", "errored", "canceled", "expired")}


def _kind(item: Item) -> str:
    return RESULT.get(item.fate) or ("succeeded" if item.is_good else "errored")


def _result(item: Item) -> Json:
    """One line of the results."""
    result: Json = {"type": _kind(item)}
    if item.reply is not None and item.is_good:
        message = item.reply.json()
        result["message"] = message | {"usage": message["usage"] | {"service_tier": "batch"}}
    elif item.reply is not None:
        result["error"] = item.reply.json()
    return {"custom_id": item.custom_id, "result": result}


def _moment(seconds: float | None) -> str | None:
    """RFC 3339, as the service writes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
