"""Fetching a picture from the address a service gave, as carefully as an address from outside deserves."""

from __future__ import annotations

import base64

import httpx2

from pipeline.errors import FailureKind, ServiceError

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
MAX_BYTES = 64 * 1024 * 1024


def fetch_picture(url: str, *, trusted_host: str, timeout_s: float) -> bytes:
    """The bytes behind `url`: https, a `data:` URI, or http from `trusted_host`, the server the user configured.

    No key is sent and no redirect followed. Raises ServiceError: `expired_url` where the address no longer answers,
    `transient` where the network fails, `empty` for anything this program would not fetch.
    """
    if url.startswith("data:"):
        return _from_data_uri(url)
    address = _parsed(url)
    is_trusted = address.host == trusted_host or {address.host, trusted_host} <= LOOPBACK
    if address.scheme != "https" and not (address.scheme == "http" and is_trusted):
        raise ServiceError(FailureKind.EMPTY, f"the image's address is not https ({address.scheme}://{address.host})")
    try:
        with httpx2.stream("GET", address, timeout=timeout_s, follow_redirects=False) as response:
            if response.status_code in (403, 404, 410):
                raise ServiceError(FailureKind.EXPIRED_URL, f"the image's address answers {response.status_code}")
            if response.status_code != 200:
                raise ServiceError(FailureKind.TRANSIENT, f"the image's address answers {response.status_code}")
            return _capped(response)
    except httpx2.HTTPError as error:
        raise ServiceError(FailureKind.TRANSIENT, f"the image could not be fetched ({type(error).__name__})") from error


def _parsed(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(url)
        # Too long a label shows only here, and would show first in the middle of the request.
        address.host.encode("idna")
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ServiceError(FailureKind.EMPTY, f"the image's address is none ({error})") from error
    return address


def _capped(response: httpx2.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise ServiceError(FailureKind.EMPTY, f"the image is larger than {MAX_BYTES >> 20} MiB")
    return bytes(data)


def _from_data_uri(url: str) -> bytes:
    header, _, payload = url.partition(",")
    if not header.endswith(";base64"):
        raise ServiceError(FailureKind.EMPTY, "the image's data: address is not base64")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as error:  # letters beyond ASCII are no binascii.Error
        raise ServiceError(FailureKind.EMPTY, "the image's data: address is not valid base64") from error
