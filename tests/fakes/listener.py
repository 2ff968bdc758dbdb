"""The sockets of a protocol server: HTTP/1.1 with kept-alive connections, resets on demand, and who read what."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.fakes.ledger import Ledger, has_left, is_broken
from tests.fakes.wire import Reply, Request

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: close() sends RST in place of FIN


class Service(Protocol):
    """What answers. None drops the connection without a word."""

    ledger: Ledger | None

    @property
    def is_stopping(self) -> bool: ...
    def taken(self, path: str, headers: Mapping[str, str], raw: bytes) -> Request: ...
    def respond(self, request: Request) -> Reply | None: ...
    def fetched(self, path: str, headers: Mapping[str, str]) -> Reply | None: ...
    def deleted(self, path: str, headers: Mapping[str, str]) -> Reply: ...


class Listener(ThreadingHTTPServer):
    """Knows its open connections, so that stopping can end the kept-alive ones. Joins its threads on close."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, service: Service) -> None:
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
                with suppress(OSError):  # its client was killed
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # an OSError is a client that went away
            self.defects.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave in one packet
    server: Listener
    unread: int | None = None  # the POST whose answer this client has not been seen to read

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self._conclude(is_read=False)
            raise
        # The end of a connection that was closed in order; one that this side hangs up says nothing of the client.
        if not self.server.service.is_stopping:
            self._conclude(is_read=True)

    def do_POST(self) -> None:
        self._conclude(is_read=True)
        length = int(self.headers.get("content-length", 0))
        raw = self.rfile.read(length)
        if len(raw) < length:  # killed in mid sentence
            self.close_connection = True
            return
        service = self.server.service
        request = service.taken(self.path, self._lowered(), raw)
        reply = service.respond(request)
        if service.ledger is None:
            self._send(reply)
        else:
            self._send_on_record(request.number, reply, service.ledger)

    def do_GET(self) -> None:
        self._conclude(is_read=True)
        self._send(self.server.service.fetched(self.path, self._lowered()))

    def do_DELETE(self) -> None:
        self._conclude(is_read=True)
        self._send(self.server.service.deleted(self.path, self._lowered()))

    def _lowered(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _send_on_record(self, number: int, reply: Reply | None, ledger: Ledger) -> None:
        """Send, and write down whether the client was there for all of it."""
        is_whole = reply is not None and reply.reset_after is None and not has_left(self.connection)
        try:
            self._send(reply)
            self.wfile.flush()
            is_whole = is_whole and not is_broken(self.connection)
        except OSError:
            is_whole = False
            raise
        finally:
            ledger.written(number, reply, is_whole=is_whole)
        self.unread = number if is_whole else None

    def _conclude(self, *, is_read: bool) -> None:
        """What the client does next tells whether it has read the answer before."""
        ledger = self.server.service.ledger
        if self.unread is not None and ledger is not None:
            ledger.read(self.unread, is_read=is_read)
        self.unread = None

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
