"""The same small piece of work for several things at once, for what is no run of a deck."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from pipeline.engine.clock import GRACE_S, Clock, StopCause, StopSignal

A = TypeVar("A")
B = TypeVar("B")


def in_parallel(
    function: Callable[[A], B], things: Sequence[A], *, at_once: int, clock: Clock, stop: StopSignal
) -> list[B | Exception]:
    """What `function` gives, or the error it raises, for each of `things`, in their order, `at_once` of them at a time.

    Once `stop` is requested nothing new is begun: the rest has raised Stopped. Where a signal's exception breaks this
    off, `stop` is requested and what is under way gets GRACE_S to arrive, since it may have been paid for; a second
    signal does not wait.
    """
    waiting: SimpleQueue[int] = SimpleQueue()
    for index in range(len(things)):
        waiting.put(index)
    done: SimpleQueue[tuple[int, B | BaseException]] = SimpleQueue()

    def body() -> None:
        while True:
            try:
                index = waiting.get_nowait()
            except Empty:
                return
            try:
                stop.check()
                done.put((index, function(things[index])))
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
                done.put((index, error))

    # Daemons: one that hangs in a call is left behind and must not keep the process.
    threads = [threading.Thread(target=body, daemon=True) for _ in range(min(at_once, len(things)))]
    try:
        for thread in threads:
            thread.start()
        return _ordered(done.get() for _ in things)
    except BaseException:
        give_up_at = clock.monotonic() + GRACE_S
        stop.request(StopCause.INTERRUPTED, "interrupted", give_up_at)
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, give_up_at - clock.monotonic()))
        raise


def _ordered(arriving: Iterable[tuple[int, B | BaseException]]) -> list[B | Exception]:
    found: dict[int, B | Exception] = {}
    for index, result in arriving:
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            raise result
        found[index] = result
    return [found[index] for index in sorted(found)]
