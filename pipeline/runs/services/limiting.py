"""The limits of the services a run calls: made when first asked for, shared by all its workers, closed at its end."""

from __future__ import annotations

from pathlib import Path

from pyrate_limiter import AbstractBucket

from pipeline.config.settings import Limits
from pipeline.engine.clock import Clock, StopSignal
from pipeline.engine.limits import ServiceLimits
from pipeline.services.entries import Service
from pipeline.services.models import Kind
from pipeline.store.rates import rate_bucket

SHARED_FILE = "rates.sqlite"


class RunLimits:
    """Not for several threads; what it gives out is. `home` is where a file all runs share stands by default."""

    def __init__(self, settings: Limits, home: Path, clock: Clock, stop: StopSignal) -> None:
        self._settings = settings
        self._home = home
        self._clock = clock
        self._stop = stop
        self._made: dict[tuple[str, Kind], ServiceLimits] = {}
        self._buckets: list[AbstractBucket] = []

    def of(self, service: Service | None, kind: Kind, delay_s: float) -> ServiceLimits:
        """The limits on asking `service` for `kind`, its own and `delay_s`; none for what is done on this machine.

        Raises UsageError where the settings name a backend that cannot be used.
        """
        if service is None:
            return ServiceLimits(delay_s=0.0, parallel=None, bucket=None, clock=self._clock, stop=self._stop)
        limits = service.limits
        if (service.service, kind) not in self._made:
            self._made[service.service, kind] = ServiceLimits(
                delay_s=max(delay_s, limits.delay_s),
                parallel=limits.parallel,
                bucket=self._bucket(f"{service.service}-{kind}", limits.requests_per_minute),
                clock=self._clock,
                stop=self._stop,
            )
        return self._made[service.service, kind]

    def close(self) -> None:
        for bucket in self._buckets:
            bucket.close()

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
