"""What a person or a program asks of the history and the store, besides what runs need: looking, cleaning up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.config.units import age_of, bytes_of
from pipeline.engine.clock import Clock
from pipeline.errors import UsageError
from pipeline.runs.keeping import store_folder
from pipeline.store.history import History, open_history
from pipeline.store.shelf import StoreFolders
from pipeline.store.upkeep import Pruned, prune


def history_of(configuration: Configuration, clock: Clock, warn: Callable[[str], None]) -> History:
    """The history the settings name; close it at the end. `warn` hears of one that had to be begun anew.

    Raises UsageError for one that cannot be meant. One that is not there yet holds nothing, and is not made by looking.
    """
    return open_history(configuration.settings.history.url, configuration.data, now=clock.now, warn=warn)


def given_age(text: str) -> timedelta:
    """The age a person wrote. Raises UsageError that says how to write one."""
    try:
        return age_of(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no age; {error}") from error


def given_size(text: str) -> int:
    """The bytes a person wrote. Raises UsageError that says how to write them."""
    try:
        return bytes_of(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no size; {error}") from error


def prune_store(configuration: Configuration, older_than: str | None, max_size: str | None, now: datetime) -> Pruned:
    """Throw away what was not used for so long, and the longest unused beyond so much; what is in use stays.

    Where neither is given, as `store.retention` and `store.max_size` say. Raises UsageError, also where these say
    nothing, and FileAccessError.
    """
    settings = configuration.settings.store
    if older_than is None and max_size is None:
        older_than, max_size = settings.retention, settings.max_size
    if older_than is None and max_size is None:
        raise UsageError(
            "say what may go: an age like 30d, a size like 5GB, or both; settings: store.retention, store.max_size"
        )
    return prune(
        store_folder(configuration),
        older_than=None if older_than is None else given_age(older_than),
        max_size=None if max_size is None else given_size(max_size),
        now=now,
    )


def prune_history(history: History, configuration: Configuration, older_than: str | None) -> tuple[int, str]:
    """Forget the runs older than that, where it is None as `history.retention` says: how many, and the age in words.

    Raises UsageError, also where the setting says nothing, and FileAccessError.
    """
    age = older_than if older_than is not None else configuration.settings.history.retention
    if age is None:
        raise UsageError("say what may go: an age like 90d; setting: history.retention")
    return history.prune(given_age(age)), age


def pictures_kept(folder: Path, hashes: Iterable[str]) -> dict[str, Path]:
    """The files of those pictures that the store in `folder` still holds, by the SHA-256 of their bytes."""
    pictures = StoreFolders(folder).pictures
    wanted = set(hashes)
    return {path.stem: path for path in pictures.iterdir() if path.stem in wanted} if pictures.is_dir() else {}
