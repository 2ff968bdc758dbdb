"""The owner of a run: starts producer and workers, hears what they say, inserts the pictures, decides when it is over.

It runs in the caller's thread and is the only one that touches the board and the deck. Every thread reports its own
end, so the run ends when all have ended, or when those that hang have used up their grace.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty

from pipeline.engine.board import Board
from pipeline.engine.channel import Channel
from pipeline.engine.clock import GRACE_S, Clock, StopCause, StopSignal
from pipeline.engine.failures import consequence_of
from pipeline.engine.messages import (
    Drawn,
    Finished,
    Message,
    StopRequested,
    ThreadEnded,
    Told,
    WriteFailed,
    WriteOrder,
    Written,
)
from pipeline.engine.threads import DrawStep, Mailbox, WriteStep, produce, start_thread, work
from pipeline.errors import FailedCall, PipelineError
from pipeline.events import Stage
from pipeline.records import Declined, Prompt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What is done for a slide: `write` by the producer, `draw` by the workers, `insert` by the owner."""

    write: WriteStep
    draw: DrawStep
    insert: Callable[[Drawn], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """A prompt that a service refused by its policy. `no_milder` says why there is none, "" while there may be."""

    prompt: Prompt
    calls: tuple[FailedCall, ...]
    no_milder: str = ""


class Coordinator:
    """One run of the engine. `slides_at_once` 1 works strictly one slide after the other; None sets no bound."""

    def __init__(
        self,
        board: Board,
        steps: Steps,
        *,
        workers: int,
        queue_size: int,
        slides_at_once: int | None,
        mailbox: Mailbox,
        stop: StopSignal,
        clock: Clock,
    ) -> None:
        self._board = board
        self._steps = steps
        self._workers = workers
        self._slides_at_once = slides_at_once
        self._mailbox = mailbox
        self._stop = stop
        self._clock = clock
        self._orders: Channel[WriteOrder] = Channel()
        self._prompts: Channel[Prompt] = Channel(queue_size)
        self._to_order = list(board.open)
        self._refusals: dict[int, _Refusal] = {}
        self._in_the_end: tuple[StopCause, str] | None = None

    def run(self) -> None:
        """Bring every open slide to an end. Returns whatever breaks; `stop.cause` says if the run was broken off.

        Raises only what was raised in this thread itself, a second Ctrl-C above all.
        """
        while not self._mailbox.empty():  # a signal that came before the start
            self._handle(self._mailbox.get())
        try:
            self._direct(self._start_threads())
        except BaseException:  # whoever breaks in here, no thread goes on calling behind our back
            self._break_off(StopCause.INTERRUPTED, "the run was broken off")
            self._advance()
            raise
        if self._in_the_end:
            self._stop.request(*self._in_the_end, None)
        self._board.fail_the_rest(self._stop.message or "the run ended early")

    def _direct(self, alive: set[str]) -> None:
        """Hear the threads until all have ended or those that hang have used up their grace."""
        self._advance()
        while alive and not self._stop.gives_up(self._clock.monotonic()):
            try:
                message = self._mailbox.get(timeout=self._patience_s())
            except Empty:
                continue
            if isinstance(message, ThreadEnded):
                alive.discard(message.name)
            self._handle(message)
            self._advance()
            if isinstance(message, WriteFailed | Finished):
                message.heard.set()

    def _start_threads(self) -> set[str]:
        produce_all = partial(produce, self._orders, self._prompts, self._steps.write, self._mailbox)
        work_on = partial(work, self._prompts, self._steps.draw, self._mailbox, self._clock)
        loops = {"producer": produce_all} | {f"worker-{number}": work_on for number in range(1, self._workers + 1)}
        for name, loop in loops.items():
            start_thread(name, loop, self._mailbox)
        return set(loops)

    def _patience_s(self) -> float | None:
        """How long to wait for a message: for ever, or for what is left of the grace once a run is broken off."""
        if self._stop.give_up_at is None:
            return None
        return max(0.0, self._stop.give_up_at - self._clock.monotonic())

    def _advance(self) -> None:
        """Order what may begin; let the threads end where nothing is left to do."""
        if self._stop.cause is not None or not self._board.open:
            self._orders.close()
            self._prompts.close()
            return
        being_made = len(self._board.open) - len(self._to_order)
        while self._to_order and (self._slides_at_once is None or being_made < self._slides_at_once):
            self._orders.put(WriteOrder(slide_number=self._to_order.pop(0)))
            being_made += 1

    def _handle(self, message: Message) -> None:
        match message:
            case Written(prompt=prompt):
                self._board.charge(prompt.slide_number, prompt.cost_usd, prompt.saved_usd)
                self._board.prompt_written(prompt, is_rewrite=prompt.slide_number in self._refusals)
            case Declined(slide_number=number, reason=reason):
                self._board.charge(number, message.cost_usd, message.saved_usd)
                self._board.declined(number, reason, is_rewrite=number in self._refusals)
                self._check_gates()
            case WriteFailed(slide_number=number, error=error):
                self._write_failed(number, error)
            case Finished(result=result):
                is_picture = isinstance(result, Drawn) and not result.stands_in_for
                self._board.record_work(message.worker, message.busy_s, succeeded=is_picture)
                if isinstance(result, Drawn):
                    self._insert(result)
                else:
                    self._draw_failed(message.prompt, result)
            case Told(text=text):
                self._board.tell(text)
            case StopRequested(cause=cause):
                self._break_off(cause, f"the run was {cause.value}")
            case ThreadEnded(crash=crash) if crash is not None:
                log.error("%s broke", message.name, exc_info=crash)
                self._break_off(StopCause.BUG, f"unexpected {type(crash).__name__} in {message.name}: {crash}")

    def _insert(self, drawn: Drawn) -> None:
        number = drawn.slide_number
        self._board.charge(number, drawn.cost_usd, drawn.saved_usd)
        try:
            self._steps.insert(drawn)
        except Exception as error:  # noqa: BLE001 - one slide's failure is reported, the others go on
            self._image_failed(number, error, (*self._calls_before(number), *drawn.failed_calls))
            return
        if drawn.stands_in_for:
            self._board.marked(drawn, self._calls_before(number))
            self._check_gates(f"; the last: {drawn.stands_in_for}")
        else:
            self._board.illustrated(drawn, self._calls_before(number))

    def _calls_before(self, number: int) -> tuple[FailedCall, ...]:
        """The image calls made for a slide before a service's refusal had its prompt rewritten."""
        refusal = self._refusals.get(number)
        return refusal.calls if refusal else ()

    def _write_failed(self, number: int, error: Exception) -> None:
        self._board.charge(number, _cost_usd(error))
        row, refusal = consequence_of(error), self._refusals.get(number)
        if refusal is None:
            if row.stops_in_the_end:
                self._board.hold_back(number, _reason(error), Stage.PROMPTS, ())
            else:
                self._board.prompt_failed(number, _reason(error))
            self._heed(error)
        elif row.stops or row.stops_in_the_end or self._stop.cause:
            self._image_failed(number, error, refusal.calls)
        else:  # another service may take the prompt as it is
            self._refusals[number] = replace(refusal, no_milder=f"refused, and no milder prompt: {_reason(error)}")
            self._prompts.put_first(replace(refusal.prompt, is_last=True))

    def _draw_failed(self, prompt: Prompt, error: Exception) -> None:
        number = prompt.slide_number
        self._board.charge(number, _cost_usd(error))
        calls = error.calls if isinstance(error, PipelineError) else ()
        if consequence_of(error).softens and not prompt.is_last and self._stop.cause is None:
            log.info("slide %d: refused, asking for a milder prompt: %s", number, error)
            self._refusals[number] = _Refusal(prompt=prompt, calls=calls)
            self._orders.put_first(WriteOrder(slide_number=number, milder_than=prompt.text))
            return
        self._image_failed(number, error, (*self._calls_before(number), *calls))

    def _image_failed(self, number: int, error: Exception, calls: tuple[FailedCall, ...]) -> None:
        if consequence_of(error).stops_in_the_end:
            self._board.hold_back(number, _reason(error), Stage.IMAGES, calls)
        else:
            refusal = self._refusals.get(number)
            self._board.image_failed(number, (refusal.no_milder if refusal else "") or _reason(error), calls)
        self._heed(error)

    def _heed(self, error: Exception) -> None:
        """A slide has failed for `error`: what follows for the run."""
        if not isinstance(error, PipelineError):
            log.error("unexpected error", exc_info=error)
        row = consequence_of(error)
        if row.stops:
            self._break_off(row.stops, str(error))
        elif row.stops_in_the_end:
            self._in_the_end = self._in_the_end or (row.stops_in_the_end, str(error))
        self._check_gates(f"; the last: {_reason(error)}")

    def _check_gates(self, why: str = "") -> None:
        if self._board.prompt_gate.is_lost:
            self._stop.request(StopCause.PROMPT_GATE, f"prompts: {self._board.prompt_gate.describe()}{why}", None)
        elif self._board.image_gate.is_lost:
            self._stop.request(StopCause.IMAGE_GATE, f"images: {self._board.image_gate.describe()}{why}", None)

    def _break_off(self, cause: StopCause, message: str) -> None:
        self._stop.request(cause, message, self._clock.monotonic() + GRACE_S)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, PipelineError) else f"unexpected {type(error).__name__}: {error}"


def _cost_usd(error: Exception) -> float:
    return error.cost_usd if isinstance(error, PipelineError) else 0.0
