"""A made-up service for the `http` protocol: its server on loopback, its catalog entry, and a provider for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from pipeline.asking.errors import Judge
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.images.http.provider import HttpImages
from pipeline.images.parameters import Wishes
from pipeline.images.unfinished import Receipts, ReceiptsInMemory
from pipeline.services.catalog import ModelChoice
from pipeline.services.entries import Service
from pipeline.services.merging import laid_over
from pipeline.services.wire import Errors
from tests.fakes.http_server import FakeService
from tests.fakes.pictures import picture
from tests.fakes.wire import Json, Reply, Request
from tests.unit.images.test_offline import REQUEST

KEY = "inv-0123456789abcdef"
PICTURE = picture("a made-up service", 96, 64)
IMAGE = Reply(headers={"content-type": "image/png"}, body=PICTURE)
PROMPT = REQUEST.prompt

ENTRY: Json = {
    "service": "invented",
    "title": "Invented",
    "key": {"variables": ["INVENTED_API_KEY"]},
    "errors": {"message": "error.message"},
    "endpoints": {
        "images": {
            "type": "image",
            "protocol": "http",
            "submit": {"path": "/draw/{{route}}"},
            "request": {"text": "{{prompt}}", "options": {"shape": "{{aspect_ratio}}", "seed": "{{seed}}"}},
            "result": {"image": "picture"},
        }
    },
    "models": {
        "painter": {
            "shape": {"ratios": ["1:1", "16:9"]},
            "parameters": {"seed": {"type": "integer"}},
            "price": {"reported": "usd", "image": 0.25},
        }
    },
}
POLL: Json = {
    "id": "id",
    "path": "/tasks/{{id}}",
    "status": "state",
    "waiting": ["queued"],
    "done": ["done"],
    "failed": ["failed"],
    "message": "why",
    "every_s": 2.0,
}


class InventedServer(FakeService):
    """Answers POSTs with `posts` and GETs with `gets` of their path, in turn; the last of a list stays."""

    def __init__(self, *posts: Reply | Json, gets: dict[str, list[Reply | Json | None]] | None = None) -> None:
        super().__init__(api_key=KEY)
        self.posts: list[Reply | Json] = list(posts)
        self.gets = gets or {}

    def answer(self, request: Request) -> Reply:
        return _reply(_next(self.posts))

    def look_up(self, request: Request) -> Reply | None:
        path = request.path
        if path not in self.gets:
            return self.file(path)
        found = _next(self.gets[path])
        return None if found is None else _reply(found)

    def error_body(self, status: int, message: str) -> Json:
        return {"error": {"message": message}}


def _next(replies: list[Any]) -> Any:
    return replies.pop(0) if len(replies) > 1 else replies[0]


def _reply(content: Reply | Json) -> Reply:
    if isinstance(content, Reply):
        return content
    return Reply(headers={"content-type": "application/json"}, body=json.dumps(content).encode())


def refusal(status: int, message: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply.of_json({"error": {"message": message}}, status=status, headers=named)


@dataclass
class Clock:
    """Sleeping takes no time and moves it on; `days` are those that went by meanwhile."""

    seconds: float = 0.0
    days: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def timing(self) -> Timing:
        return Timing(now=self.now, monotonic=lambda: self.seconds, sleep=self.sleep)

    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=self.days)


def entry(endpoint: Json | None = None, model: Json | None = None, **service: Any) -> Service:
    """The made-up service with changes laid over it."""
    changes = {**service, "endpoints": {"images": endpoint or {}}, "models": {"painter": model or {}}}
    return Service.model_validate(laid_over(ENTRY, changes))


def chosen(service: Service) -> ModelChoice:
    return ModelChoice(service=service, id="painter", model=service.models["painter"])


def access(service: Service, base_url: str | None = "https://invented.example", key: str | None = KEY) -> Access:
    return Access(service=service, base_url=base_url, key=SecretStr(key) if key is not None else None)


def judge(errors: Json | None = None, key: str | None = KEY, settings: tuple[str, ...] = ()) -> Judge:
    now = Clock().timing.now
    return Judge(access(entry(), key=key), Errors.model_validate(errors or {}), None, now, settings)


def provider(
    server: InventedServer,
    service: Service | None = None,
    *,
    wishes: Wishes | None = None,
    clock: Clock | None = None,
    timing: Timing | None = None,
    key: str | None = KEY,
    receipts: Receipts | None = None,
) -> HttpImages:
    service = service or entry()
    timing = timing or (clock or Clock()).timing
    kept = receipts or ReceiptsInMemory()
    return HttpImages(chosen(service), access(service, server.origin, key), wishes or Wishes(), timing, kept)
