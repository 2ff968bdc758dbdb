"""What outlives a run: the store of answers and pictures, the history of runs and calls; and how both are opened."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.config.units import age_of, bytes_of
from pipeline.engine.clock import Clock
from pipeline.errors import FileAccessError
from pipeline.store.history import History, open_history
from pipeline.store.keeping import Store
from pipeline.store.upkeep import prune_daily

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Both, for one run. Close it when the run is over."""

    store: Store
    history: History

    def close(self) -> None:
        """What cannot be closed any more takes nothing back of what was done."""
        try:
            self.history.close()
        except FileAccessError as error:
            log.warning("the history is left open: %s", error)


def store_folder(configuration: Configuration) -> Path:
    """Where the store stands: as the settings say, else in the person's own folder of data."""
    return configuration.settings.store.folder or configuration.data / "store"


def open_keeping(configuration: Configuration, run_id: str, clock: Clock, warn: Callable[[str], None]) -> Keeping:
    """`warn` hears, in a line and in any thread, of a history that had to be begun anew.

    Raises UsageError for a history that cannot be meant. Nothing is made before something is to be kept.
    """
    return Keeping(
        store=Store(store_folder(configuration), owner=run_id, now=clock.now),
        history=open_history(configuration.settings.history.url, configuration.data, now=clock.now, warn=warn),
    )


def tidy(keeping: Keeping, configuration: Configuration, now: datetime) -> None:
    """Throw away what the settings want kept no longer. A disk that refuses is no failure of the run."""
    store, history = configuration.settings.store, configuration.settings.history
    try:
        if history.retention is not None:
            keeping.history.prune(age_of(history.retention))
        prune_daily(
            store_folder(configuration),
            retention=None if store.retention is None else age_of(store.retention),
            max_size=None if store.max_size is None else bytes_of(store.max_size),
            now=now,
        )
    except FileAccessError as error:
        log.warning("nothing was tidied up: %s", error)
