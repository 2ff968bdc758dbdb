"""Many things done in threads, so many at once: taken as they are listed, told of as they end, stopped in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from pipeline.engine.channel import Channel, Closed
from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested, ThreadEnded, Told
from pipeline.engine.threads import Mailbox, start_thread

A = TypeVar("A")
B = TypeVar("B")

# So many things are listed ahead of those that are done: enough to say how many there are, and a bound for memory.
LISTED_AHEAD = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All things are listed; there are so many."""

    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[A, B]):
    """What came of a thing; `number` counts the things from 0 in the order in which they were begun."""

    number: int
    thing: A
    result: B


class Many(Generic[A, B]):
    """Goes through `things` once, `at_once` of them at a time; iterate over it to have it done and to hear of it.

    `work(thing, own)` is called in a thread. It must hear StopRequested in `own`, its mailbox, and then end soon. What
    it or `things` raises is a bug: it stops all and is raised by the iteration. `mailbox` is where the iteration hears
    of everything: what signals and `work` put there comes out between the results.
    """

    def __init__(
        self,
        things: Iterable[A],
        work: Callable[[A, Mailbox], B],
        *,
        at_once: int,
        mailbox: SimpleQueue[Any],  # a Mailbox for whoever puts signals there; Listed and Ended go through it too
    ) -> None:
        self._things = things
        self._work = work
        self._at_once = at_once
        self._mailbox = mailbox
        self._channel: Channel[A | None] = Channel(LISTED_AHEAD)
        self._lock = threading.Lock()
        self._under_way: dict[int, Mailbox] = {}
        self._begun = 0
        self._may_begin = True
        self.cause: StopCause | None = None
        """Which signal stopped all, None while none did."""

    def __iter__(self) -> Generator[Ended[A, B] | Listed | Told]:
        """Returns when all is done, or all is done that was under way when it was stopped. Leaving it stops all."""
        start_thread("lister", self._list, self._mailbox)
        at_work = {f"deck-{number}" for number in range(1, self._at_once + 1)}
        for name in at_work.copy():
            start_thread(name, self._go_through, self._mailbox)
        try:
            while at_work:
                message = self._mailbox.get()
                if isinstance(message, StopRequested):
                    self.cause = self.cause or message.cause
                    self.stop(message.cause)
                elif isinstance(message, ThreadEnded):
                    at_work.discard(message.name)
                    if message.crash is not None:
                        raise message.crash
                else:
                    yield message
        finally:
            self.stop(StopCause.INTERRUPTED)

    @property
    def begun(self) -> int:
        """How many things were begun so far."""
        return self._begun

    def begin_no_more(self) -> None:
        """Let what is under way end by itself, and nothing else begin. For any thread."""
        with self._lock:
            self._may_begin = False
        self._channel.close()

    def stop(self, cause: StopCause) -> None:
        """Ask what is under way to end, and let nothing else begin. For any thread."""
        self.begin_no_more()
        with self._lock:
            for own in self._under_way.values():
                own.put(StopRequested(cause=cause))

    def _list(self) -> None:
        total = 0
        for thing in self._things:
            self._channel.put(thing)
            total += 1
        self._mailbox.put(Listed(total=total))  # before the threads can end, after which nobody hears it
        self._channel.put(None)

    def _go_through(self) -> None:
        """One thread's loop. Ends with Closed, or where nothing is left."""
        while (thing := self._channel.get()) is not None:
            own: Mailbox = SimpleQueue()
            number = self._entered(own)
            try:
                result = self._work(thing, own)
            finally:
                with self._lock:
                    del self._under_way[number]
            self._mailbox.put(Ended(number=number, thing=thing, result=result))
        self._channel.put_first(None)  # for the others

    def _entered(self, own: Mailbox) -> int:
        """The number of what begins now. Raises Closed where nothing may."""
        with self._lock:
            if not self._may_begin:
                raise Closed
            number = self._begun
            self._begun += 1
            self._under_way[number] = own
            return number
