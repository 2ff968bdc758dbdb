"""What both protocol servers stand on: HTTP/1.1 over loopback, a log of what came, a script of what goes wrong."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes.faults import Faults
from tests.fakes.wire import Exchange, Json, Refused, Reply, Request

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: close() sends RST in place of FIN


class FakeService(ABC):
    """A service on 127.0.0.1, from `start` (or `with`) to `stop`. Stopping releases every waiting request at once.

    An answer comes `latency_s` after its request. A defect of the fake itself is raised by `stop`.
    """

    def __init__(self, *, api_key: str, latency_s: float = 0.0) -> None:
        self.api_key = api_key
        self.latency_s = latency_s
        self.faults = Faults()
        self.peak_in_flight = 0
        self._in_flight = 0
        self._requests: list[Request] = []
        self._fetches: list[Request] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener = _Listener(self)
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

    def respond(self, path: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:
        """The reply to one POST; None drops the connection without a word."""
        with self._lock:
            number = len(self._requests) + 1
            body = _content(headers.get("content-type", ""), raw)
            request = Request(number=number, at_s=time.monotonic(), path=path, headers=headers, body=body)
            self._requests.append(request)
            self._in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        try:
            reply = self._scripted(request)
            is_stopping = self._stopping.wait(max(0.0, request.at_s + self.latency_s - time.monotonic()))
            return None if is_stopping else reply
        finally:
            with self._lock:
                self._in_flight -= 1

    def fetched(self, path: str, headers: Mapping[str, str]) -> Reply | None:
        """The reply to one GET; the script of faults is for POSTs alone."""
        with self._lock:
            number = len(self._fetches) + 1
            request = Request(number=number, at_s=time.monotonic(), path=path, headers=headers, body={})
            self._fetches.append(request)
        try:
            return self.look_up(request)
        except Refused as refused:
            return refused.reply

    def _scripted(self, request: Request) -> Reply | None:
        exchange = Exchange(request=request, answer=lambda: self.answer(request), wait=self._stopping.wait)
        try:
            return self.faults.pick(request)(exchange)
        except Refused as refused:
            return refused.reply


def _content(content_type: str, raw: bytes) -> Json:
    """The JSON object or multipart form sent; anything else becomes {} and then lacks every required field."""
    if content_type.startswith("multipart/form-data"):
        return _form(content_type, raw)
    try:
        content = json.loads(raw)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _form(content_type: str, raw: bytes) -> Json:
    """The fields of a form (RFC 7578), every value a text; files are left out."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    return {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True)).decode()
        for part in message.iter_parts()
        if part.get_filename() is None
    }


class _Listener(ThreadingHTTPServer):
    """Knows its open connections, so that stopping can end the kept-alive ones. Joins its threads on close."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, service: FakeService) -> None:
        self.service = service
        self.defects: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        # Not the base class's: its SHUT_WR would send the FIN that a reset must not send.
        with self._lock:
            self._open.discard(request)
            request.close()

    def hang_up(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # an OSError is a client that went away
            self.defects.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave in one packet
    server: _Listener

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._send(self.server.service.respond(self.path, self._lowered(), raw))

    def do_GET(self) -> None:
        self._send(self.server.service.fetched(self.path, self._lowered()))

    def _lowered(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _send(self, reply: Reply | None) -> None:
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: reply.reset_after])
        if reply.reset_after is not None:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silence: `requests` is the log."""
