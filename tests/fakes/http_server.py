"""What both protocol servers stand on: HTTP/1.1 over loopback, a log of what came, a script of what goes wrong."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.fakes.faults import Faults
from tests.fakes.forms import content
from tests.fakes.ledger import Ledger
from tests.fakes.listener import Listener
from tests.fakes.wire import Exchange, Json, Refused, Reply, Request, Upload


class FakeService(ABC):
    """A service on 127.0.0.1, from `start` (or `with`) to `stop`. Stopping releases every waiting request at once.

    An answer comes `latency_s` after its request. A defect of the fake itself is raised by `stop`. A client may vanish
    at any moment, also by SIGKILL: a request that did not come whole is no request, the others are answered to nobody.

    `faults` is the script for POSTs, `fetch_faults` the one for GETs. `ledger`, where a test sets one, holds what was
    really delivered.
    """

    def __init__(self, *, api_key: str, latency_s: float = 0.0) -> None:
        self.api_key = api_key
        self.latency_s = latency_s
        self.faults = Faults()
        self.fetch_faults = Faults()
        self.ledger: Ledger | None = None
        self.peak_in_flight = 0
        self._in_flight = 0
        self._requests: list[Request] = []
        self._fetches: list[Request] = []
        self._deletions: list[Request] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener = Listener(self)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), name=type(self).__name__)

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """The service's own answer. Raises Refused."""

    @abstractmethod
    def error_body(self, status: int, message: str) -> Json:
        """An error of this kind in the service's own words."""

    def look_up(self, request: Request) -> Reply | None:
        """What GET answers: the state of a task, a list of models, a file. None drops the connection."""
        return self.file(request.path)

    def remove(self, request: Request) -> Reply:
        """What DELETE answers. Raises Refused."""
        return self.file(request.path)

    def file(self, path: str) -> Reply:
        """A file of this service."""
        return Reply.of_json(self.error_body(404, f"Not found: {path}"), status=404)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every POST so far, in the order they came."""
        with self._lock:
            return tuple(self._requests)

    @property
    def fetches(self) -> tuple[Request, ...]:
        """Every GET so far, in the order they came."""
        with self._lock:
            return tuple(self._fetches)

    @property
    def deletions(self) -> tuple[Request, ...]:
        """Every DELETE so far, in the order they came."""
        with self._lock:
            return tuple(self._deletions)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.hang_up()
        self._listener.server_close()
        if self._listener.defects:
            raise self._listener.defects[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def taken(self, path: str, headers: Mapping[str, str], raw: bytes) -> Request:
        """One POST that came whole, written down before it is answered."""
        body, files = content(headers.get("content-type", ""), raw)
        with self._lock:
            request = _numbered(self._requests, path, headers, body, files)
            self._in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        if self.ledger is not None:
            self.ledger.open(request)
        return request

    def respond(self, request: Request) -> Reply | None:
        """The reply to a POST that was taken; None drops the connection without a word."""
        try:
            reply = self._scripted(request)
            is_stopping = self._stopping.wait(max(0.0, request.at_s + self.latency_s - time.monotonic()))
            return None if is_stopping else reply
        finally:
            with self._lock:
                self._in_flight -= 1

    def fetched(self, path: str, headers: Mapping[str, str]) -> Reply | None:
        """The reply to one GET; a fault of `fetch_faults` finds the look already taken."""
        with self._lock:
            request = _numbered(self._fetches, path, headers)
        try:
            reply = self.look_up(request)
        except Refused as refused:
            reply = refused.reply
        if reply is None:
            return None
        exchange = Exchange(request=request, answer=lambda: reply, wait=self._stopping.wait)
        return self.fetch_faults.pick(request)(exchange)

    def deleted(self, path: str, headers: Mapping[str, str]) -> Reply:
        """The reply to one DELETE."""
        with self._lock:
            request = _numbered(self._deletions, path, headers)
        try:
            return self.remove(request)
        except Refused as refused:
            return refused.reply

    def _scripted(self, request: Request) -> Reply | None:
        exchange = Exchange(request=request, answer=lambda: self.answer(request), wait=self._stopping.wait)
        try:
            return self.faults.pick(request)(exchange)
        except Refused as refused:
            return refused.reply


def _numbered(
    log: list[Request],
    path: str,
    headers: Mapping[str, str],
    body: Json | None = None,
    files: Mapping[str, Upload] | None = None,
) -> Request:
    """The next request of a log, entered there."""
    number, at_s = len(log) + 1, time.monotonic()
    request = Request(number=number, at_s=at_s, path=path, headers=headers, body=body or {}, files=files or {})
    log.append(request)
    return request
