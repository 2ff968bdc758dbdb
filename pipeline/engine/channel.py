"""A bounded queue between threads that can be closed, which `queue.Queue` learns only in Python 3.13."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):  # noqa: N818 - the end of a stream is not an error
    """Nothing more goes in or comes out."""


class Channel(Generic[T]):
    """First in, first out, except for what is put in front. `capacity` 0 means no bound.

    After `close`, waiting and later calls raise Closed; what was not taken is dropped, since it was not paid for.
    """

    def __init__(self, capacity: int = 0) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        """Wait for room and put `item` last. Raises Closed."""
        with self._changed:
            self._changed.wait_for(self._has_room)
            if self._is_closed:
                raise Closed
            self._items.append(item)
            self._changed.notify_all()

    def put_first(self, item: T) -> None:
        """Put `item` in front of all others, room or not. Raises Closed."""
        with self._changed:
            if self._is_closed:
                raise Closed
            self._items.appendleft(item)
            self._changed.notify_all()

    def get(self) -> T:
        """Wait for the next item. Raises Closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._is_closed)
            if self._is_closed:
                raise Closed
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._items.clear()
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._is_closed or not self._capacity or len(self._items) < self._capacity
