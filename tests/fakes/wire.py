"""The records that cross between a protocol server, its handler and its faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a form, as it came."""

    filename: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST, GET or DELETE as it came in.

    `number` counts from 1 for each of the three, `at_s` is the monotonic clock, header names are lower case. `path` has
    the query. `body` is the JSON object or the form that was sent, {} where it was neither; `files` are the form's
    files by the name of their field.
    """

    number: int
    at_s: float
    path: str
    headers: Mapping[str, str]
    body: Json
    files: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. Where `reset_after` is set, the connection is reset after that many bytes of the body.

    `label` is the word a script of faults has for what it did; it stays out of the wire and goes into the ledger.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reset_after: int | None = None
    label: str = ""

    @classmethod
    def of_json(cls, content: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        body = json.dumps(content, ensure_ascii=False).encode()
        return cls(status=status, headers={"content-type": "application/json"} | dict(headers or {}), body=body)

    def json(self) -> Json:
        content: Json = json.loads(self.body)
        return content


class Refused(Exception):  # noqa: N818  a protocol's own "no", raised from deep inside a check; not an error of the fake
    """The request breaks the protocol; `reply` says how, as the service would."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode("utf-8", "replace"))
        self.reply = reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a fault may use: the request, the answer it would get, and a wait that ends early when the server stops."""

    request: Request
    answer: Callable[[], Reply]
    wait: Callable[[float | None], bool]
