"""One GET over a connection that goes to the very addresses that were checked, and ends when its time is up.

Written out because nothing ready fits httpx2's blocking client: safehttpx 0.2 is for asyncio, and asks dns.google where
the system's answer is private; httpx-secure 2.0 is for httpx and asyncio.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore2
import httpx2

from pipeline.asking.tls import tls_context
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust, is_public, shown


def system_addresses(host: str) -> list[str]:
    """The IP addresses of `host`, as the system resolves them. Raises OSError.

    It takes as long as the system lets it: getaddrinfo(3) knows no timeout.
    """
    entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What stands between this program and the outside: names to addresses, connections, a monotonic clock in s."""

    resolve: Callable[[str], Sequence[str]] = system_addresses
    backend: httpcore2.NetworkBackend
    now: Callable[[], float] = time.monotonic


INTERNET = Network(backend=httpcore2.SyncBackend())


def countdown(timeout_s: float, now: Callable[[], float]) -> Callable[[], float]:
    """Tells the seconds that are left of `timeout_s` from now on. Raises httpcore2.ReadTimeout where none are."""
    end_s = now() + timeout_s

    def left_s() -> float:
        left = end_s - now()
        if left <= 0:
            raise httpcore2.ReadTimeout("out of time")
        return left

    return left_s


@contextmanager
def opened(
    address: httpx2.URL, trust: Trust, headers: Mapping[str, str], network: Network, left_s: Callable[[], float]
) -> Iterator[httpcore2.Response]:
    """What `address` answers to a GET with `headers` alone: no key, no cookie, no redirect followed.

    The environment's proxies are not used: a proxy would resolve the name again, and nobody would check that. Host
    header, SNI and certificate are those of the name. Raises ServiceError and httpcore2's own errors.
    """
    backend = _Pinned(_addresses(address, trust, network), network.backend, left_s)
    target = httpcore2.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    lines = httpx2.Request("GET", address, headers=headers).headers.raw  # with the Host header
    with (
        httpcore2.ConnectionPool(ssl_context=tls_context(), network_backend=backend) as pool,
        pool.stream("GET", target, headers=lines) as response,
    ):
        yield response


def _addresses(address: httpx2.URL, trust: Trust, network: Network) -> Sequence[str]:
    """Where the host of `address` is. Refused as a whole where any of it is not public and not the user's own."""
    try:
        found = network.resolve(address.raw_host.decode("ascii"))
    except (OSError, UnicodeError) as error:
        raise _unknown_host(address) from error
    if not found:
        raise _unknown_host(address)
    if not trust.is_origin(address) and not all(is_public(ip) for ip in found):
        raise ServiceError(
            FailureKind.EMPTY,
            f"the service gave an address that is not on the public internet ({shown(address)})",
            is_final=True,
        )
    return found


def _unknown_host(address: httpx2.URL) -> ServiceError:
    return ServiceError(
        FailureKind.TRANSIENT, f"the service gave an address whose host is not found ({shown(address)})"
    )


class _Pinned(httpcore2.NetworkBackend):
    """Connects to the first of `addresses` that answers, whatever host it is asked for; it resolves nothing."""

    def __init__(
        self, addresses: Sequence[str], backend: httpcore2.NetworkBackend, left_s: Callable[[], float]
    ) -> None:
        self._addresses = addresses
        self._backend = backend
        self._left_s = left_s

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name; it was resolved and checked before
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the whole has an end, not the step
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        *others, last = self._addresses
        for number, ip in enumerate(others):
            share_s = self._left_s() / (len(self._addresses) - number)
            try:
                stream = self._backend.connect_tcp(ip, port, share_s, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return _Timed(stream, self._left_s)
        stream = self._backend.connect_tcp(last, port, self._left_s(), local_address, socket_options)
        return _Timed(stream, self._left_s)


class _Timed(httpcore2.NetworkStream):
    """A stream whose every step may take what is left of the whole: a server that drips does not drip for ever."""

    def __init__(self, stream: httpcore2.NetworkStream, left_s: Callable[[], float]) -> None:
        self._stream = stream
        self._left_s = left_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left_s()), self._left_s)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
