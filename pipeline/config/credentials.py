"""How this person reaches each service: its address, the key, whose it is. A key cannot be printed by accident."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from pipeline.config.spellings import spellings
from pipeline.config.system_keyring import SystemKeyring
from pipeline.errors import CredentialsError, PipelineError, UsageError
from pipeline.services.entries import Service

_SHOWN_FIRST, _SHOWN_LAST = 3, 4
_SHOWN_FROM_CHARS = 12


class KeySource(StrEnum):
    """Whose a key is."""

    ARGUMENT = "argument"
    PERSONAL = "personal"
    SHARED = "shared"


class ServiceState(StrEnum):
    """Whether a service can be used, and with whose key; one that needs no key is personal."""

    AVAILABLE_PERSONAL = "available_personal"
    AVAILABLE_SHARED = "available_shared"
    NO_ACCESS = "no_access"
    DISABLED = "disabled"

    @property
    def is_available(self) -> bool:
        """True where it can be used, with whoever's key."""
        return self in (ServiceState.AVAILABLE_PERSONAL, ServiceState.AVAILABLE_SHARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one service is reached. `base_url` is without a "/" at its end, None where nothing says where it is.

    `found_in` tells where the key stands: "environment OPENAI_API_KEY". Neither printed nor pickled.
    """

    service: Service
    base_url: str | None
    key: SecretStr | None = None
    source: KeySource | None = None
    found_in: str = ""

    @property
    def address(self) -> str:
        """Where the service is. Raises CredentialsError where nothing says it."""
        if self.base_url is None:
            service = self.service
            raise CredentialsError(f"{service.title}: nothing says where it is; set {service.address_variable}")
        return self.base_url

    @property
    def key_variable(self) -> str:
        """The variable people are told to set, "" where the service knows no key."""
        return self.service.key.variables[0] if self.service.key else ""

    @property
    def needs_key(self) -> bool:
        """True where the service answers nobody without a key."""
        return self.service.key is not None and not self.service.key.is_optional

    @property
    def lacking(self) -> tuple[str, ...]:
        """The variables to set before the service can be used: its address, its key."""
        address = (self.service.address_variable,) if self.base_url is None else ()
        return (*address, self.key_variable) if self.needs_key and self.key is None else address

    @property
    def masked(self) -> str:
        """The key as people may see it: "sk-…abcd", "…" for one so short that this would give it away, "" for none."""
        key = self.key.get_secret_value() if self.key else ""
        if len(key) < _SHOWN_FROM_CHARS or not _is_sendable(key):
            return "…" if key else ""
        return f"{key[:_SHOWN_FIRST]}…{key[-_SHOWN_LAST:]}"

    def check(self) -> None:
        """Raises UsageError for what is no address, CredentialsError for what no key can be. Asks no service."""
        if self.base_url is not None and not _is_address(self.base_url):
            variable = self.service.address_variable
            raise UsageError(f"{variable}: not an http or https address; write it like https://host/path")
        if self.key is not None and not _is_sendable(self.key.get_secret_value()):
            raise CredentialsError(f"{self.found_in}: the key holds a line break or a letter no key has; copy it anew")

    def __repr__(self) -> str:
        return f"Access({self.service.service!r}, key={self.masked!r}, found_in={self.found_in!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled: let the other process find it itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A service's state, and what a person can do about one that is not available."""

    access: Access
    state: ServiceState
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The accesses to all services of the catalog by name, as far as they are known without the system's keyring.

    `others` are keys that were found and lost to one that comes first. Take an access with `of`.
    """

    accesses: Mapping[str, Access]
    others: tuple[SecretStr, ...] = ()
    warnings: tuple[str, ...] = ()
    keyring: SystemKeyring = field(default_factory=SystemKeyring, repr=False, compare=False)

    def of(self, service: str) -> Access:
        """The access to `service`, a name of the catalog, its key from the keyring where there is no personal one.

        Raises UsageError for an address that is none, CredentialsError for a key that cannot be one.
        """
        access = self.accesses[service]
        if access.service.key is not None and access.source not in (KeySource.ARGUMENT, KeySource.PERSONAL):
            access = self._with_kept_key(access, access.service.key.variables)
        access.check()
        return access

    def standing(self, service: str, disabled: Collection[str]) -> Standing:
        """How things stand with `service`; `disabled` are the services a person has switched off."""
        access = self.accesses[service]
        if service in disabled:
            advice = f"switched off; providers enable {service} switches it on"
            return Standing(access=access, state=ServiceState.DISABLED, advice=advice)
        try:
            access = self.of(service)
        except PipelineError as error:
            return Standing(access=access, state=ServiceState.NO_ACCESS, advice=str(error))
        if access.lacking:
            return Standing(access=access, state=ServiceState.NO_ACCESS, advice=f"set {' and '.join(access.lacking)}")
        is_shared = access.source is KeySource.SHARED
        state = ServiceState.AVAILABLE_SHARED if is_shared else ServiceState.AVAILABLE_PERSONAL
        return Standing(access=access, state=state)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of how keys are kept, a line each; more may come with each `of`."""
        return (*self.warnings, *self.keyring.notices)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key found so far in every spelling, longest first, to take them out of what is written.

        Passwords inside addresses are among them. Read it after the last `of`: the keyring may have given another.
        """
        return spellings(self._secrets())

    def _secrets(self) -> Iterator[str]:
        for access in self.accesses.values():
            if access.key is not None:
                yield access.key.get_secret_value()
            yield from _passwords(access.base_url or "")
        for key in (*self.others, *self.keyring.found):
            yield key.get_secret_value()

    def _with_kept_key(self, access: Access, variables: tuple[str, ...]) -> Access:
        for variable in variables:
            key = self.keyring.find(variable)
            if key is not None:
                return replace(access, key=key, source=KeySource.PERSONAL, found_in=f"keyring {variable}")
        return access


def _is_sendable(key: str) -> bool:
    """Whether an HTTP header can carry `key`: visible ASCII and blanks (RFC 9110, section 5.5)."""
    return key.isascii() and key.isprintable()


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = text.isprintable() and not any(map(str.isspace, text))  # urlsplit drops line breaks without a word
    is_whole = bool(parts.hostname) and not (parts.query or parts.fragment)  # paths are added to it
    return is_plain and has_port and is_whole and parts.scheme in ("http", "https")


def _passwords(address: str) -> Iterator[str]:
    """Some gateways take user and password, or a token as user, in the address itself."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    for word in (parts.username or "", parts.password or ""):
        if word == parts.password or len(word) >= _SHOWN_FROM_CHARS:
            yield word
            yield unquote(word)
