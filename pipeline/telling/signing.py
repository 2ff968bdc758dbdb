"""The signature of a webhook's message, by Standard Webhooks 1.0.0: HMAC-SHA256 with a key both sides have."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import FileAccessError, UsageError

_KEY = "webhook.secret_file"
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)  # what the standard allows
_HOW_TO = 'make one with: echo "whsec_$(openssl rand -base64 32)"'


class Signer:
    """Signs with each of its keys, so that a receiver can go from an old one to a new one. Neither is ever shown."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def signature(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """The header `webhook-signature`, one signature for each key; `timestamp_s` is the attempt's, from 1970.

        (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature scheme".)
        """
        content = f"{message_id}.{timestamp_s}.".encode() + body
        digests = (hmac.digest(key, content, "sha256") for key in self._keys)
        return " ".join(f"v1,{b64encode(digest).decode('ascii')}" for digest in digests)


def read_signer(path: Path) -> Signer:
    """The keys in the file at `path`, one a line: 24 to 64 random bytes in base64, with or without `whsec_`.

    Raises UsageError for a file that is missing or holds no such key, FileAccessError for one that cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split()
    except FileNotFoundError as error:
        raise UsageError(f"{_KEY}: {path}: no such file; {_HOW_TO} > '{path}'") from error
    except OSError as error:
        raise FileAccessError(f"{_KEY}: {path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        lines = ["?"]  # no key is written so; what stands there is not quoted
    if not lines:
        raise UsageError(f"{_KEY}: {path}: the file is empty; {_HOW_TO}")
    keys = [_decoded(line) for line in lines]
    if any(len(key) not in _KEY_BYTES for key in keys):
        raise UsageError(f"{_KEY}: {path}: a key is 24 to 64 random bytes in base64; {_HOW_TO}")
    return Signer(keys)


def _decoded(line: str) -> bytes:
    """The bytes of a key; none where it is not written as one."""
    text = line.removeprefix(_PREFIX).rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""
