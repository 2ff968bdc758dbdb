"""Faults that leave the request's own answer standing and change something in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from tests.fakes.faults import Fault
from tests.fakes.wire import Exchange, Json, Reply


def revised(change: Callable[[Json], Json]) -> Fault:
    """The good answer, its JSON changed; a request the service refuses stays refused."""

    def strike(exchange: Exchange) -> Reply:
        reply = exchange.answer()
        return replace(reply, body=json.dumps(change(reply.json()), ensure_ascii=False).encode())

    return strike


def whole_seconds(seconds: float) -> int:
    """A wait as a header spells it that has no fractions: never shorter than meant."""
    return -int(-seconds // 1)
