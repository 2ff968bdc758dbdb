"""A process of its own that orders a picture of each service it is told on stdin, keeps the receipts and waits."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config.loader import configuration_of
from pipeline.config.settings import Settings
from pipeline.runs.services.making import make_painter
from pipeline.store.keeping import Store
from tests.services.asking import request_of
from tests.services.table import ROWS


class Hasty:
    """A clock whose sleeps are short, so that tasks are looked at without delay. SIGKILL alone stops it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, stop: object) -> None:
        time.sleep(min(seconds, 0.05))


def order(wanted: dict[str, Any]) -> None:
    row, store = ROWS[wanted["row"]], Store(Path(sys.argv[1]), owner="a-run", now=lambda: datetime.now(UTC))
    painter = make_painter(row.choice, configuration_of(Settings(), wanted["environment"]), Hasty(), store)
    painter.generate(request_of(), 600.0)


if __name__ == "__main__":
    orders = json.load(sys.stdin)
    with ThreadPoolExecutor(len(orders)) as pool:
        list(pool.map(order, orders))
