"""Services without a network for the engine's tests, and the links of a chain to them."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from contextlib import contextmanager

from pipeline.engine.calls import Caller
from pipeline.engine.chain import Link
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import FailureKind, ServiceError


class Service:
    """Answers with its name, or fails as its script says, one entry a call; `for_ever` fails every call.

    What fails is a kind, or an error itself. `kept` are the answers that need no call, by question; with `keeps` it
    adds its own. `waited_for` are the questions it was made ready for, and `bars` what keeps them from being asked.
    """

    def __init__(self, name, *script, for_ever=None, retry_after_s=None, keeps=False):
        self.name, self.script, self.for_ever = name, list(script), for_ever
        self.retry_after_s = retry_after_s
        self.keeps, self.kept = keeps, {}
        self.asked, self.locks = [], defaultdict(threading.Lock)
        self.waited_for, self.bars = [], []

    def ready(self, question):
        self.waited_for.append(question)
        if self.bars:
            raise self.bars.pop(0)

    def ask(self, question, timeout_s):
        self.asked.append(question)
        fault = self.for_ever or (self.script.pop(0) if self.script else None)
        if isinstance(fault, FailureKind):
            cost_usd = 0.25 if fault is FailureKind.EMPTY else 0.0
            fault = ServiceError(
                fault, f"{self.name} fails ({fault})", cost_usd=cost_usd, retry_after_s=self.retry_after_s
            )
        if fault:
            raise fault
        if self.keeps:
            self.kept[question] = self.name
        return self.name

    @contextmanager
    def alone(self, question):
        with self.locks[question]:
            yield

    def link(self, clock, stop, max_attempts):
        service, _, model = self.name.partition("/")
        return Link(
            service=service,
            model=model,
            caller=caller(clock, stop=stop, timeout_s=1000, max_attempts=max_attempts),
            ready=self.ready,
            ask=self.ask,
            allowance_of=lambda _: None,
            kept=self.kept.get,
            alone=self.alone,
        )


def caller(clock, *, stop, delay_s=0.0, parallel=None, timeout_s=100.0, max_attempts=4):
    return Caller(
        limits=ServiceLimits(delay_s=0.0, parallel=parallel, bucket=None, clock=clock),
        pace=ServiceLimits(delay_s=delay_s, parallel=None, bucket=None, clock=clock),
        clock=clock,
        stop=stop,
        rng=random.Random(7),
        timeout_s=timeout_s,
        max_attempts=max_attempts,
    )
