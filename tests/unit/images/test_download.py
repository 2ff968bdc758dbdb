"""A picture's address is fetched as carefully as an address from outside deserves."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FailureKind, ServiceError
from pipeline.images import download
from pipeline.images.addresses import Trust
from pipeline.images.connecting import INTERNET, Network, system_addresses
from pipeline.images.download import fetch_picture
from tests.fakes.http_server import FakeService
from tests.fakes.wire import Reply
from tests.unit.images.wire_server import Exchange, Names

PNG = b"\x89PNG\r\n\x1a\n and so on"


class FileServer(FakeService):
    """Gives what is laid down under a path."""

    def __init__(self):
        super().__init__(api_key="sk-unused")
        self.replies: dict[str, Reply] = {"/a.png": Reply(body=PNG)}

    def answer(self, request):
        raise NotImplementedError

    def error_body(self, status, message):
        return {"error": message}

    def file(self, path):
        return self.replies.get(path) or super().file(path)

    def redirect(self, path, location, status=302, headers=None):
        self.replies[path] = Reply(status=status, headers={"location": location} | (headers or {}))


@pytest.fixture
def server():
    with FileServer() as made:
        yield made


@pytest.fixture
def neighbour():
    with FileServer() as made:
        yield made


def fetch(server, url="/a.png", **network):
    url = server.origin + url if url.startswith("/") else url
    given = {"resolve": system_addresses, "backend": INTERNET.backend} | network
    return fetch_picture(url, Trust.of(server.origin), 5.0, Network(**given))


def refused(kind, *args, **network):
    with pytest.raises(ServiceError) as caught:
        fetch(*args, **network)
    assert caught.value.kind is kind
    return str(caught.value)


def refused_reply(server, kind, reply):
    server.replies["/x"] = reply
    return refused(kind, server, "/x")


# --- what is sent ---


def test_the_request_carries_no_key_no_cookie_and_nothing_else_of_the_user(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password sk-secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert fetch(server) == PNG
    (request,) = server.fetches
    assert set(request.headers) == {"host", "accept", "accept-encoding", "user-agent"}
    assert "sk-secret" not in str(request.headers)


def test_a_cookie_that_comes_with_a_redirect_is_not_taken_along(server):
    server.redirect("/start", "/a.png", headers={"set-cookie": "track=1; Path=/"})
    assert fetch(server, "/start") == PNG
    assert [set(request.headers) & {"cookie", "referer"} for request in server.fetches] == [set(), set()]


# --- where it goes ---


def test_plain_http_from_anyone_but_the_configured_server_is_not_fetched(server, neighbour):
    assert "not https" in refused(FailureKind.EMPTY, server, f"{neighbour.origin}/a.png")
    exchange = Exchange(0)
    refused(FailureKind.EMPTY, server, "http://cdn.example/a.png", resolve=Names(["1.1.1.1"]), backend=exchange)
    assert neighbour.fetches == ()
    assert exchange.dialled == []


def test_an_address_from_elsewhere_than_the_services_hosts_is_not_even_looked_up(server):
    names = Names(["1.1.1.1"])
    trust = Trust.of(server.origin, hosts=(".bfl.ai",))
    with pytest.raises(ServiceError, match="hosts this service's files come from"):
        fetch_picture("https://evil.example/a.png", trust, 5.0, Network(resolve=names, backend=Exchange(0)))
    assert names.asked == []


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server, status):
    server.redirect("/start", "a.png", status)
    assert fetch(server, "/start") == PNG


def test_three_redirects_are_followed_and_no_more(server):
    for number in range(4):
        server.redirect(f"/{number}", f"/{number + 1}")
    server.replies["/4"] = Reply(body=PNG)
    assert fetch(server, "/1") == PNG
    before = len(server.fetches)
    assert "3 times" in refused(FailureKind.EMPTY, server, "/0")
    assert len(server.fetches) == before + 4


def test_a_redirect_to_another_server_inside_is_not_followed(server, neighbour):
    for location in (f"{neighbour.origin}/a.png", neighbour.origin.replace("http", "https")):
        server.redirect("/start", location)
        refused(FailureKind.EMPTY, server, "/start")
    assert neighbour.fetches == ()


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://inside.example/a.png",
        "https://2130706433/",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "//127.0.0.1:1/",
        "https://[bad",
        "",
        "\x7f",
    ],
)
def test_every_address_on_the_way_is_checked_anew(server, location):
    server.redirect("/start", "/on")
    server.redirect("/on", location)

    def resolve(host):
        return ["10.0.0.1"] if host == "inside.example" else system_addresses(host)

    refused(FailureKind.EMPTY, server, "/start", resolve=resolve)


def test_a_redirect_must_stay_where_the_services_files_are(server):
    server.redirect("/start", "https://elsewhere.example/a.png")
    trust = Trust.of(server.origin, hosts=(".bfl.ai",))
    names = Names(["127.0.0.1"])
    with pytest.raises(ServiceError, match="hosts this service's files come from"):
        fetch_picture(f"{server.origin}/start", trust, 5.0, Network(resolve=names, backend=INTERNET.backend))
    assert names.asked == ["127.0.0.1"]


def test_a_redirect_to_a_public_host_is_followed_there(server, neighbour):
    server.redirect("/start", "https://cdn.example/a.png")
    server_port = int(server.origin.rpartition(":")[2])
    exchange = Exchange(server_port)
    # The stand-in for the CDN speaks no TLS; that the handshake is tried there is enough.
    refused(FailureKind.TRANSIENT, server, "/start", resolve=Names(["127.0.0.1"], ["1.1.1.1"]), backend=exchange)
    assert exchange.dialled == [("127.0.0.1", server_port), ("1.1.1.1", 443)]


def test_all_redirects_share_one_time(server):
    server.redirect("/start", "/on")
    server.redirect("/on", "/a.png")
    refused(FailureKind.TRANSIENT, server, "/start", now=lambda: 3.0 * len(server.fetches))
    assert len(server.fetches) == 2


# --- what comes back ---


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureKind.EXPIRED_URL),
        (401, FailureKind.EXPIRED_URL),
        (403, FailureKind.EXPIRED_URL),
        (404, FailureKind.EXPIRED_URL),
        (410, FailureKind.EXPIRED_URL),
        (302, FailureKind.TRANSIENT),
        (429, FailureKind.TRANSIENT),
        (500, FailureKind.TRANSIENT),
        (503, FailureKind.TRANSIENT),
    ],
)
def test_an_address_that_does_not_answer_says_whether_to_try_again(server, status, kind):
    assert str(status) in refused_reply(server, kind, Reply(status=status, body=PNG))


@pytest.mark.parametrize("data", [PNG, b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 "])
def test_a_picture_is_told_by_its_bytes_whatever_it_is_called(server, data):
    server.replies["/x"] = Reply(headers={"content-type": "text/html"}, body=data)
    assert fetch(server, "/x") == data


@pytest.mark.parametrize(
    "data", [b"", b"<!doctype html><p>Sign in", b'{"error": "expired"}', b"<svg/>", b"RIFF\0\0\0\0AVI LIST", b"\x89PN"]
)
def test_a_page_in_place_of_a_picture_is_none(server, data):
    message = refused_reply(server, FailureKind.EMPTY, Reply(headers={"content-type": "image/png"}, body=data))
    assert repr(data[:16]) in message


def test_more_bytes_than_any_picture_are_not_read(server, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    server.replies["/x"] = Reply(body=PNG.ljust(100_000))
    assert len(fetch(server, "/x")) == 100_000
    assert "larger" in refused_reply(server, FailureKind.EMPTY, Reply(body=PNG.ljust(100_001)))


def deflated(data, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", deflated)])
def test_a_compressed_body_counts_by_what_it_unfolds_to(server, monkeypatch, coding, pack):
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    server.replies["/x"] = Reply(headers={"content-encoding": coding}, body=pack(PNG.ljust(100_000)))
    assert fetch(server, "/x") == PNG.ljust(100_000)
    bomb = Reply(headers={"content-encoding": coding}, body=pack(PNG.ljust(100_001)))
    assert "larger" in refused_reply(server, FailureKind.EMPTY, bomb)


def test_a_compressed_body_that_never_says_anything_has_an_end_too(server, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    endless_name = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * 200_000
    reply = Reply(headers={"content-encoding": "gzip"}, body=endless_name)
    assert "larger" in refused_reply(server, FailureKind.EMPTY, reply)


def test_what_is_compressed_twice_is_not_unfolded(server):
    reply = Reply(headers={"content-encoding": "gzip, gzip"}, body=gzip.compress(gzip.compress(PNG)))
    assert "more than once" in refused_reply(server, FailureKind.EMPTY, reply)


def test_what_is_not_compressed_as_it_says_is_a_passing_fault(server):
    refused_reply(server, FailureKind.TRANSIENT, Reply(headers={"content-encoding": "gzip"}, body=PNG))


def test_an_answer_that_breaks_off_is_a_passing_fault(server):
    refused_reply(server, FailureKind.TRANSIENT, Reply(body=PNG * 10, reset_after=30))


def test_nobody_listening_is_a_passing_fault():
    with FileServer() as gone:
        pass
    refused(FailureKind.TRANSIENT, gone)


# --- data: ---


@given(st.binary(max_size=200))
def test_a_data_address_holds_the_picture_itself(data):
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    assert fetch_picture(url, Trust.of("https://api.example.com"), 5.0) == data


@pytest.mark.parametrize("size", [30, 31, 32, 33])
def test_a_data_address_may_be_as_large_as_a_file(monkeypatch, size):
    url = f"data:image/png;base64,{base64.b64encode(bytes(size)).decode()}"
    trust = Trust.of("https://api.example.com")
    monkeypatch.setattr(download, "MAX_BYTES", size)
    assert fetch_picture(url, trust, 5.0) == bytes(size)
    monkeypatch.setattr(download, "MAX_BYTES", size - 1)
    with pytest.raises(ServiceError, match="larger"):
        fetch_picture(url, trust, 5.0)


@pytest.mark.parametrize(
    "url",
    ["data:", "data:image/png,abc", "data:image/png;base64,a", "data:image/png;base64,é", "data:image/png;base64,a b"],
)
def test_a_data_address_that_is_not_base64_is_refused(url):
    with pytest.raises(ServiceError) as caught:
        fetch_picture(url, Trust.of("https://api.example.com"), 5.0)
    assert caught.value.kind is FailureKind.EMPTY
