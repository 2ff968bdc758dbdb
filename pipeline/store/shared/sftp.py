"""Which SFTP servers are talked to: those a person has met before, as ssh does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko  # type: ignore[import-untyped]


class _KnownHosts(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    """fsspec would talk to any: who stands in between would have the password and what is paid for."""

    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:  # noqa: ARG002 - paramiko's signature
        """Raises PermissionError."""
        path = Path("~/.ssh/known_hosts").expanduser()
        known = paramiko.HostKeys(str(path)) if path.exists() else paramiko.HostKeys()
        if not known.check(hostname, key):
            raise PermissionError(f"the server's key is not in {path}: ssh there once")


KNOWN_HOSTS = _KnownHosts()
