"""One HTTP call to a service: its headers and key, its end in time, an answer of bounded size."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.asking.headers import headers_of
from pipeline.asking.templates import ABSENT, as_text, rendered, rendered_path, rendered_texts
from pipeline.asking.tls import tls_context
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.services.wire import Submit

# A picture of 64 MiB, which is the most that is fetched, in base64, and room for words.
MAX_ANSWER_BYTES = 90 * 1024 * 1024
# After these nobody has the request: there was no connection for it, or it was never written.
_NEVER_SENT = (
    httpx2.ConnectError,  # the name, the port, the TLS handshake
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


def may_have_arrived(error: BaseException) -> bool:
    """Whether a request that failed with `error`, of httpx2 or of an SDK, may have reached the service."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _NEVER_SENT):
            return False
        cause = cause.__cause__
    return True


class Deadline:
    """The end of one turn, however many calls it takes: tells the seconds left."""

    def __init__(self, timeout_s: float, monotonic: Callable[[], float], judge: Judge) -> None:
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._judge = judge
        self._end_s = monotonic() + timeout_s

    def left_s(self, *, may_be_charged: bool = False) -> float:
        """Raises ServiceError, transient, where none are."""
        left = self._end_s - self._monotonic()
        if left <= 0:
            raise self.passed(may_be_charged=may_be_charged)
        return left

    def passed(self, *, may_be_charged: bool) -> ServiceError:
        message = f"no answer within {self._timeout_s:.0f} s"
        return self._judge.failure(FailureKind.TRANSIENT, message, may_be_charged=may_be_charged)


class Wire:
    """The connections to one service. Used by many threads at once; nothing is tried again, no redirect followed.

    Every call raises ServiceError: transient where the network fails or time is up, empty for an answer beyond all
    bounds. One that `submit` raises tells whether the order may be charged all the same; looking costs nothing.
    """

    def __init__(self, access: Access, base_url: str, judge: Judge) -> None:
        self._access = access
        self._base_url = base_url.rstrip("/")
        self._judge = judge
        self._client = httpx2.Client(
            verify=tls_context(), limits=httpx2.Limits(max_connections=None), follow_redirects=False
        )

    def submit(self, submit: Submit, template: Any, values: Mapping[str, Any], deadline: Deadline) -> Answer:
        """What the service answers to the request that `template` makes of `values`."""
        body = rendered(template, values)
        kind = {"content-type": "application/json"} if submit.encoding == "json" else {}
        return self._send(
            "POST",
            self.address(submit.path, values),
            deadline,
            headers=kind | rendered_texts(submit.headers, values),
            params=rendered_texts(submit.query, values) or None,
            **_content({} if body is ABSENT else body, submit.encoding),
        )

    def get(self, url: str, deadline: Deadline) -> Answer:
        """What stands at `url`. The key is sent along: the address must have been checked."""
        return self._send("GET", url, deadline, headers={})

    def address(self, path: str, values: Mapping[str, Any]) -> str:
        """A path of the service as a whole address."""
        return f"{self._base_url}/{rendered_path(path, values).lstrip('/')}"

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, url: str, deadline: Deadline, *, headers: Mapping[str, str], **content: Any) -> Answer:
        is_order = method == "POST"
        lines = {"accept-encoding": "identity", **headers_of(self._access), **headers}
        try:
            request = self._client.build_request(method, url, headers=lines, timeout=deadline.left_s(), **content)
            response = self._client.send(request, stream=True)
            try:
                return self._read(response, deadline, is_order=is_order)
            finally:
                response.close()
        except httpx2.TimeoutException as error:
            raise deadline.passed(may_be_charged=is_order and may_have_arrived(error)) from error
        except httpx2.HTTPError as error:
            message = f"the connection failed: {error or type(error).__name__}"
            may_be_charged = is_order and may_have_arrived(error)
            raise self._judge.failure(FailureKind.TRANSIENT, message, may_be_charged=may_be_charged) from error
        except (httpx2.InvalidURL, ValueError) as error:  # UnicodeError is one: a header beyond ASCII
            raise self._judge.failure(FailureKind.BAD_PARAMETER, f"nothing that can be sent: {error}") from error

    def _read(self, response: httpx2.Response, deadline: Deadline, *, is_order: bool) -> Answer:
        is_taken = is_order and response.status_code < 400
        if "," in response.headers.get("content-encoding", ""):
            # What lies between two decoders is counted by neither: a small answer could fill the memory there.
            message = "the answer is compressed more than once"
            raise self._judge.failure(FailureKind.EMPTY, message, may_be_charged=is_taken)
        pieces, count = [], 0
        for piece in response.iter_bytes():
            count += len(piece)
            if count > MAX_ANSWER_BYTES:
                message = f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB"
                raise self._judge.failure(FailureKind.EMPTY, message, may_be_charged=is_taken)
            pieces.append(piece)
            deadline.left_s(may_be_charged=is_order)
        return Answer.of(response.status_code, response.headers, b"".join(pieces))


def _content(body: Any, encoding: str) -> dict[str, Any]:
    """The body for httpx2. JSON is written here, its letters escaped: half a surrogate pair has no UTF-8."""
    if encoding == "form":
        return {"files": {name: (None, as_text(value).encode("utf-8", "replace")) for name, value in body.items()}}
    return {"content": json.dumps(body)}
