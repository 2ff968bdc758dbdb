"""What a service says about itself beside its answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a service's headers say is left of its requests: `remaining` of them for the next `reset_s` seconds."""

    remaining: int
    reset_s: float
