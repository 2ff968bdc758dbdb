"""What was paid for and has not arrived yet: the next try of the same request goes on with it."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from pipeline.records import ImageRequest

T = TypeVar("T")


class Unfinished(Generic[T]):
    """Things kept by request. Each is given to one taker only, whichever of many threads asks first."""

    def __init__(self) -> None:
        self._kept: dict[ImageRequest, deque[T]] = {}

    def keep(self, request: ImageRequest, thing: T) -> None:
        # Both steps are atomic, so no lock is needed; an empty queue stays, for taking it away would not be.
        self._kept.setdefault(request, deque()).append(thing)

    def take(self, request: ImageRequest) -> T | None:
        try:
            return self._kept[request].popleft()
        except (KeyError, IndexError):
            return None
