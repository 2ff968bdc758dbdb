"""A picture's address is fetched as carefully as an address from outside deserves."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FailureKind, ServiceError
from pipeline.images import download
from pipeline.images.download import fetch_picture

HOST = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        status = int(self.path.strip("/").split("/")[0] or 200)
        body = b"x" * self.server.size
        self.send_response(status)
        self.send_header("Location", "/200/redirected")
        self.send_header("Content-Length", str(len(body) + self.server.missing))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The test's output stays clean."""


@pytest.fixture
def server():
    with ThreadingHTTPServer((HOST, 0), _Handler) as made:
        made.seen, made.size, made.missing = [], 1000, 0
        made.url = f"http://{HOST}:{made.server_port}"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def fetch(url, trusted_host=HOST):
    return fetch_picture(url, trusted_host=trusted_host, timeout_s=5)


def refused(url, kind, **options):
    with pytest.raises(ServiceError) as caught:
        fetch(url, **options)
    assert caught.value.kind is kind
    return str(caught.value)


def test_the_configured_server_may_give_a_plain_http_address(server):
    assert fetch(f"{server.url}/200/a.png") == b"x" * 1000


def test_no_key_and_no_cookie_goes_along(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    fetch(f"{server.url}/200/a.png")
    ((_, headers),) = server.seen
    assert not {"authorization", "cookie", "x-api-key"} & {name.lower() for name in headers}
    assert "sk-secret" not in str(headers)


def test_plain_http_from_anyone_else_is_not_fetched(server):
    assert "not https" in refused(f"{server.url}/200/a.png", FailureKind.EMPTY, trusted_host="api.example.org")
    assert server.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    refused(f"{server.url}/{status}/a.png", FailureKind.TRANSIENT)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, FailureKind.EXPIRED_URL),
        (404, FailureKind.EXPIRED_URL),
        (410, FailureKind.EXPIRED_URL),
        (429, FailureKind.TRANSIENT),
        (500, FailureKind.TRANSIENT),
        (503, FailureKind.TRANSIENT),
    ],
)
def test_an_address_that_does_not_answer_says_whether_to_try_again(server, status, kind):
    assert str(status) in refused(f"{server.url}/{status}/a.png", kind)


def test_more_bytes_than_any_picture_are_not_read(server, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    server.size = 100_000
    assert len(fetch(f"{server.url}/200/a.png")) == 100_000
    server.size = 100_001
    refused(f"{server.url}/200/a.png", FailureKind.EMPTY)


def test_an_answer_that_breaks_off_is_a_passing_fault(server):
    server.missing = 10
    refused(f"{server.url}/200/a.png", FailureKind.TRANSIENT)


def test_nobody_listening_is_a_passing_fault(server):
    port = server.server_port
    server.server_close()
    refused(f"http://{HOST}:{port}/a.png", FailureKind.TRANSIENT)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "//example.org/a.png",
        "ftp://example.org/a.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[bad",
        "https://\x00/",
        f"https://{'a' * 300}/",
        "http://127.0.0.1.example.org/a.png",
        "http://127.0.0.1@example.org/a.png",
    ],
)
def test_an_address_this_program_would_not_fetch_is_refused(url):
    refused(url, FailureKind.EMPTY)


@given(st.binary(max_size=200))
def test_a_data_address_holds_the_picture_itself(data):
    assert fetch(f"data:image/png;base64,{base64.b64encode(data).decode()}") == data


@pytest.mark.parametrize(
    "url",
    ["data:", "data:image/png,abc", "data:image/png;base64,a", "data:image/png;base64,é", "data:image/png;base64,a b"],
)
def test_a_data_address_that_is_not_base64_is_refused(url):
    refused(url, FailureKind.EMPTY)


@given(st.text(max_size=40))
def test_no_text_in_place_of_an_address_gets_past_the_checks(text):
    refused(text, FailureKind.EMPTY)
