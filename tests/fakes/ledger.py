"""What a server really delivered: for every POST, whether its answer was written whole and whether the client read it.

A test that wants it sets `server.ledger = Ledger()` before the first request and asks `server.ledger.settled()` when
the clients are done. Sums of pictures are made while answering, so a benchmark goes without.

How reading is known: a client that asks again on the connection, or closes it in order (FIN), has read everything; one
that closes it, or is killed, with bytes unread sends a reset (Linux, tcp_close). A client that read the last byte and
was killed before it did anything with it counts as having read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from dataclasses import dataclass, replace

from tests.fakes.wire import Reply, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The answer to one POST.

    `number` and `path` are the request's. `status` is None where the connection was dropped without a word (or the
    answer is not sent yet). `label` is the reply's: the fault of a `Randomly` script, "" without one. `images`:
    SHA-256, in hex, of every picture in the answer, whatever that picture is worth. `is_written`: the whole body was
    given to a connection whose client was still there. `is_read`: whether the client took all of it; None while nobody
    can know.
    """

    number: int
    path: str
    status: int | None = None
    label: str = ""
    images: tuple[str, ...] = ()
    is_written: bool = False
    is_read: bool | None = None


class Ledger:
    """The deliveries of one server, one for each POST. Safe for threads."""

    def __init__(self) -> None:
        self._deliveries: dict[int, Delivery] = {}
        self._changed = threading.Condition()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """As known now, in the order of the requests."""
        with self._changed:
            return tuple(self._deliveries[number] for number in sorted(self._deliveries))

    def settled(self, timeout_s: float = 5.0) -> tuple[Delivery, ...]:
        """The deliveries once every `is_read` is known. The clients must have closed or ended. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(self._is_settled, timeout_s):
                raise TimeoutError("a client still holds a connection whose last answer it may not have read")
            return self.deliveries

    def open(self, request: Request) -> None:
        """A POST has come; nothing is delivered yet."""
        self._set(Delivery(number=request.number, path=request.path))

    def written(self, number: int, reply: Reply | None, *, is_whole: bool) -> None:
        """The answer was sent, as far as it was; None where there was none."""
        delivery = self._deliveries[number]
        if reply is not None:
            delivery = replace(delivery, status=reply.status, label=reply.label, images=pictures_in(reply))
        self._set(replace(delivery, is_written=is_whole, is_read=None if is_whole else False))

    def read(self, number: int, *, is_read: bool) -> None:
        """What became of the answer. What was not written whole stays unread."""
        if self._deliveries[number].is_read is None:
            self._set(replace(self._deliveries[number], is_read=is_read))

    def _set(self, delivery: Delivery) -> None:
        with self._changed:
            self._deliveries[delivery.number] = delivery
            self._changed.notify_all()

    def _is_settled(self) -> bool:
        return all(delivery.is_read is not None for delivery in self._deliveries.values())


def pictures_in(reply: Reply) -> tuple[str, ...]:
    """SHA-256 of each picture of an answer: a body that is one, or what lies in `data[].b64_json`."""
    kind = reply.headers.get("content-type", "")
    if kind.startswith("image/"):
        return (digest(reply.body),)
    if not kind.startswith("application/json"):
        return ()
    try:
        content = json.loads(reply.body)
    except ValueError:
        return ()
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, list):
        return ()
    return tuple(digest(base64.b64decode(item["b64_json"])) for item in data if item.get("b64_json"))


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def has_left(connection: socket.socket) -> bool:
    """Whether the client has closed its side, in order or not."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def is_broken(connection: socket.socket) -> bool:
    """Whether the client has answered what was sent last with a reset."""
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
