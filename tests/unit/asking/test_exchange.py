"""One call on the wire: what is sent, that it ends in time and in size, and that nothing of the key comes back."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.asking import exchange
from pipeline.asking.timing import Timing
from pipeline.errors import FailureKind, ServiceError
from tests.fakes.faults import hang, reset_in_mid_body
from tests.fakes.wire import Reply
from tests.unit.images.http.invented import IMAGE, KEY, PICTURE, PROMPT, InventedServer, entry, provider, refusal
from tests.unit.images.test_offline import REQUEST
from tests.unit.images.wire_server import WireServer

BYTES = {"result": {"bytes": True, "image": None}}
REAL = Timing(now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep)


def failed(server, service=None, timeout_s=10.0, **more):
    drawing = provider(server, service, **more)
    with pytest.raises(ServiceError) as caught:
        drawing.generate(REQUEST, timeout_s)
    drawing.close()
    assert KEY not in str(caught.value)
    return caught.value


def drawn(server, service=None, **more):
    drawing = provider(server, service, **more)
    image = drawing.generate(REQUEST, 10.0)
    drawing.close()
    return image


def test_json_goes_out_as_the_template_says_with_the_key_in_its_header():
    service = entry(
        BYTES | {"submit": {"query": {"n": "1", "seed": "{{seed}}"}, "headers": {"Accept": "image/png"}}},
        model={"route": "owner/painter:v2"},
        headers={"User-Agent": "Mozilla/5.0", "X-Key": "{{key}}"},
    )
    with InventedServer(IMAGE) as server:
        assert drawn(server, service).data == PICTURE
    (request,) = server.requests
    assert request.path == "/draw/owner/painter:v2?n=1"
    assert request.body == {"text": PROMPT, "options": {"shape": "16:9"}}
    sent = {name: request.headers[name] for name in ("authorization", "accept", "user-agent", "x-key", "content-type")}
    assert sent == {
        "authorization": f"Bearer {KEY}",
        "accept": "image/png",
        "user-agent": "Mozilla/5.0",
        "x-key": KEY,
        "content-type": "application/json",
    }


def test_a_form_says_every_value_as_text():
    service = entry(
        BYTES | {"submit": {"encoding": "form"}, "request": {"n": 1, "raw": False, "p": "{{prompt}}", "s": "{{seed}}"}}
    )
    with InventedServer(IMAGE) as server:
        drawn(server, service)
    assert server.requests[0].body == {
        "n": "1",
        "raw": "false",
        "p": PROMPT,
        "text": PROMPT,
        "options": '{"shape": "16:9"}',
    }
    assert server.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")


def test_half_a_letter_in_a_prompt_is_no_bug():
    for encoding in ("json", "form"):
        with InventedServer(IMAGE) as server:
            drawing = provider(server, entry(BYTES | {"submit": {"encoding": encoding}}))
            assert drawing.generate(replace(REQUEST, prompt="a \ud83d cat"), 10.0).data == PICTURE
            drawing.close()


def test_a_server_of_ones_own_is_asked_without_a_key():
    service = entry(BYTES, key={"variables": ["INVENTED_API_KEY"], "is_optional": True})
    with InventedServer(IMAGE) as server:
        drawn(server, service, key=None)
    assert "authorization" not in server.requests[0].headers


def test_a_service_that_hangs_is_left_in_time():
    with InventedServer(IMAGE) as server:
        server.faults.always(hang())
        began_s = time.monotonic()
        error = failed(server, timeout_s=0.3, timing=REAL)
        assert time.monotonic() - began_s < 3
    assert error.kind is FailureKind.TRANSIENT
    assert "Invented: no answer within 0 s" in str(error)


def test_an_answer_that_drips_ends_with_the_whole_not_with_each_byte():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with WireServer([head] + [b" "] * 1000, pause_s=0.05) as server:
        server.origin = f"http://127.0.0.1:{server.port}"
        began_s = time.monotonic()
        error = failed(server, timeout_s=0.4, timing=REAL)
        assert time.monotonic() - began_s < 3
    assert error.kind is FailureKind.TRANSIENT


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(exchange, "MAX_ANSWER_BYTES", 1 << 20)
    with InventedServer(Reply(headers={"content-type": "image/png"}, body=PICTURE + b"x" * (2 << 20))) as server:
        error = failed(server, entry(BYTES))
    assert (error.kind, str(error)) == (FailureKind.EMPTY, "Invented: the answer is larger than 1 MiB")


def test_an_answer_that_is_compressed_twice_is_not_unpacked():
    headers = {"content-encoding": "gzip, gzip", "content-type": "image/png"}
    with InventedServer(Reply(headers=headers, body=gzip.compress(gzip.compress(PICTURE)))) as server:
        assert failed(server, entry(BYTES)).kind is FailureKind.EMPTY


def test_a_connection_that_breaks_is_transient():
    with InventedServer({"picture": "x" * 10_000}) as server:
        server.faults.always(reset_in_mid_body)
        assert failed(server).kind is FailureKind.TRANSIENT
    with InventedServer(IMAGE) as gone:
        pass
    assert failed(gone).kind is FailureKind.TRANSIENT


def test_a_redirect_is_not_followed_with_the_key():
    with InventedServer(Reply(status=302, headers={"location": "/elsewhere"})) as server:
        assert failed(server).kind is FailureKind.BAD_PARAMETER
    assert server.fetches == ()


@pytest.mark.parametrize(
    "body",
    [
        b"<html><h1>Welcome</h1></html>",
        b"[1, 2, 3]",
        b'"text"',
        b"7",
        b"null",
        b"",
        b"\xff\xfe",
        b"[" * 50000,
        b"9" * 10000,
        b"{" * 10000000,
        b'{"picture": {"url": 7}}',
        b'{"picture": [[], [[null]]]}',
        b'{"picture": "%%%"}',
        b'{"picture": "\\ud800"}',
        b'{"picture": "https://[::1"}',
        b'{"picture": "http://\\ud800.example/"}',
    ],
    ids=lambda body: body[:30],
)
def test_a_200_of_any_other_kind_is_empty(body):
    with InventedServer(Reply(headers={"content-type": "application/json"}, body=body)) as server:
        assert failed(server).kind is FailureKind.EMPTY


def test_a_key_quoted_back_never_gets_out():
    with InventedServer(refusal(401, f"Bad key {KEY}")) as server:
        assert "***" in str(failed(server))


def test_a_key_in_an_address_that_is_quoted_back_never_gets_out_either():
    key = "a/b+c=d e-0123456789"
    service = entry({"submit": {"path": "/draw/{{key}}", "query": {"token": "{{key}}"}}})

    class Echo(InventedServer):
        def answer(self, request):
            return refusal(400, f"cannot read {request.path}")

    with Echo() as server:
        error = failed(server, service, key=key)
    (request,) = server.requests
    assert "0123456789" in request.path
    assert "0123456789" not in str(error)


# --- what may be charged although nothing came ---


@pytest.mark.parametrize(
    "fault", [hang(), reset_in_mid_body, lambda _: None], ids=["no answer in time", "half an answer", "no answer"]
)
def test_an_order_whose_answer_was_lost_may_be_charged(fault):
    with InventedServer({"picture": "x" * 10_000}) as server:
        server.faults.always(fault)
        error = failed(server, timeout_s=0.3, timing=REAL)
    assert (error.kind, error.may_be_charged) == (FailureKind.TRANSIENT, True)


def test_an_order_whose_answer_was_still_coming_when_time_was_up_may_be_charged():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with WireServer([head] + [b" "] * 1000, pause_s=0.05) as server:
        server.origin = f"http://127.0.0.1:{server.port}"
        assert failed(server, timeout_s=0.2, timing=REAL).may_be_charged


@pytest.mark.parametrize("status", [400, 401, 402, 404, 429, 500, 503])
def test_what_was_refused_is_not_charged(status):
    with InventedServer(refusal(status, "no")) as server:
        assert not failed(server).may_be_charged


def test_what_never_reached_the_service_is_not_charged():
    with InventedServer(IMAGE) as gone:
        pass
    assert not failed(gone).may_be_charged
    with WireServer([], has_tls=True) as server:  # whose certificate nobody has signed
        server.origin = f"https://127.0.0.1:{server.port}"
        error = failed(server)
    assert "certificate" in str(error).lower()
    assert not error.may_be_charged


def test_time_that_is_up_before_anything_was_sent_costs_nothing():
    with InventedServer(IMAGE) as server:
        assert not failed(server, timeout_s=0.0).may_be_charged
    assert server.requests == ()


@pytest.mark.parametrize(
    ("body", "may_be_charged"),
    [(b'{"picture": "AAA', True), (b"", True), (b"<html>", True), (b'{"picture": "%%%"}', True), (b"{}", False)],
)
def test_an_answer_that_cannot_be_read_may_be_charged_and_one_that_just_holds_no_picture_not(body, may_be_charged):
    with InventedServer(Reply(headers={"content-type": "application/json"}, body=body)) as server:
        error = failed(server, entry(model={"price": None}))
    assert (error.kind, error.may_be_charged) == (FailureKind.EMPTY, may_be_charged)


def test_an_answer_beyond_all_bounds_may_be_charged(monkeypatch):
    monkeypatch.setattr(exchange, "MAX_ANSWER_BYTES", 1 << 20)
    with InventedServer(Reply(headers={"content-type": "image/png"}, body=PICTURE + b"x" * (2 << 20))) as server:
        assert failed(server, entry(BYTES)).may_be_charged
