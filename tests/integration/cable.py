"""The network between the program and a service, which a test can cut and mend: a relay on one port of loopback."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

_CHUNK_BYTES = 1 << 16


class Cable:
    """Whoever connects to `port` talks to the service at `origin`, until it is cut; cutting resets every connection.

    While it is cut, connections to `port` are refused.
    """

    def __init__(self, origin: str) -> None:
        address = urlsplit(origin)
        self._to = (str(address.hostname), int(address.port or 0))
        self.port = 0
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Cable:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        for thread in self._threads:
            thread.join()

    def mend(self) -> None:
        """Listen, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._begin(self._accept, self._listener)

    def cut(self) -> None:
        """Refuse whoever comes, and end every connection there is."""
        listener, self._listener = self._listener, None
        for end in (listener, *self._ends):
            if end is not None:
                with suppress(OSError):  # its other end is gone already
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was cut
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._to)
                self._ends += [near, far]
                self._begin(self._carry, near, far)
                self._begin(self._carry, far, near)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(_CHUNK_BYTES):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)

    def _begin(self, work, *ends: socket.socket) -> None:
        thread = threading.Thread(target=work, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()
