"""What a server says it delivered, to the real SDK and to clients that are killed: what torture may rely on."""

from __future__ import annotations

import hashlib
import json
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

from tests.fakes import OpenAIServer
from tests.fakes.answers import Draw, bytes_of
from tests.fakes.faults import Fault, hang, late, reset_in_mid_body
from tests.fakes.ledger import Delivery, Ledger
from tests.fakes.random_faults import Randomly
from tests.fakes.wire import Exchange, Reply


@pytest.fixture
def kept(painter: OpenAIServer) -> OpenAIServer:
    """The painter with a ledger."""
    painter.ledger = Ledger()
    return painter


@pytest.fixture
def on_own_connection(kept: OpenAIServer, http: httpx2.Client) -> Callable[..., tuple[Delivery, ...]]:
    """Draw once through the real SDK, hang up, let `then` happen, and give the deliveries."""

    def call(then: Callable[[], None] | None = None, **changes: Any) -> tuple[Delivery, ...]:
        client = openai.OpenAI(base_url=kept.base_url, api_key=kept.api_key, max_retries=0, http_client=http)
        try:
            client.images.generate(**({"prompt": "Sea", "model": "gpt-image-2.6-flare"} | changes))
        except openai.APIConnectionError:
            pass
        finally:
            http.close()
        if then is not None:
            then()
        assert kept.ledger is not None
        return kept.ledger.settled()

    return call


def behind(gate: threading.Event) -> Fault:
    """The answer once the gate is open."""

    def strike(exchange: Exchange) -> Reply:
        assert gate.wait(5)
        return exchange.answer()

    return strike


def test_a_picture_that_arrived_is_in_the_ledger_with_its_sum(kept: OpenAIServer, draw: Draw) -> None:
    assert kept.ledger is not None
    kept.faults.on_call(1, Randomly(1, {"slow": (1, late(0.001))}))
    first = bytes_of(draw("Sea"))
    assert kept.ledger.deliveries[0].is_read is None  # written; whether it was read is not known yet
    draw("Sky")
    delivery = kept.ledger.deliveries[0]
    assert delivery == Delivery(
        number=1,
        path="/v1/images/generations",
        status=200,
        label="slow",
        images=(hashlib.sha256(first).hexdigest(),),
        is_written=True,
        is_read=True,
    )


def test_a_connection_closed_in_order_has_read_its_answer(
    on_own_connection: Callable[..., tuple[Delivery, ...]],
) -> None:
    (delivery,) = on_own_connection()
    assert (delivery.status, delivery.is_written, delivery.is_read) == (200, True, True)


def test_a_reset_answer_was_not_delivered(
    kept: OpenAIServer, on_own_connection: Callable[..., tuple[Delivery, ...]]
) -> None:
    kept.faults.always(reset_in_mid_body)
    (delivery,) = on_own_connection()
    assert (delivery.status, delivery.is_written, delivery.is_read) == (200, False, False)


def test_a_client_that_gave_up_waiting_was_delivered_nothing(
    kept: OpenAIServer, on_own_connection: Callable[..., tuple[Delivery, ...]]
) -> None:
    gate = threading.Event()
    kept.faults.always(behind(gate))
    (delivery,) = on_own_connection(gate.set, timeout=0.1)
    assert (delivery.status, delivery.is_written, delivery.is_read) == (200, False, False)


def test_a_dropped_connection_has_no_status(
    kept: OpenAIServer, on_own_connection: Callable[..., tuple[Delivery, ...]]
) -> None:
    kept.faults.always(hang(0.0))
    (delivery,) = on_own_connection()
    assert (delivery.status, delivery.is_read) == (None, False)


def post(server: OpenAIServer, *, share: float = 1.0) -> bytes:
    """The bytes of a good request for a picture, or the first part of them."""
    body = json.dumps({"prompt": "Sea", "model": "gpt-image-2.6-flare"}).encode()
    head = f"POST /v1/images/generations HTTP/1.1\r\nauthorization: Bearer {server.api_key}\r\n"
    whole = head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body
    return whole[: int(len(whole) * share)]


def connected(server: OpenAIServer) -> socket.socket:
    host, port = server.origin.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), 5)


def test_an_answer_that_was_written_and_never_taken_counts_as_unread(kept: OpenAIServer) -> None:
    assert kept.ledger is not None
    with connected(kept) as connection:
        connection.sendall(post(kept))
        select.select([connection], [], [], 5)
        while not kept.ledger.deliveries[0].is_written:
            select.select([], [], [], 0.001)
    (delivery,) = kept.ledger.settled()
    assert (delivery.is_written, delivery.is_read) == (True, False)


def test_a_request_that_came_in_half_is_no_request(kept: OpenAIServer, draw: Draw) -> None:
    with connected(kept) as connection:
        connection.sendall(post(kept, share=0.9))
    draw()
    assert [request.body["prompt"] for request in kept.requests] == ["A quiet harbour"]


def test_the_server_outlives_a_client_that_is_killed_and_answers_the_next(kept: OpenAIServer, draw: Draw) -> None:
    gate = threading.Event()
    kept.faults.on_call(1, behind(gate))
    port = kept.origin.rpartition(":")[2]
    source = f"import socket; c = socket.create_connection(('127.0.0.1', {port})); c.sendall({post(kept)!r}); c.recv(1)"
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", source]) as client:
        while not kept.requests:
            select.select([], [], [], 0.001)
        client.send_signal(signal.SIGKILL)
    gate.set()
    assert draw().data
    draw()
    assert kept.ledger is not None
    while kept.ledger.deliveries[0].is_read is None:
        select.select([], [], [], 0.001)
    first, second, _ = kept.ledger.deliveries
    assert (first.status, first.is_written, first.is_read) == (200, False, False)
    assert (second.is_written, second.is_read) == (True, True)
