"""Where a service may send this program, and which of those places may see a key. Pure: no network is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self

import httpx2

from pipeline.errors import FailureKind, ServiceError, UsageError

_PORTS = {"http": 80, "https": 443}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")
# What ends so is a number to some resolvers: 2130706433, 0x7f.1 and 127.1 are all 127.0.0.1 (inet_aton(3)).
_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\Z")

# IANA's registries of special-purpose and multicast addresses (RFC 6890 and its successors). Not `is_global`: its
# table differs from one Python release to the next (gh-113171).
_UNUSABLE_V4 = (
    ip_network("0.0.0.0/8"),
    ip_network("10.0.0.0/8"),
    ip_network("100.64.0.0/10"),
    ip_network("127.0.0.0/8"),
    ip_network("169.254.0.0/16"),
    ip_network("172.16.0.0/12"),
    ip_network("192.0.0.0/24"),
    ip_network("192.0.2.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("192.168.0.0/16"),
    ip_network("198.18.0.0/15"),
    ip_network("198.51.100.0/24"),
    ip_network("203.0.113.0/24"),
    ip_network("224.0.0.0/3"),
    ip_network("168.63.129.16/32"),  # reads as public, but is the host beneath every Azure machine
)
# All that is public is global unicast; not public within it: protocol assignments and Teredo, documentation, 6to4.
_UNICAST_V6 = ip_network("2000::/3")
_UNUSABLE_V6 = tuple(ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# How a network without IPv4 shows the IPv4 internet (RFC 6052). The other embeddings lie outside _UNICAST_V6.
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is known of a service before it says anything.

    `scheme`, `host` and `port` are where the user's configuration says it is: there http is as good as https, if it
    says http, and the address may be private. `hosts` are those its files come from, None for any public host;
    `key_hosts` those that may see its key besides. A host that begins with a dot stands for all names that end in it.
    """

    scheme: str
    host: str
    port: int
    hosts: tuple[str, ...] | None = None
    key_hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, base_url: str, *, hosts: tuple[str, ...] | None = None, key_hosts: tuple[str, ...] = ()) -> Self:
        """The trust in the service at `base_url`. Raises UsageError where that is no http or https address."""
        try:
            scheme, host, port = _origin(_read(base_url))
        except ValueError as error:
            raise UsageError("a service's base URL is no http or https address; check its ..._BASE_URL") from error
        return cls(scheme=scheme, host=host, port=port, hosts=hosts, key_hosts=key_hosts)

    def is_origin(self, address: httpx2.URL) -> bool:
        """Whether `address` is on the very server the user configured: scheme, host and port."""
        scheme, host, port = _origin(address)
        is_same_host = host == self.host or {host, self.host} <= _LOOPBACK
        return is_same_host and (scheme, port) == (self.scheme, self.port)


def check_address(url: str, trust: Trust) -> httpx2.URL:
    """The address in `url`, where something without a key may be fetched from it.

    That is the configured server, or https from a public host among `trust.hosts`. A name is taken at its word here:
    what it resolves to is for whoever connects (`connecting.opened`). Raises ServiceError of kind `empty`.
    """
    address = _parsed(url)
    if trust.is_origin(address):
        return address
    if address.scheme != "https":
        raise _refused(address, "is not https")
    _check_host(address)
    if trust.hosts is not None and not _is_among(_host(address), trust.hosts):
        raise _refused(address, "is none of the hosts this service's files come from")
    return address


def check_key_address(url: str, trust: Trust) -> httpx2.URL:
    """The address in `url`, where the service's key may be sent to it; redirects must not be followed from there.

    That is the configured server, or https on port 443 of one of `trust.key_hosts`. What the name resolves to does not
    matter: TLS lets only the service itself answer to it. Raises ServiceError of kind `empty`.
    """
    address = _parsed(url)
    if trust.is_origin(address):
        return address
    scheme, host, port = _origin(address)
    _check_host(address)
    if (scheme, port) != ("https", 443) or not _is_among(host, trust.key_hosts):
        raise _refused(address, "is not the service's own, and its key goes nowhere else")
    return address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet's. Raises ValueError where `address` is no IP address."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip in _NAT64 and ip.scope_id is None:
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _UNUSABLE_V4)
    return ip in _UNICAST_V6 and ip.scope_id is None and not any(ip in block for block in _UNUSABLE_V6)


def shown(address: httpx2.URL) -> str:
    """Scheme and host for a message. Never more: the query of a signed address is a secret."""
    return f"{address.scheme}://{_host(address)}"[:100]


def _parsed(url: str) -> httpx2.URL:
    try:
        address = _read(url)
    except ValueError as error:
        problem = "the service gave an address of neither http nor https"
        raise ServiceError(FailureKind.EMPTY, problem, is_final=True) from error
    if address.userinfo:
        raise _refused(address, "names a user")
    return address


def _read(url: str) -> httpx2.URL:
    """Raises ValueError where `url` is no http or https address; half a surrogate pair is such an error already."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ValueError(str(error)) from error
    scheme, host, port = _origin(address)
    if scheme not in _PORTS or not host or not 0 < port < 1 << 16:
        raise ValueError("neither http nor https, no host, or no such port")
    return address


def _check_host(address: httpx2.URL) -> None:
    """Raises where the host is spelt in any but the plain way, or is an IP address that is not public."""
    host = _host(address)
    try:
        if not is_public(host):
            raise _refused(address, "is not on the public internet")
    except ValueError as error:  # a name
        # No service serves pictures from an international name; a look-alike would be one (xn--).
        if not _NAME.match(host) or _NUMBER.match(host) or ".xn--" in f".{host}":
            raise _refused(address, "is spelt oddly") from error


def _is_among(host: str, patterns: tuple[str, ...]) -> bool:
    return any(host.endswith(pattern) if pattern.startswith(".") else host == pattern for pattern in patterns)


def _origin(address: httpx2.URL) -> tuple[str, str, int]:
    port = _PORTS.get(address.scheme, 0) if address.port is None else address.port
    return address.scheme, _host(address), port


def _host(address: httpx2.URL) -> str:
    # `URL.host` would put letters in place of xn--; this is what goes over the wire.
    return address.raw_host.decode("ascii")


def _refused(address: httpx2.URL, why: str) -> ServiceError:
    message = f"the service gave an address that {why} ({shown(address)})"
    return ServiceError(FailureKind.EMPTY, message, is_final=True)
