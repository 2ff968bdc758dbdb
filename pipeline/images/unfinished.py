"""What was ordered and has not arrived: written down at once, so that any later try goes on with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from pipeline.config.credentials import Access
from pipeline.config.spellings import spellings
from pipeline.records import Request

KEPT_FOR = timedelta(hours=24)
"""No service that the catalog knows holds a task or the address of a picture for longer."""

# What stands in a receipt for a spelling of the key, between letters of the private use area, which no service writes.
_MARK = re.compile("\ue000([0-9]+)\ue001")


class Receipts(Protocol):
    """Where receipts lie, by the key of their request. Safe for threads; raises FileAccessError."""

    def find_receipt(self, key: str) -> bytes | None:
        """The receipt as it was kept, None where there is none."""

    def keep_receipt(self, key: str, receipt: bytes) -> None:
        """Keep it in place of any other; it is on disk when this returns."""

    def drop_receipt(self, key: str) -> None:
        """Forget it, if it is there."""


class ReceiptsInMemory:
    """Receipts for as long as this process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def find_receipt(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def keep_receipt(self, key: str, receipt: bytes) -> None:
        self._kept[key] = receipt

    def drop_receipt(self, key: str) -> None:
        self._kept.pop(key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order: when a service took it, the JSON it answered with, how often what that leads to was not found."""

    taken: datetime
    content: Any = field(repr=False)
    misses: int = 0


class Orders:
    """One provider's orders by their request. They may hold addresses that are secrets, but never the key."""

    def __init__(self, receipts: Receipts, access: Access, now: Callable[[], datetime]) -> None:
        self._receipts = receipts
        self._now = now
        self._secrets = spellings((access.key.get_secret_value(),)) if access.key else ()

    def find(self, request: Request) -> Order | None:
        """The order of an earlier call; one older than KEPT_FOR is forgotten, and so is what cannot be read."""
        receipt = self._receipts.find_receipt(request.key)
        if receipt is None:
            return None
        order = self._read(receipt)
        if order is None:
            self.drop(request)
        return order

    def begin(self, request: Request, content: Any) -> Order:
        """Write down what the service answered to an order just now."""
        order = Order(taken=self._now(), content=content)
        self.keep(request, order)
        return order

    def keep(self, request: Request, order: Order) -> None:
        content = self._hidden(json.dumps(order.content, ensure_ascii=False))
        receipt = {"taken": order.taken.isoformat(), "misses": order.misses, "content": content}
        self._receipts.keep_receipt(request.key, json.dumps(receipt).encode())

    def drop(self, request: Request) -> None:
        self._receipts.drop_receipt(request.key)

    def _read(self, receipt: bytes) -> Order | None:
        try:
            found = json.loads(receipt)
            order = Order(
                taken=datetime.fromisoformat(found["taken"]),
                content=json.loads(self._shown(found["content"])),
                misses=int(found["misses"]),
            )
            age = self._now() - order.taken
        except (ValueError, LookupError, TypeError):  # cut short, no receipt of ours, of another key
            return None
        return order if abs(age) <= KEPT_FOR else None  # a clock that was wrong makes none that never ends

    def _hidden(self, text: str) -> str:
        for number, spelling in enumerate(self._secrets):
            text = text.replace(spelling, f"\ue000{number}\ue001")
        return text

    def _shown(self, text: str) -> str:
        return _MARK.sub(lambda mark: self._secrets[int(mark[1])], text)
