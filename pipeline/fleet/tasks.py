"""The Celery tasks: what each is told, what it may be told twice, and where it goes when it is done.

    begin_deck -> make_picture, one for each slide, on any machine -> finish_deck

All are idempotent. What was paid for is in the shared store and found there; a deck that is over is not done again; two
that do the same for one deck wait for one another. So a task whose worker died, and which another is given, repeats
nothing that was paid. Failures of a service end no task: the last one, an ordinary run, decides what becomes of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from celery import Celery, Task, chord, group
from celery.exceptions import Reject

from pipeline.engine.clock import Stopped
from pipeline.errors import ExitCode, PipelineError
from pipeline.events import current_slide
from pipeline.fleet.app import BEGIN_DECK, FINISH_DECK, MAKE_PICTURE, SUBMIT_SCHEDULED, image_queue
from pipeline.fleet.beginning import ORDERS, Handout, hand_out
from pipeline.fleet.finishing import end_as_before, finish
from pipeline.fleet.job_records import DeadLetter, DeckState
from pipeline.fleet.kits import Kits
from pipeline.fleet.submitting import submit_scheduled
from pipeline.fleet.workshop import TakenElsewhere, Workshop

T = TypeVar("T")

log = logging.getLogger(__name__)

# A task that so many workers died over is not given to another.
MOST_DEATHS = 3
_HANDED_OUT = "handed_out"


class FleetTasks:
    """The tasks of `app`, which work in `workshop`. Close it when no task is under way any more."""

    def __init__(self, app: Celery, workshop: Workshop) -> None:
        self._app = app
        self._workshop = workshop
        self._kits = Kits(workshop)
        self._define(app)

    def close(self) -> None:
        self._kits.close()

    def _define(self, app: Celery) -> None:
        def begin_deck(task: Task, job_id: str, number: int) -> None:
            self.guarded(task, job_id, number, lambda: self.begin(job_id, number))

        def make_picture(task: Task, job_id: str, number: int, order: dict[str, Any], deck_hash: str) -> str:
            told = self.guarded(task, job_id, number, lambda: self.draw(job_id, number, order, deck_hash))
            return told or "given up"

        def finish_deck(task: Task, job_id: str, number: int) -> None:
            self.guarded(task, job_id, number, lambda: self.finish(job_id, number))

        def submit_due(entry: dict[str, Any]) -> None:
            submit_scheduled(entry, self._workshop.book, app, self._workshop.clock)

        app.task(begin_deck, name=BEGIN_DECK, bind=True, ignore_result=True, shared=False)
        app.task(make_picture, name=MAKE_PICTURE, bind=True, shared=False)
        app.task(finish_deck, name=FINISH_DECK, bind=True, ignore_result=True, shared=False)
        app.task(submit_due, name=SUBMIT_SCHEDULED, ignore_result=True, shared=False)

    def guarded(self, task: Task, job_id: str, number: int, work: Callable[[], T]) -> T | None:
        """What `work` gives, None where the task killed too many workers. Raises Reject where it goes to another."""
        workshop, task_id = self._workshop, str(task.request.id)
        try:
            starts = workshop.patiently(lambda: workshop.book.started(task_id))
            if starts > MOST_DEATHS:
                self._give_up(task.name, job_id, number, f"it killed {MOST_DEATHS} workers")
                return None
            try:
                return workshop.patiently(work)
            except (Stopped, TakenElsewhere):
                raise
            except Exception as error:
                log.exception("%s of %s/%d failed", task.name, job_id, number)
                self._give_up(task.name, job_id, number, f"a bug: {type(error).__name__}: {error}")
                return None
        except (Stopped, TakenElsewhere) as reason:
            raise Reject(reason, requeue=True) from reason
        finally:
            current_slide.set(None)
            workshop.forgive(lambda: workshop.book.ended(task_id))

    def begin(self, job_id: str, number: int) -> None:
        workshop, book = self._workshop, self._workshop.book
        job = book.job(job_id)
        with workshop.alone_with(f"begin:{job_id}:{number}"):
            if job.is_cancelled:
                book.end(job_id, number, DeckState.CANCELLED, message="cancelled")
                return
            if not book.begin(job_id, number) or book.noted(job_id, number, _HANDED_OUT):
                return
            try:
                handout = hand_out(workshop, job, book.deck(job_id, number))
            except PipelineError as error:
                if workshop.is_to_blame(error):
                    raise
                log.warning("%s/%d: left to its last task: %s", job_id, number, error)
                handout = Handout()
            if handout.is_done:
                end_as_before(workshop, job, book.deck(job_id, number))
                return
            book.hand_out(job_id, number, planned=handout.planned, to_draw=len(handout.orders))
            self._send(job_id, number, handout)
            book.note(job_id, number, **{_HANDED_OUT: "1"})

    def draw(self, job_id: str, number: int, order: dict[str, Any], deck_hash: str) -> str:
        """What became of the picture, in a word."""
        book = self._workshop.book
        wanted = ORDERS.validate_python(order)
        slide = wanted.slide_number or 0
        current_slide.set(slide)
        job, deck = book.job(job_id), book.deck(job_id, number)
        told = "not wanted"
        if not job.is_cancelled and not deck.state.is_over:
            try:
                with self._kits.of(job, deck, deck_hash) as kit:
                    reply = kit.chain.call(wanted, asks_for_milder=True)
            except PipelineError as error:
                if self._workshop.is_to_blame(error):
                    raise
                log.warning("%s: no picture for slide %d: %s", deck.source, slide, error)
                book.paid(job_id, number, slide, error.cost_usd)
                told = "failed"
            else:
                wasted_usd = sum(call.cost_usd for call in reply.failed_calls)
                book.paid(job_id, number, slide, (reply.value.cost_usd or 0.0) + wasted_usd)
                told = "kept" if reply.is_kept else "made"
        book.drawn(job_id, number, slide)
        return told

    def finish(self, job_id: str, number: int) -> None:
        workshop, book = self._workshop, self._workshop.book
        with workshop.alone_with(f"finish:{job_id}:{number}"):
            job, deck = book.job(job_id), book.deck(job_id, number)
            if deck.state.is_over:
                return
            if job.is_cancelled:
                book.end(job_id, number, DeckState.CANCELLED, message="cancelled")
                return
            book.heard(job_id, number)
            finish(workshop, job, deck)

    def rescue(self) -> None:
        """Finish what nobody was told to finish: a worker died as the last picture of a deck came in."""
        workshop = self._workshop
        quiet = timedelta(seconds=2 * workshop.configuration.settings.fleet.lease_s)
        for job_id, number in workshop.book.stranded(quiet):
            log.warning("%s/%d: all its pictures are there, it is finished now", job_id, number)
            workshop.book.heard(job_id, number)
            self._app.send_task(FINISH_DECK, (job_id, number), ignore_result=True)

    def _send(self, job_id: str, number: int, handout: Handout) -> None:
        last = self._app.signature(FINISH_DECK, (job_id, number), immutable=True, ignore_result=True)
        if not handout.orders:
            last.apply_async()
            return
        queue = image_queue(handout.service)
        pictures = [
            self._app.signature(
                MAKE_PICTURE, (job_id, number, ORDERS.dump_python(order, mode="json"), handout.deck_hash), queue=queue
            )
            for order in handout.orders
        ]
        chord(group(pictures, app=self._app), last, app=self._app).apply_async()

    def _give_up(self, task: str, job_id: str, number: int, reason: str) -> None:
        book, message = self._workshop.book, f"{task.rpartition('.')[2]} was given up: {reason}"
        log.error("%s/%d: %s", job_id, number, message)
        self._workshop.patiently(
            lambda: book.bury(
                DeadLetter(task=task, job=job_id, deck=number, reason=reason, at=self._workshop.clock.now())
            )
        )
        self._workshop.patiently(
            lambda: book.end(job_id, number, DeckState.FAILED, exit_code=int(ExitCode.BUG), message=message)
        )
