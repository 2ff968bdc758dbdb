"""The connection goes where the check went, as the name it was asked for, and ends when its time is up."""

from __future__ import annotations

import socket

import httpcore2
import pytest

from pipeline.asking.tls import tls_context
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.connecting import Network, countdown, system_addresses
from pipeline.images.download import fetch_picture
from tests.unit.images.wire_server import CERTIFICATE, NAME, Exchange, Names, WireServer, answer

PNG = b"\x89PNG\r\n\x1a\n and so on"
URL = f"https://{NAME}/a.png?sig=secret"
PUBLIC, OTHER_PUBLIC, PUBLIC_V6 = "93.184.216.34", "1.1.1.1", "2606:4700::1111"
CLOUD = Trust.of("https://api.example.com/v1")


@pytest.fixture(autouse=True)
def _own_authority(monkeypatch):
    """The certificate of pictures.example is trusted here, in the way a user would say so."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.fixture
def cdn():
    with WireServer([answer(PNG)], has_tls=True) as server:
        yield server


def fetch(names, exchange, url=URL, trust=CLOUD, timeout_s=5.0):
    return fetch_picture(url, trust, timeout_s, Network(resolve=names, backend=exchange))


def failed(kind, *args, **options):
    with pytest.raises(ServiceError) as caught:
        fetch(*args, **options)
    assert caught.value.kind is kind
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_the_connection_goes_to_the_checked_address_and_remains_the_names(cdn):
    names, exchange = Names([PUBLIC]), Exchange(cdn.port)
    assert fetch(names, exchange) == PNG
    assert exchange.dialled == [(PUBLIC, 443)]
    assert cdn.names == [NAME]
    (head,) = cdn.heads
    assert head.startswith(b"GET /a.png?sig=secret HTTP/1.1\r\n")
    assert f"\r\nhost: {NAME}\r\n".encode() in head.lower()


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(cdn):
    names, exchange = Names([PUBLIC], ["127.0.0.1"]), Exchange(cdn.port)
    assert fetch(names, exchange) == PNG
    assert exchange.dialled == [(PUBLIC, 443)]
    assert names.asked == [NAME]


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1%eth0"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        [PUBLIC, "192.168.0.1"],
        ["192.168.0.1", PUBLIC],
        [PUBLIC_V6, PUBLIC, "fd00::1"],
    ],
)
def test_a_name_with_any_address_inside_is_not_connected_to(cdn, found):
    exchange = Exchange(cdn.port)
    assert "public internet" in failed(FailureKind.EMPTY, Names(found), exchange)
    assert exchange.dialled == []


def test_a_certificate_of_another_name_is_not_accepted(cdn):
    failed(FailureKind.TRANSIENT, Names([PUBLIC]), Exchange(cdn.port), url="https://other.example/a.png")
    assert cdn.heads == []


def test_an_ip_address_is_no_certificates_name(cdn):
    failed(FailureKind.TRANSIENT, Names([PUBLIC]), Exchange(cdn.port), url=f"https://{PUBLIC}/a.png")
    assert cdn.heads == []


def test_a_certificate_nobody_vouches_for_is_not_accepted(cdn, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    tls_context.cache_clear()
    failed(FailureKind.TRANSIENT, Names([PUBLIC]), Exchange(cdn.port))
    assert cdn.heads == []


def test_where_one_address_does_not_answer_the_next_is_tried_and_none_takes_all_the_time(cdn):
    exchange = Exchange(cdn.port, dead=(PUBLIC_V6, OTHER_PUBLIC))
    assert fetch(Names([PUBLIC_V6, OTHER_PUBLIC, PUBLIC]), exchange, timeout_s=30) == PNG
    assert [ip for ip, _ in exchange.dialled] == [PUBLIC_V6, OTHER_PUBLIC, PUBLIC]
    assert exchange.timeouts_s == pytest.approx([10, 15, 30], abs=3)


def test_where_no_address_answers_another_try_may_help(cdn):
    exchange = Exchange(cdn.port, dead=(PUBLIC, OTHER_PUBLIC))
    failed(FailureKind.TRANSIENT, Names([PUBLIC, OTHER_PUBLIC]), exchange)
    assert len(exchange.dialled) == 2


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), socket.gaierror(-3, "again"), OSError(), None])
def test_a_name_that_cannot_be_resolved_is_a_passing_fault(cdn, error):
    def resolve(_):
        if error:
            raise error
        return []

    assert NAME in failed(FailureKind.TRANSIENT, resolve, Exchange(cdn.port))


def test_the_users_own_server_may_be_anywhere_but_only_on_its_port(cdn):
    trust = Trust.of(f"https://{NAME}:{cdn.port}/v1")
    exchange = Exchange(cdn.port)
    assert fetch(Names(["192.168.0.9"]), exchange, url=f"https://{NAME}:{cdn.port}/a.png", trust=trust) == PNG
    assert exchange.dialled == [("192.168.0.9", cdn.port)]
    assert f"\r\nhost: {NAME}:{cdn.port}\r\n".encode() in cdn.heads[0].lower()
    failed(FailureKind.EMPTY, Names(["192.168.0.9"]), exchange, url=f"https://{NAME}/a.png", trust=trust)
    assert len(exchange.dialled) == 1


def test_the_proxies_of_the_environment_are_not_asked(cdn, monkeypatch):
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        monkeypatch.setenv(variable.lower(), "http://127.0.0.1:9")
    exchange = Exchange(cdn.port)
    assert fetch(Names([PUBLIC]), exchange) == PNG
    assert exchange.dialled == [(PUBLIC, 443)]


# --- time ---

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"


DRIPPING_HEAD = [HEAD, *[b"X-Filler: 1\r\n"] * 1000]
DRIPPING_BODY = [HEAD + b"\r\n" + PNG, *[b"x"] * 1000]


@pytest.mark.parametrize(
    ("scheme", "found", "pieces"),
    [
        ("http", [PUBLIC], DRIPPING_HEAD),
        ("http", [PUBLIC], DRIPPING_BODY),
        ("https", [PUBLIC], DRIPPING_HEAD),
        ("https", [PUBLIC_V6, PUBLIC], DRIPPING_BODY),
    ],
    ids=["headers", "body", "headers over TLS", "body over TLS from the first of two"],
)
def test_a_server_that_drips_does_not_drip_for_ever(scheme, found, pieces):
    with WireServer(pieces, pause_s=0.01, has_tls=scheme == "https") as server:
        trust, url = Trust.of(f"{scheme}://{NAME}"), f"{scheme}://{NAME}/a.png"
        message = failed(FailureKind.TRANSIENT, Names(found), Exchange(server.port), url, trust, timeout_s=0.3)
    assert "within" in message


def test_a_countdown_is_over_when_its_time_is_up():
    now_s = [100.0]
    left_s = countdown(5.0, lambda: now_s[0])
    now_s[0] = 103.0
    assert left_s() == 2.0
    now_s[0] = 105.0
    with pytest.raises(httpcore2.ReadTimeout):
        left_s()


def test_the_system_resolves_an_address_to_itself_and_loopback_to_loopback():
    assert system_addresses("192.0.2.7") == ["192.0.2.7"]
    assert set(system_addresses("localhost")) <= {"127.0.0.1", "::1"}
