"""What both batch endpoints stand on: batches of items, worked off when a test says so or after a while.

A test steers them through `server.batches`: `finish`, `work`, `expire`, `archive`, `faults`; it reads `submitted` and
`worked`. The protocols' own shapes are in `anthropic_batches` and `openai_batches`.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.fakes.faults import Faults
from tests.fakes.wire import Exchange, Json, Refused, Reply, Request


class Ending(StrEnum):
    """How a batch ended as a whole."""

    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Fate(StrEnum):
    """Where one item is. DONE has a reply, good or bad; EXPIRED and CANCELLED have none and are not charged."""

    WAITING = "waiting"
    DONE = "done"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Item:
    """One question of a batch. `number` counts items over all batches of the server, from 1."""

    number: int
    custom_id: str
    body: Json
    fate: Fate = Fate.WAITING
    reply: Reply | None = None

    @property
    def is_good(self) -> bool:
        return self.reply is not None and self.reply.status == 200


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch. `created` and `ended` are Unix times in seconds, `opened_s` is the monotonic clock.

    `about` is the protocol's own: what was said at creation and is repeated at every look.
    """

    id: str
    items: list[Item]
    created: float
    opened_s: float
    about: Json = field(default_factory=dict)
    ending: Ending | None = None
    ended: float | None = None
    cancelling: float | None = None
    is_archived: bool = False
    looks: int = 0

    def shuffled(self) -> list[Item]:
        """The items in the order in which their results are given: any but that of the questions; steady."""
        items = list(self.items)
        random.Random(self.id).shuffle(items)
        return items[1:] + items[:1] if items == self.items else items


class Batches:
    """All batches of one server.

    `latency_s`: a batch ends by itself so long after its creation; None: only when the test says so. `faults` strike
    items (not HTTP requests, which are `server.faults`): a fault's reply becomes the item's result, None lets the item
    expire; `on_call(n)` is the n-th item of the server, `on_item` one by its custom id, `when` reads the item's body.
    `submitted` and `worked` count, per custom id, how often an item was taken and how often it was really worked on
    (and would be charged where its answer was good).
    """

    prefix = "batch_"

    def __init__(
        self,
        answer: Callable[[Json, Json], Reply],
        latency_s: float | None,
        wait: Callable[[float | None], bool],
    ) -> None:
        """`answer(body, about)` answers one item of a batch created with `about`; it raises Refused.

        `wait` is what a slow fault waits with; it ends early, and says True, when the server stops.
        """
        self.latency_s = latency_s
        self.faults = Faults()
        self.submitted: Counter[str] = Counter()
        self.worked: Counter[str] = Counter()
        self.max_items = 100_000
        self._answer = answer
        self._wait = wait
        self._batches: dict[str, Batch] = {}
        self._opened = 0
        self._lock = threading.RLock()

    def __iter__(self) -> Iterator[Batch]:
        """Every batch that was created and not deleted, oldest first."""
        with self._lock:
            return iter(list(self._batches.values()))

    def finish(self, batch: str | None = None) -> None:
        """Work off what is left and end: this batch, or all that are under way. One being cancelled ends cancelled."""
        for each in self._under_way(batch):
            with self._lock:
                if each.cancelling is None:
                    self._work(each, len(each.items))
                self._end(each, Ending.COMPLETED if each.cancelling is None else Ending.CANCELLED)

    def work(self, count: int, batch: str | None = None) -> None:
        """Work off the next `count` items of this batch (of each one that is under way) without ending it."""
        for each in self._under_way(batch):
            with self._lock:
                self._work(each, count)

    def expire(self, batch: str | None = None) -> None:
        """Let the batch's time run out: what was worked off stays, the rest is expired."""
        for each in self._under_way(batch):
            with self._lock:
                self._end(each, Ending.EXPIRED)

    def archive(self, batch: str | None = None) -> None:
        """Make the results unreachable for ever, as the services do some weeks after the end."""
        with self._lock:
            for each in self._batches.values():
                if batch in (None, each.id):
                    each.is_archived = True

    def on_item(self, custom_id: str, fault: Callable[[Exchange], Reply | None], *, times: int | None = None) -> None:
        """A fault for one item by its custom id."""
        self.faults.on_request(lambda request: request.headers["custom-id"] == custom_id, fault, times=times)

    def _open(self, questions: Sequence[tuple[str, Json]], about: Json) -> Batch:
        with self._lock:
            first = sum(self.submitted.values()) + 1
            items = [Item(number=first + at, custom_id=key, body=body) for at, (key, body) in enumerate(questions)]
            self.submitted.update(item.custom_id for item in items)
            self._opened += 1
            name = self.prefix + hashlib.sha256(f"{self.prefix} {self._opened}".encode()).hexdigest()[:24]
            batch = Batch(id=name, items=items, created=time.time(), opened_s=time.monotonic(), about=about)
            self._batches[name] = batch
            return batch

    def _find(self, name: str) -> Batch | None:
        """The batch as it stands now: one whose latency is over ends first."""
        with self._lock:
            batch = self._batches.get(name)
            if batch is not None and batch.ending is None and self._is_due(batch):
                self.finish(batch.id)
            return batch

    def _forget(self, batch: Batch) -> None:
        with self._lock:
            del self._batches[batch.id]

    def _newest_first(self) -> list[Batch]:
        with self._lock:
            return [batch for name in reversed(self._batches) if (batch := self._find(name)) is not None]

    def _is_due(self, batch: Batch) -> bool:
        return self.latency_s is not None and time.monotonic() - batch.opened_s >= self.latency_s

    def _under_way(self, name: str | None) -> list[Batch]:
        with self._lock:
            if name is not None:
                return [batch for batch in (self._batches[name],) if batch.ending is None]
            return [batch for batch in self._batches.values() if batch.ending is None]

    def _work(self, batch: Batch, count: int) -> None:
        waiting = [item for item in batch.items if item.fate is Fate.WAITING]
        for item in waiting[:count]:
            self.worked[item.custom_id] += 1
            item.reply = self._replied(item, batch.about)
            item.fate = Fate.EXPIRED if item.reply is None else Fate.DONE

    def _replied(self, item: Item, about: Json) -> Reply | None:
        headers: Mapping[str, str] = {"custom-id": item.custom_id}
        request = Request(number=item.number, at_s=time.monotonic(), path="", headers=headers, body=item.body)
        exchange = Exchange(request=request, answer=lambda: self._answer(item.body, about), wait=self._wait)
        try:
            return self.faults.pick(request)(exchange)
        except Refused as refused:
            return refused.reply

    def _end(self, batch: Batch, ending: Ending) -> None:
        batch.ending, batch.ended = ending, time.time()
        for item in batch.items:
            if item.fate is Fate.WAITING:
                item.fate = Fate.EXPIRED if ending is Ending.EXPIRED else Fate.CANCELLED


def expired(_: Exchange) -> None:
    """A fault of one item: its time ran out before its turn came."""
