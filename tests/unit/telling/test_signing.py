"""What is signed here is verified by the standard's own library; a key that is none is refused in a line."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from pipeline.errors import FileAccessError, UsageError
from pipeline.telling.signing import Signer, read_signer

OLD, NEW = b"o" * 24, b"n" * 64
BODY = b'{"type":"deck.done"}'


def whsec(key, prefix="whsec_"):
    return prefix + b64encode(key).decode()


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"

    def write(text):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def headers_of(signer):
    seconds = int(datetime.now(UTC).timestamp())
    signature = signer.signature("msg-1", seconds, BODY)
    return {"webhook-id": "msg-1", "webhook-timestamp": str(seconds), "webhook-signature": signature}


def test_the_example_of_the_standards_library():
    # Key, id, time, body and signature of libraries/python/tests in the standard's repository.
    signer = Signer([b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
    made = signer.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_receiver_finds_the_signature_of_its_key(secret_file):
    signer = read_signer(secret_file(f"{whsec(OLD)}\n{whsec(NEW)}\n"))
    for key in (OLD, NEW):
        Webhook(whsec(key)).verify(BODY, headers_of(signer))
    with pytest.raises(WebhookVerificationError):
        Webhook(whsec(b"x" * 24)).verify(BODY, headers_of(signer))


@pytest.mark.parametrize("text", [whsec(OLD), whsec(OLD, ""), f"  {whsec(OLD)}\r\n", whsec(b"p" * 25).rstrip("=")])
def test_a_key_is_read_as_people_write_it(secret_file, text):
    signer = read_signer(secret_file(text))
    Webhook(text.strip()).verify(BODY, headers_of(signer))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty; make one with"),
        (" \n", "the file is empty"),
        ("hush-this-is-no-base64!", "24 to 64 random bytes in base64"),
        (whsec(b"hush" * 5), "24 to 64 random bytes"),
        (whsec(b"h" * 65), "24 to 64 random bytes"),
        (b"\xff\xfehush", "24 to 64 random bytes"),
    ],
)
def test_what_is_no_key_is_refused_and_not_quoted(secret_file, text, words):
    with pytest.raises(UsageError, match=words) as caught:
        read_signer(secret_file(text))
    message = str(caught.value)
    assert message.startswith("webhook.secret_file: ")
    assert "hush" not in message
    assert "\n" not in message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such file; make one with: echo"):
        read_signer(tmp_path / "secret")


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(FileAccessError, match=r"cannot be read \(Is a directory\)"):
        read_signer(tmp_path)


def test_a_signer_shows_no_key():
    assert "ooo" not in f"{Signer([OLD])!r} {Signer([OLD])}"
