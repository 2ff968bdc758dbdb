"""The limits of the services that are called: made when first asked for, shared by the workers of one run or more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from pyrate_limiter import AbstractBucket

from pipeline.config.settings import Limits
from pipeline.engine.clock import Clock
from pipeline.engine.limits import Places, ServiceLimits, Starts
from pipeline.services.entries import Service
from pipeline.services.models import Kind
from pipeline.store.rates import rate_bucket

SHARED_FILE = "rates.sqlite"
# A service counts requests as they arrive, and some take longer than others: what left within a minute of us may arrive
# within less of it.
MINUTE_S = 62.0


class RunLimits:
    """Safe for threads: of one run, or of several at once. Close it when they are over.

    `home` is where a file all runs of this machine share stands by default. Where several machines keep the limits
    together, `places_of` gives those of a service by its name and how many there are, `starts_of` what tells others of
    its starts, and the settings name the Redis that counts requests.
    """

    def __init__(
        self,
        settings: Limits,
        home: Path,
        clock: Clock,
        *,
        places_of: Callable[[str, int], Places] | None = None,
        starts_of: Callable[[str], Starts] | None = None,
    ) -> None:
        self._settings = settings
        self._home = home
        self._clock = clock
        self._places_of = places_of
        self._starts_of = starts_of
        self._limits: dict[str, ServiceLimits] = {}
        self._paces: dict[tuple[str, Kind], ServiceLimits] = {}
        self._buckets: list[AbstractBucket] = []
        self._lock = threading.Lock()

    def of(self, service: Service | None) -> ServiceLimits:
        """The limits of `service`, whatever it is asked for; none for what is done on this machine.

        Raises UsageError where the settings name a backend that cannot be used.
        """
        if service is None:
            return self._spaced(0.0)
        with self._lock:
            if service.service not in self._limits:
                self._limits[service.service] = self._made(service)
            return self._limits[service.service]

    def pace(self, service: Service | None, kind: Kind, delay_s: float) -> ServiceLimits:
        """What keeps this process's calls to `service` for `kind` `delay_s` apart besides, as the settings want it."""
        if service is None:
            return self._spaced(0.0)
        with self._lock:
            return self._paces.setdefault((service.service, kind), self._spaced(delay_s))

    def close(self) -> None:
        for bucket in self._buckets:
            bucket.close()

    def _made(self, service: Service) -> ServiceLimits:
        limits, name = service.limits, service.service
        places, starts = None, None
        if self._places_of is not None and limits.parallel is not None:
            places = self._places_of(name, limits.parallel)
        if self._starts_of is not None:
            starts = self._starts_of(name)
        return ServiceLimits(
            delay_s=limits.delay_s,
            parallel=limits.parallel,
            bucket=self._bucket(name, limits.requests_per_minute),
            clock=self._clock,
            places=places,
            starts=starts,
        )

    def _spaced(self, delay_s: float) -> ServiceLimits:
        return ServiceLimits(delay_s=delay_s, parallel=None, bucket=None, clock=self._clock)

    def _bucket(self, name: str, requests_per_minute: int | None) -> AbstractBucket | None:
        if requests_per_minute is None:
            return None
        is_file = self._settings.backend == "sqlite"
        url = self._settings.url or (str(self._home / SHARED_FILE) if is_file else "")
        bucket = rate_bucket(
            name,
            requests_per_minute,
            backend=self._settings.backend,
            url=url,
            monotonic=self._clock.monotonic,
            window_s=MINUTE_S,
        )
        self._buckets.append(bucket)
        return bucket
