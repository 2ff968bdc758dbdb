"""A webhook over loopback: what is delivered, what is tried again and when, what is given up, what is never shown."""

from __future__ import annotations

import random
import socket
from datetime import UTC, datetime

import pytest

from pipeline.config.settings import Webhook as WebhookSettings
from pipeline.errors import UsageError
from pipeline.telling.messages import Message, UntoldError
from pipeline.telling.webhooks import Webhook
from tests.fakes.faults import hang, http_date, late
from tests.fakes.webhook_receiver import SECRET, WebhookReceiver, refusing
from tests.unit.telling.ended import Waits

MESSAGE = Message(
    event="deck.done",
    id="4f1c1b5e-0000-4000-8000-000000000001",
    occurred=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
    report={"run_id": "é"},
)


@pytest.fixture
def receiver():
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def hook_to(tmp_path, waits):
    """A webhook to a URL, signed with the receiver's key; closed after the test."""
    opened = []

    def make(url, *, timeout_s=5.0, secret=SECRET):
        path = tmp_path / "secret"
        path.write_text(secret)
        settings = WebhookSettings(url=url, secret_file=path, timeout_s=timeout_s)
        opened.append(Webhook(url, settings, waits.timing(), random.Random(1)))
        return opened[-1]

    yield make
    for webhook in opened:
        webhook.close()


def test_a_message_is_delivered_signed(receiver, hook_to):
    hook_to(receiver.url).send(MESSAGE)
    assert receiver.messages == {
        MESSAGE.id: {"type": "deck.done", "timestamp": "2026-11-20T12:00:00.000Z", "data": {"run_id": "é"}}
    }
    (request,) = receiver.requests
    assert request.path == "/hooks/tell?token=hush-token"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("fault", [refusing(500), refusing(429), refusing(503), hang(0), late(0, refusing(502))])
def test_what_may_pass_is_tried_again_with_the_same_id(receiver, hook_to, waits, fault):
    receiver.faults.on_call(1, fault)
    receiver.faults.on_call(2, fault)
    hook_to(receiver.url).send(MESSAGE)
    assert list(receiver.messages) == [MESSAGE.id]
    assert {request.headers["webhook-id"] for request in receiver.requests} == {MESSAGE.id}
    first_s, second_s = waits.slept
    assert 0.5 <= first_s <= 1 <= second_s <= 2


def test_an_answer_that_does_not_come_in_time(receiver, hook_to):
    receiver.faults.on_call(1, hang())
    hook_to(receiver.url, timeout_s=0.1).send(MESSAGE)
    assert list(receiver.messages) == [MESSAGE.id]


def test_four_attempts_are_all(receiver, hook_to, waits):
    receiver.faults.always(refusing(500))
    with pytest.raises(UntoldError, match="it answers 500"):
        hook_to(receiver.url).send(MESSAGE)
    assert len(receiver.requests) == 4
    assert len(waits.slept) == 3


@pytest.mark.parametrize("hint", [lambda: "7", lambda: http_date(7.5)])
def test_retry_after_is_kept(receiver, hook_to, waits, hint):
    receiver.faults.on_call(1, refusing(429, retry_after=hint()))
    hook_to(receiver.url).send(MESSAGE)
    assert waits.slept == [pytest.approx(7, abs=1.5)]


def test_who_wants_to_be_asked_in_an_hour_is_not(receiver, hook_to, waits):
    receiver.faults.on_call(1, refusing(503, retry_after="3600"))
    with pytest.raises(UntoldError, match="it answers 503"):
        hook_to(receiver.url).send(MESSAGE)
    assert waits.slept == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_final(receiver, hook_to, status):
    receiver.faults.always(refusing(status))
    with pytest.raises(UntoldError, match=f"it answers {status}$"):
        hook_to(receiver.url).send(MESSAGE)
    assert len(receiver.requests) == 1


def test_a_wrong_key_is_refused_by_the_receiver(receiver, hook_to):
    with pytest.raises(UntoldError, match="it answers 401"):
        hook_to(receiver.url, secret="whsec_" + "d3Jvbmct" * 4).send(MESSAGE)
    assert receiver.messages == {}


def test_a_redirect_is_not_followed(receiver, hook_to):
    with WebhookReceiver() as other:
        receiver.faults.always(refusing(307, location=other.url))
        with pytest.raises(UntoldError, match="it answers 307, and redirects are not followed"):
            hook_to(receiver.url).send(MESSAGE)
        assert other.requests == ()


def test_gone_is_gone(receiver, hook_to):
    receiver.faults.always(refusing(410))
    webhook = hook_to(receiver.url)
    assert not webhook.is_gone
    with pytest.raises(UntoldError, match="410"):
        webhook.send(MESSAGE)
    assert webhook.is_gone


def test_after_a_loss_one_attempt_is_made_until_one_goes_well(receiver, hook_to, waits):
    webhook = hook_to(receiver.url)
    receiver.faults.always(refusing(500))
    for attempts in (4, 5):
        with pytest.raises(UntoldError):
            webhook.send(MESSAGE)
        assert len(receiver.requests) == attempts
    receiver.faults.clear()
    webhook.send(MESSAGE)
    receiver.faults.on_call(7, refusing(500))
    webhook.send(MESSAGE)
    assert len(receiver.requests) == 8


def test_nobody_there(hook_to, waits):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        port = unused.getsockname()[1]
        with pytest.raises(UntoldError, match="the connection failed") as caught:
            hook_to(f"http://user:hush-password@127.0.0.1:{port}/hush-path?token=hush").send(MESSAGE)
    assert str(caught.value).startswith(f"webhook.url: http://127.0.0.1:{port}: ")
    assert "hush" not in str(caught.value)
    assert "user" not in str(caught.value)
    assert len(waits.slept) == 3


def test_user_and_password_of_the_address_are_sent(receiver, hook_to):
    hook_to(receiver.url.replace("http://", "http://user:word@")).send(MESSAGE)
    assert receiver.requests[0].headers["authorization"] == "Basic dXNlcjp3b3Jk"


def test_unsigned_without_a_key(waits):
    with WebhookReceiver(secret=None) as receiver:
        webhook = Webhook(receiver.url, WebhookSettings(url=receiver.url), waits.timing(), random.Random(1))
        webhook.send(MESSAGE)
        webhook.close()
    assert "webhook-signature" not in receiver.requests[0].headers
    assert receiver.messages[MESSAGE.id]["type"] == "deck.done"


@pytest.mark.parametrize(
    "url",
    [
        "hush",
        "ftp://host/hush",
        "http://",
        "https://[hush",
        "//host/hush",
        "http://host:99999/hush",
        "http://ho st/hush",
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(url, waits):
    with pytest.raises(UsageError, match=r"^webhook\.url: not an http or https address") as caught:
        Webhook(url, WebhookSettings(url=url), waits.timing(), random.Random(1))
    assert "hush" not in str(caught.value)
