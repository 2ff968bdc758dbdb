"""Which key each service gets: one given as an argument, then a person's own, then one shared by a team."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from pipeline.config.credentials import Access, Credentials, KeySource
from pipeline.config.surroundings import Place
from pipeline.errors import UsageError
from pipeline.services.catalog import Catalog
from pipeline.services.entries import Service

Keys = Mapping[str, str | SecretStr]
"""Keys given in Python, by service ("fal") or variable ("FAL_KEY"); an empty one counts as not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    key: SecretStr
    source: KeySource
    found_in: str


def find_credentials(
    catalog: Catalog, personal: Sequence[Place], shared: Place, keys: Keys | None = None, warnings: tuple[str, ...] = ()
) -> Credentials:
    """The accesses to the catalog's services: keys from `keys`, `personal` in its order, `shared`.

    Addresses are looked for in `personal` alone: an address from a team's file would get a person's own key.
    `warnings` go into the credentials' notices. Raises UsageError for a name in `keys` that stands for nothing.
    """
    given = _by_service(keys or {}, catalog)
    accesses, others = {}, []
    for name, service in catalog.services.items():
        found = list(_keys_of(service, given.get(name), personal, shared))
        first = found[0] if found else None
        others += [other.key for other in found[1:]]
        accesses[name] = Access(
            service=service,
            base_url=_address(service, personal),
            key=first.key if first else None,
            source=first.source if first else None,
            found_in=first.found_in if first else "",
        )
    return Credentials(accesses=accesses, others=tuple(others), warnings=warnings)


def _keys_of(service: Service, given: SecretStr | None, personal: Sequence[Place], shared: Place) -> Iterator[_Found]:
    """Every key there is for `service`, the one to use first."""
    if given is not None:
        yield _Found(key=given, source=KeySource.ARGUMENT, found_in="argument")
    places = [*((place, KeySource.PERSONAL) for place in personal), (shared, KeySource.SHARED)]
    for place, source in places:
        for variable in service.key.variables if service.key else ():
            if text := place.get(variable):
                yield _Found(key=SecretStr(text), source=source, found_in=f"{place.name} {variable}")


def _address(service: Service, personal: Sequence[Place]) -> str | None:
    own = next(filter(None, (place.get(service.address_variable) for place in personal)), None)
    address = own or service.base_url
    return address.rstrip("/") if address else None


def _by_service(keys: Keys, catalog: Catalog) -> dict[str, SecretStr]:
    """`keys` by service; one given by its service's name comes before one given by a variable."""
    found: dict[str, SecretStr] = {}
    for name, key in sorted(keys.items(), key=lambda item: item[0] in catalog.services):
        text = (key.get_secret_value() if isinstance(key, SecretStr) else key).strip()
        for service in _services_of(name, catalog):
            if text:
                found[service] = SecretStr(text)
    return found


def _services_of(name: str, catalog: Catalog) -> list[str]:
    variables = {service: entry.key.variables for service, entry in catalog.services.items() if entry.key}
    found = [service for service, names in variables.items() if name == service or name in names]
    if not found:
        known = [*variables, *(variable for names in variables.values() for variable in names)]
        near = difflib.get_close_matches(name, known, n=1)
        # The name is not told: who confuses name and key would read the key in the message.
        hint = f"did you mean {near[0]}?" if near else f"services with keys: {', '.join(variables)}"
        raise UsageError(f"keys: a name is neither a service with a key nor a key's variable; {hint}")
    return found
