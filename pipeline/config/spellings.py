"""The ways a secret can stand in a text: as it is, percent-encoded, inside JSON, in base64, in its halves. Pure."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

# Halves and encodings of less are words that stand in any text by chance.
_MIN_CHARS = 8
_PERCENT = re.compile("%[0-9A-F]{2}")


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every spelling of every secret, the longest first, so that taking them out one by one leaves no rest."""
    found = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    return tuple(sorted(found, key=lambda spelling: (-len(spelling), spelling)))


def _spellings(secret: str) -> Iterator[str]:
    for part in (secret, *_halves(secret)):
        yield part
        if len(part) >= _MIN_CHARS:
            yield from _in_addresses(part)
            yield from _in_json(part)
            yield from _in_base64(part.encode("utf-8", "surrogatepass"))


def _halves(secret: str) -> list[str]:
    """Of `id:secret`, as fal's keys are written; a service may quote either."""
    halves = secret.split(":") if secret.count(":") == 1 else []
    return [half for half in halves if len(half) >= _MIN_CHARS]


def _in_addresses(text: str) -> Iterator[str]:
    """Percent-encoded for a query, for a path, as a form does it. The environment's bytes need not be UTF-8."""
    for safe in ("", "/"):
        encoded = quote(text, safe=safe, errors="surrogatepass")
        yield encoded
        yield _PERCENT.sub(lambda letters: letters[0].lower(), encoded)
    yield quote_plus(text, errors="surrogatepass")


def _in_json(text: str) -> Iterator[str]:
    """Inside a JSON text, also as PHP writes "/", with a backslash, and .NET writes "+", by its number (RFC 8259)."""
    escaped = json.dumps(text)[1:-1]
    yield escaped
    yield escaped.replace("/", "\\/")
    yield escaped.replace("+", "\\u002B")


def _in_base64(data: bytes) -> Iterator[str]:
    """What stands of `data` inside the base64 of any longer text (`Basic` of user and key), in both alphabets.

    Three bytes become four letters, so there are three ways it can begin; the letters at the ends that it shares with
    its neighbours are left out. (RFC 4648, sections 4 and 5.)
    """
    for before, shared_first in ((0, 0), (1, 2), (2, 3)):
        letters = b64encode(b"\0" * before + data).decode("ascii")
        shared_last = {0: 0, 1: 3, 2: 2}[(before + len(data)) % 3]
        core = letters[shared_first : len(letters) - shared_last]
        yield core
        yield core.replace("+", "-").replace("/", "_")
