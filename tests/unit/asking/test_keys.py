"""A key is tried with the service's free call, and what it found is told without the key."""

from __future__ import annotations

import socket
import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from pipeline.asking.keys import KeyCheck, KeyState, check_key
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.services.entries import Service
from tests.fakes import OpenAIServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.http_server import FakeService
from tests.fakes.stability_server import StabilityServer
from tests.fakes.wire import Reply

TIMING = Timing(now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep)
KEY = "sk-Quokka_Zephyr-0123456789"
ENTRY = {
    "service": "alpha",
    "title": "Alpha",
    "base_url": "https://alpha.example",
    "key": {"variables": ["ALPHA_API_KEY"]},
    "endpoints": {"images": {"type": "image", "protocol": "openai"}},
    "check": {"path": "/credits", "find": "left", "says": "{} credits left"},
}


class Answering(FakeService):
    """Answers every GET with `reply`, or drops the connection where that is None."""

    reply: Reply | None = None

    def answer(self, request):
        raise AssertionError("the free call is a GET")

    def error_body(self, status, message):
        return {"error": {"message": message}}

    def look_up(self, request):
        return self.reply


@pytest.fixture
def alpha():
    with Answering(api_key=KEY) as server:
        yield server


def tried(base_url, key=KEY, entry=None, *, timeout_s=10.0):
    service = Service.model_validate(ENTRY | (entry or {}))
    access = Access(service=service, base_url=base_url, key=SecretStr(key) if key else None)
    return check_key(access, TIMING, timeout_s)


def answered(alpha, content, status=200, entry=None, key=KEY):
    alpha.reply = Reply.of_json(content, status=status)
    return tried(alpha.origin, key, entry)


REAL = [
    (OpenAIServer, {"check": {"path": "/models"}}, ""),
    (
        StabilityServer,
        {"check": {"path": "/v1/user/balance", "find": "credits", "says": "{} credits"}},
        "812.5 credits",
    ),
    (
        GeminiServer,
        {
            "check": {"path": "/v1/models"},
            "key": {"variables": ["GEMINI_API_KEY"], "header": "x-goog-api-key", "value": "{{key}}"},
            "errors": {"message": "error.message", "rules": [{"kind": "auth", "text": "API key not valid"}]},
        },
        "",
    ),
]


@pytest.mark.parametrize(("fake", "entry", "found"), REAL, ids=lambda part: getattr(part, "__name__", ""))
def test_a_services_own_free_call(fake, entry, found):
    with fake() as server:
        assert tried(server.base_url, server.api_key, entry) == KeyCheck(state=KeyState.WORKS, message=found)
        refused = tried(server.base_url, KEY, entry)
        assert refused.state is KeyState.REFUSED
        assert "Quokka" not in refused.message
        assert server.requests == (), "nothing that could cost is asked"


def test_what_is_worth_telling_is_told(alpha):
    assert answered(alpha, {"left": 12.5}) == KeyCheck(state=KeyState.WORKS, message="12.5 credits left")
    assert answered(alpha, {"right": 1}).message == ""
    assert answered(alpha, {"left": f"the key {KEY}"}).message == "the key *** credits left"
    assert alpha.fetches[0].headers["authorization"] == f"Bearer {KEY}"
    assert [fetch.path for fetch in alpha.fetches] == ["/credits"] * 3


@pytest.mark.parametrize(
    ("status", "state"),
    [(401, "refused"), (402, "no_credit"), (500, "unreachable"), (429, "unknown"), (404, "unknown"), (302, "unknown")],
)
def test_what_the_status_means_and_no_message_holds_the_key(alpha, status, state):
    quoted = f"not {KEY} nor {b64encode(f':{KEY}'.encode()).decode()} nor\nanything"
    found = answered(alpha, {"error": {"message": quoted}}, status)
    assert found.state == KeyState(state)
    assert str(status) in found.message
    assert "Quokka" not in found.message
    assert b64encode(KEY.encode()).decode()[4:20] not in found.message
    assert "\n" not in found.message
    assert len(alpha.fetches) == 1, "nothing is tried again, no redirect followed"


def test_the_headers_of_every_call_are_sent_here_too(alpha):
    entry = {
        "headers": {"anthropic-version": "2026-10-21"},
        "key": {"variables": ["ALPHA_API_KEY"], "header": "x-key", "value": "Key {{key}}"},
    }
    assert answered(alpha, {}, entry=entry).state is KeyState.WORKS
    headers = alpha.fetches[0].headers
    assert (headers["anthropic-version"], headers["x-key"]) == ("2026-10-21", f"Key {KEY}")
    assert "authorization" not in headers


def test_a_status_inside_the_answer_counts(alpha):
    errors = {"status": "code", "message": "msg", "rules": [{"kind": "billing", "status": [402]}]}
    found = answered(alpha, {"code": 402, "msg": "top up"}, entry={"errors": errors})
    assert found.state is KeyState.NO_CREDIT
    assert "top up" in found.message


def test_a_page_is_no_sign_that_a_key_works(alpha):
    alpha.reply = Reply(status=200, headers={"content-type": "text/html"}, body=b"<html>hello</html>")
    found = tried(alpha.origin)
    assert found.state is KeyState.UNKNOWN
    assert "ALPHA_BASE_URL" in found.message


def test_a_redirect_does_not_get_the_key(alpha):
    with Answering(api_key=KEY) as other:
        alpha.reply = Reply(status=307, headers={"location": f"{other.origin}/credits"}, body=b"")
        found = tried(alpha.origin)
        assert found.state is KeyState.UNKNOWN
        assert found.message == "Alpha: its address leads elsewhere (307); check ALPHA_BASE_URL"
        assert other.fetches == ()


def test_nobody_there():
    with socket.socket() as taken:  # bound and not listening: nobody else can answer there
        taken.bind(("127.0.0.1", 0))
        found = tried(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert found.state is KeyState.UNREACHABLE
    assert found.message.startswith("Alpha: ")


def test_a_server_that_hangs_up_or_says_nothing(alpha):
    assert tried(alpha.origin).state is KeyState.UNREACHABLE
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = tried(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2)
    assert found.state is KeyState.UNREACHABLE


@pytest.mark.parametrize(
    ("entry", "base_url", "key", "message"),
    [
        ({}, "https://alpha.example", None, "set ALPHA_API_KEY"),
        ({}, None, None, "set ALPHA_BASE_URL and ALPHA_API_KEY"),
        ({"check": None}, "https://alpha.example", KEY, "Alpha has no free call that tries a key"),
    ],
)
def test_what_cannot_be_tried(entry, base_url, key, message):
    assert tried(base_url, key, entry) == KeyCheck(state=KeyState.UNKNOWN, message=message)


def test_a_server_of_ones_own_may_need_no_key(alpha):
    entry = {"key": {"variables": ["ALPHA_API_KEY"], "is_optional": True}}
    assert answered(alpha, {"left": 1}, entry=entry, key=None).state is KeyState.WORKS
    assert "authorization" not in alpha.fetches[0].headers


def test_the_check_may_have_an_address_of_its_own_and_a_persons_stands_for_both(alpha):
    elsewhere = {"check": {"path": "/me", "base_url": alpha.origin}, "base_url": "http://127.0.0.1:9/v1/"}
    alpha.reply = Reply.of_json({})
    assert tried("http://127.0.0.1:9/v1", entry=elsewhere).state is KeyState.WORKS
    with Answering(api_key=KEY) as own:
        own.reply = Reply.of_json({})
        assert tried(own.origin, entry=elsewhere).state is KeyState.WORKS
        assert (len(own.fetches), len(alpha.fetches)) == (1, 1)
