"""The limits of the services that are called: made when first asked for, shared by the workers of one run or more."""

from __future__ import annotations

import threading
from pathlib import Path

from pyrate_limiter import AbstractBucket

from pipeline.config.settings import Limits
from pipeline.engine.clock import Clock
from pipeline.engine.limits import ServiceLimits
from pipeline.services.entries import Service
from pipeline.services.models import Kind
from pipeline.store.rates import rate_bucket

SHARED_FILE = "rates.sqlite"


class RunLimits:
    """Safe for threads: of one run, or of several at once. Close it when they are over.

    `home` is where a file all runs of this machine share stands by default.
    """

    def __init__(self, settings: Limits, home: Path, clock: Clock) -> None:
        self._settings = settings
        self._home = home
        self._clock = clock
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
                limits = service.limits
                self._limits[service.service] = self._spaced(
                    limits.delay_s, limits.parallel, self._bucket(service.service, limits.requests_per_minute)
                )
            return self._limits[service.service]

    def pace(self, service: Service | None, kind: Kind, delay_s: float) -> ServiceLimits:
        """What keeps the calls to `service` for `kind` `delay_s` apart besides, as the settings want it."""
        if service is None:
            return self._spaced(0.0)
        with self._lock:
            return self._paces.setdefault((service.service, kind), self._spaced(delay_s))

    def close(self) -> None:
        for bucket in self._buckets:
            bucket.close()

    def _spaced(
        self, delay_s: float, parallel: int | None = None, bucket: AbstractBucket | None = None
    ) -> ServiceLimits:
        return ServiceLimits(delay_s=delay_s, parallel=parallel, bucket=bucket, clock=self._clock)

    def _bucket(self, name: str, requests_per_minute: int | None) -> AbstractBucket | None:
        if requests_per_minute is None:
            return None
        is_file = self._settings.backend == "sqlite"
        url = self._settings.url or (str(self._home / SHARED_FILE) if is_file else "")
        bucket = rate_bucket(
            name, requests_per_minute, backend=self._settings.backend, url=url, monotonic=self._clock.monotonic
        )
        self._buckets.append(bucket)
        return bucket
