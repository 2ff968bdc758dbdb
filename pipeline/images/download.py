"""Fetching a picture from the address a service gave, as carefully as an address from outside deserves."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import cast
from urllib.parse import urljoin

import httpcore2
import httpx2

from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust, check_address
from pipeline.images.connecting import INTERNET, Network, countdown, opened

MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 3
_HEADERS = {
    # Content delivery networks send formats this program does not read to who accepts all alike.
    "accept": "image/png, image/jpeg, image/webp, image/gif, */*;q=0.1",
    "accept-encoding": "identity",
    # Some refuse what calls itself a Python client (Kie.ai's front: "error code: 1010").
    "user-agent": "Mozilla/5.0 (compatible; deck-illustrator)",
}
_REDIRECTS = (301, 302, 303, 307, 308)
# 400 is how Google's storage says ExpiredToken; the others are how Amazon's, Azure's and the rest do.
_EXPIRED = (400, 401, 403, 404, 410)


def fetch_picture(url: str, trust: Trust, timeout_s: float, network: Network = INTERNET) -> bytes:
    """The picture behind `url`: https, a `data:` URI, or http from the server the user configured.

    Every address on the way, redirects included, has passed `check_address`, and is connected to where it resolved to
    when it was checked. Nothing but the request itself is sent: no key, no cookie. `timeout_s` is for the whole.

    Raises ServiceError: `expired_url` where the address no longer answers, `transient` where the network or the server
    fails or time is up, `empty` for anything this program would not fetch or that begins like no picture.
    """
    if url.startswith("data:"):
        return _from_data_uri(url)
    left_s = countdown(timeout_s, network.now)
    address = check_address(url, trust)
    try:
        for _ in range(1 + MAX_REDIRECTS):
            with opened(address, trust, _HEADERS, network, left_s) as answer:
                response = httpx2.Response(answer.status, headers=answer.headers, content=_counted(answer))
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or location is None:
                    return _picture(response)
            address = check_address(_joined(address, location), trust)
    except httpcore2.TimeoutException as error:
        raise ServiceError(FailureKind.TRANSIENT, f"the image was not fetched within {timeout_s:.0f} s") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.DecodingError) as error:
        raise ServiceError(FailureKind.TRANSIENT, f"the image could not be fetched ({type(error).__name__})") from error
    raise ServiceError(FailureKind.EMPTY, f"the image's address redirects more than {MAX_REDIRECTS} times")


def _joined(address: httpx2.URL, location: str) -> str:
    try:
        return urljoin(str(address), location)
    except ValueError as error:
        raise ServiceError(FailureKind.EMPTY, "the image's address redirects to none") from error


def _picture(response: httpx2.Response) -> bytes:
    if response.status_code in _EXPIRED:
        raise ServiceError(FailureKind.EXPIRED_URL, f"the image's address answers {response.status_code}")
    if response.status_code != 200:
        raise ServiceError(FailureKind.TRANSIENT, f"the image's address answers {response.status_code}")
    if "," in response.headers.get("content-encoding", ""):
        # What lies between two decoders is counted by neither: a small answer could fill the memory there.
        raise ServiceError(FailureKind.EMPTY, "the image is compressed more than once")
    data = b"".join(_capped(response.iter_bytes()))
    if not _begins_like_a_picture(data):
        raise ServiceError(FailureKind.EMPTY, f"the image's address gives no picture (it begins with {data[:16]!r})")
    return data


def _counted(answer: httpcore2.Response) -> Iterator[bytes]:
    """The body as it came; it too has an end, as compressed bytes may say nothing for as long as they like."""
    return _capped(cast("Iterable[bytes]", answer.stream))


def _capped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > MAX_BYTES:
            raise _too_large()
        yield piece


def _begins_like_a_picture(data: bytes) -> bool:
    """Whether `data` is of a format that `checking` reads, by its signature, whatever the service called it."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp or data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))


def _from_data_uri(url: str) -> bytes:
    header, _, payload = url.partition(",")
    if not header.endswith(";base64"):
        raise ServiceError(FailureKind.EMPTY, "the image's data: address is not base64")
    if len(payload) // 4 * 3 - payload[-2:].count("=") > MAX_BYTES:
        raise _too_large()
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as error:  # letters beyond ASCII are no binascii.Error
        raise ServiceError(FailureKind.EMPTY, "the image's data: address is not valid base64") from error


def _too_large() -> ServiceError:
    return ServiceError(FailureKind.EMPTY, f"the image is larger than {MAX_BYTES >> 20} MiB")
