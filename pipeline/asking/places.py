"""Where a service is, as far as that tells two questions to it apart. Pure."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit, urlunsplit

from pipeline.config.credentials import Access


def place_of(access: Access) -> str:
    """A digest of the service's address where a person alone says what stands there, "" where the catalog does.

    A service the catalog has an https address for is the same one behind a gateway; what answers on one's own machine
    or in one's own account is another wherever it is another. A user and password in the address are left out of it.
    """
    if (access.service.base_url or "").startswith("https://"):
        return ""
    parts = urlsplit(access.address)
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
