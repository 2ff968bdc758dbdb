"""The machine's trust store, loaded once for all clients: it takes longer than everything else a client needs."""

from __future__ import annotations

import ssl
from functools import cache

import httpx2


@cache
def tls_context() -> ssl.SSLContext:
    """What httpx2 would make for each client anew; `SSL_CERT_FILE` and the like are honoured as it does."""
    return httpx2.create_ssl_context()
