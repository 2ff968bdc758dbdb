"""How the services of a run are called: within their limits, with the settings' delays and patience, in a chain."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pipeline.config.loader import Configuration
from pipeline.engine.calls import Caller
from pipeline.engine.chain import Chain, Link
from pipeline.engine.clock import Clock, StopSignal
from pipeline.runs.painting import Made, Painter, PictureOrder
from pipeline.runs.services.limiting import RunLimits
from pipeline.services.models import Kind

# Passing faults of one service in a row, over all workers, before another is asked instead.
FAILURES_TO_OPEN = 5


class Calling:
    """Makes the callers of one run, which share the limits of each service; close it when the run is over.

    `shared` are limits it has in common with other runs, and which somebody else closes; None where it has its own.
    """

    def __init__(
        self,
        configuration: Configuration,
        clock: Clock,
        rng: random.Random,
        stop: StopSignal,
        *,
        shared: RunLimits | None = None,
    ) -> None:
        self._catalog = configuration.catalog
        self._workers = configuration.settings.workers
        self._has_own_limits = shared is None
        self._limits = shared or RunLimits(configuration.settings.limits, configuration.home, clock)
        self._clock = clock
        self._rng = rng
        self._stop = stop

    def close(self) -> None:
        if self._has_own_limits:
            self._limits.close()

    def writing(self, service: str) -> Caller:
        """Who asks `service` for prompts. Raises UsageError where the limits' backend cannot be used."""
        return self._caller(service, "text", self._workers.prompt_timeout_s)

    def drawing(self, service: str) -> Caller:
        """Who asks `service` for pictures. Raises as `writing` does."""
        return self._caller(service, "image", self._workers.image_timeout_s)

    def chain(
        self,
        painters: Sequence[Painter],
        *,
        at_once: int,
        has_last_resort: bool,
        tell: Callable[[str], None],
    ) -> Chain[PictureOrder, Made]:
        """`painters` tried in turn, `at_once` pictures at a time. For the rest see `Chain`. Raises like `writing`."""
        links = [
            Link(
                service=painter.provider.name,
                model=painter.provider.model,
                caller=self.drawing(painter.provider.name),
                kept=painter.kept,
                alone=painter.alone,
                ready=painter.wait_for_room,
                ask=painter.paint,
                allowance_of=lambda made: made.allowance,
            )
            for painter in painters
        ]
        # All may meet one short outage at once; that alone opens no circuit.
        failures_to_open = max(FAILURES_TO_OPEN, 2 * at_once)
        return Chain(links, failures_to_open=failures_to_open, has_last_resort=has_last_resort, tell=tell)

    def _caller(self, service: str, kind: Kind, timeout_s: float) -> Caller:
        entry = self._catalog.services.get(service)
        delay_s = self._workers.image_delay_s if kind == "image" else self._workers.prompt_delay_s
        return Caller(
            limits=self._limits.of(entry),
            pace=self._limits.pace(entry, kind, delay_s),
            clock=self._clock,
            stop=self._stop,
            rng=self._rng,
            timeout_s=timeout_s,
            max_attempts=self._workers.max_attempts,
        )
