"""A server on loopback that answers with given bytes at a given pace, over TCP or TLS, and keeps what it was told."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterable
from pathlib import Path

import httpcore2

NAME = "pictures.example"
CERTIFICATE = Path(__file__).with_name(f"{NAME}.pem")


class WireServer(socketserver.ThreadingTCPServer):
    """Each connection gets `pieces`, one every `pause_s`, and is closed. `heads` are the requests as they came."""

    daemon_threads = False

    def __init__(self, pieces: Iterable[bytes], *, pause_s: float = 0.0, has_tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pieces, self.pause_s = list(pieces), pause_s
        self.heads: list[bytes] = []
        self.names: list[str | None] = []
        self.stopping = threading.Event()
        self.tls = self._context() if has_tls else None
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _, name, __: self.names.append(name)
        return context

    @property
    def port(self) -> int:
        return self.server_address[1]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        """A client that goes away, or does not like the certificate, is what is tested."""


class _Handler(socketserver.BaseRequestHandler):
    server: WireServer

    def handle(self) -> None:
        with self.server.tls.wrap_socket(self.request, server_side=True) if self.server.tls else self.request as line:
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(65536)
            self.server.heads.append(head)
            for piece in self.server.pieces:
                line.sendall(piece)
                if self.server.stopping.wait(self.server.pause_s):
                    return


def answer(body: bytes, *headers: bytes) -> bytes:
    """A whole answer of status 200."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body])


class Exchange(httpcore2.SyncBackend):
    """Puts every connection through to one port on loopback, and keeps the address each was meant for."""

    def __init__(self, port: int, *, dead: tuple[str, ...] = ()) -> None:
        self.port, self.dead = port, dead
        self.dialled: list[tuple[str, int]] = []
        self.timeouts_s: list[float | None] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.dialled.append((host, port))
        self.timeouts_s.append(timeout)
        if host in self.dead:
            raise httpcore2.ConnectTimeout("no answer")
        return super().connect_tcp("127.0.0.1", self.port, timeout, local_address, socket_options)


class Names:
    """A resolver whose answers are given, one list for each question; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
