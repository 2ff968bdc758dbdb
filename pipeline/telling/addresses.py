"""Addresses that settings name, checked when a run begins, and what of them may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2

from pipeline.errors import UsageError


def address_of(key: str, text: str) -> httpx2.URL:
    """The address that the setting `key` names.

    Raises UsageError for what is none. It does not quote it: services put a password into any part of an address.
    """
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        if is_whole and text.isprintable() and " " not in text:
            return httpx2.URL(text)
    except (ValueError, httpx2.InvalidURL):  # a port beyond 65,535, half an IPv6 address: httpx2 would take them
        pass
    raise UsageError(f"{key}: not an http or https address; write it like https://host/path")


def shown(address: httpx2.URL) -> str:
    """Scheme, host and port: no user, no path, no query, which may be what lets one in (Slack's webhooks)."""
    return f"{address.scheme}://{address.netloc.decode('ascii')}"
