"""Keys and addresses of the services, as the environment gives them. A key cannot be printed by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How one service is reached. `key` is None where its variable is unset or empty; `base_url` None: its own."""

    key_variable: str
    key: SecretStr | None
    base_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The services this program can speak to."""

    anthropic: Service
    openai: Service

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key in plain text, for the one purpose of taking it out of what is written."""
        return tuple(service.key.get_secret_value() for service in (self.anthropic, self.openai) if service.key)


def read_credentials(environ: Mapping[str, str]) -> Credentials:
    """The services' keys and addresses out of `environ`."""
    return Credentials(anthropic=_service(environ, "ANTHROPIC"), openai=_service(environ, "OPENAI"))


def _service(environ: Mapping[str, str], prefix: str) -> Service:
    key = environ.get(f"{prefix}_API_KEY", "").strip()
    base_url = environ.get(f"{prefix}_BASE_URL", "").strip()
    return Service(
        key_variable=f"{prefix}_API_KEY",
        key=SecretStr(key) if key else None,
        base_url=base_url or None,
    )
