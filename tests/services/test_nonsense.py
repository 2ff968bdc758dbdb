"""Whatever comes in place of an answer is a failure of the service: nothing breaks, nothing is concluded from it."""

from __future__ import annotations

import json

from pipeline.errors import FailureKind, ServiceError
from pipeline.images.provider import ImageProvider
from pipeline.records import ImageRequest
from tests.fakes.faults import Fault, malformed_json, reset_in_mid_body
from tests.fakes.wire import Exchange, Reply
from tests.services.asking import SAID_ONLY, failure, paint, request_of
from tests.services.table import EVERY, TASKS


def of_type(kind: str, body: bytes, status: int = 200) -> Reply:
    return Reply(status=status, headers={"content-type": kind}, body=body)


def of_json(body: bytes) -> Reply:
    return of_type("application/json", body)


def hanging_up(_exchange: Exchange) -> None:
    """Nothing at all."""


MEMBERS = (
    *("data", "images", "image", "output", "result", "candidates", "detail", "error", "errors", "id", "request_id"),
    *("status", "urls", "polling_url", "status_url", "code", "msg", "artifacts", "usage"),
)
WRONG = {"data": [None, 7, {"b64_json": 7, "url": ["x"]}], "code": True, "message": [1], "get": 3}
BODIES = {
    "nothing": of_json(b""),
    "null": of_json(b"null"),
    "a list": of_json(b"[[], {}, null]"),
    "a number": of_json(b"1e999"),
    "NaN": of_json(b'{"data": NaN, "status": NaN, "code": NaN, "id": NaN}'),
    "a number of 5000 digits": of_json(b'{"code": ' + b"9" * 5000 + b"}"),
    "lists without end": of_json(b"[" * 100_000),
    "no text": of_json(bytes(range(256))),
    "the wrong types": of_json(json.dumps(dict.fromkeys(MEMBERS, WRONG)).encode()),
    "a page": of_type("text/html", b"<html><h1>Welcome to nginx</h1></html>"),
    "a picture of words": of_type("image/png", b"I am sorry"),
    "an unheard-of status": of_type("application/json", b"{}", 299),
    "not modified": of_type("application/json", b"", 304),
    "a teapot": of_type("text/plain", b"short and stout", 418),
}
NONSENSE: dict[str, Fault] = {
    **{name: (lambda _, reply=reply: reply) for name, reply in BODIES.items()},
    "half an answer": malformed_json,
    "a reset": reset_in_mid_body,
    "hanging up": hanging_up,
}


@EVERY
def test_whatever_comes_in_place_of_an_answer_is_a_failure_of_the_service(watch, painter_of, row):
    watched = watch(row)
    painter = painter_of(row, watched.server)
    for nonsense, fault in {**NONSENSE, "its own": row.faults.garbage()}.items():
        watched.server.faults.clear()
        watched.server.faults.always(fault)
        error = failure(painter, request_of(prompt=f"A harbour and {nonsense}"))
        assert error.kind not in SAID_ONLY, f"{nonsense}: {error}"


@TASKS
def test_nonsense_about_a_task_is_waited_out_or_told_and_orders_nothing_twice(watch, painter_of, row):
    watched = watch(row)
    painter = painter_of(row, watched.server)
    for nonsense, reply in BODIES.items():
        before, request = len(watched.posts), request_of(prompt=f"A harbour and {nonsense}")
        watched.server.faults.when(lambda _: True, row.faults.interrupted_task(reply), times=1)
        told = _kind_of_failure(painter, request)
        assert told not in SAID_ONLY, nonsense
        if told is not None:
            paint(painter, request)
        is_lost = told not in (None, FailureKind.TRANSIENT)
        assert len(watched.posts) - before == 1 + is_lost, f"{nonsense}: what passes orders nothing anew"


def _kind_of_failure(painter: ImageProvider, request: ImageRequest) -> FailureKind | None:
    try:
        paint(painter, request)
    except ServiceError as error:
        return error.kind
    return None
