"""What services listed when they were last asked, remembered in a file of a person's own folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipeline.errors import FileAccessError
from pipeline.records.listings import ListedModel, Listing
from pipeline.store.files import changing, write_whole

_FILE = "listings.json"


class _Kept(BaseModel):
    """One service's listing. Its address is kept as a digest: some gateways take a password in it."""

    model_config = ConfigDict(frozen=True)

    address: str
    fetched: AwareDatetime
    models: tuple[ListedModel, ...]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True)

    services: dict[str, _Kept] = {}


def read_listings(home: Path, addresses: Mapping[str, str | None]) -> dict[str, Listing]:
    """What services listed when they were last asked, by name, of those still found at the same one of `addresses`.

    A file that is no use holds nothing: whoever cannot read what was learned knows what the catalog says.
    """
    kept = _read(home / _FILE)
    return {
        service: Listing(base_url=base_url, fetched=kept[service].fetched, models=kept[service].models)
        for service, base_url in addresses.items()
        if service in kept and base_url is not None and kept[service].address == _digest(base_url)
    }


def keep_listing(home: Path, service: str, listing: Listing, *, lock_timeout_s: float = 10.0) -> None:
    """Remember `listing` in the folder `home`, made if need be. Raises FileAccessError."""
    path = home / _FILE
    with changing(path, lock_timeout_s):
        kept = _Kept(address=_digest(listing.base_url), fetched=listing.fetched, models=listing.models)
        services = {**_read(path), service: kept}
        write_whole(path, _File(services=services).model_dump_json(indent=1, exclude_none=True).encode())


def clear_listings(home: Path) -> None:
    """Forget all that was learned. Raises FileAccessError."""
    path = home / _FILE
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be removed ({error.strerror}); remove it by hand") from error


def _read(path: Path) -> Mapping[str, _Kept]:
    try:
        return _File.model_validate_json(path.read_bytes()).services
    except (OSError, ValidationError):
        return {}


def _digest(base_url: str) -> str:
    return hashlib.sha256(base_url.encode()).hexdigest()
