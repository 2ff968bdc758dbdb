"""The headers that go with every call to a service: its own, and the key."""

from __future__ import annotations

from pipeline.asking.templates import rendered_texts
from pipeline.config.credentials import Access


def headers_of(access: Access) -> dict[str, str]:
    """The catalog's headers and the one the key goes in, rendered. Those that need a key are left out without one."""
    service, key = access.service, access.key.get_secret_value() if access.key else None
    own = {service.key.header: service.key.value} if service.key else {}
    return rendered_texts({**service.headers, **own}, {"key": key})
