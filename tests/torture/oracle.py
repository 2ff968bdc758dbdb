"""What a run's exit code must be, by what its own report says of its slides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

OK, PROMPT_GATE, IMAGE_GATE, PARTIAL = 0, 7, 8, 20
DELIVERED = frozenset({OK, PARTIAL})
_ROUNDING = 1e-9


def right_codes(report: Mapping[str, Any], min_success_rate: float) -> frozenset[int]:
    """Two where both gates were lost, for the one that was lost first is the one that is told."""
    statuses = Counter(slide["status"] for slide in report["slides"])
    planned = statuses["illustrated"] + statuses["failed"]
    no_prompt, no_picture = report["prompts"]["failed"], report["images"]["failed"]
    most = planned - min_success_rate * planned + _ROUNDING
    if no_prompt + no_picture > most:
        lost = {IMAGE_GATE} if no_picture else set()
        return frozenset(lost | ({PROMPT_GATE} if no_prompt > most else set()))
    return frozenset({PARTIAL} if statuses["failed"] else {OK})
