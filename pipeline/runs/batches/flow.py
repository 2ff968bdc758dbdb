"""Prompts and pictures of a run at the batch's price: first the prompts, then, of what was written, the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.config.loader import Configuration
from pipeline.engine.clock import StopCause
from pipeline.engine.failures import consequence_of
from pipeline.errors import PipelineError
from pipeline.records import Brief, CallKind, GeneratedImage, ImageRequest, WriterAnswer
from pipeline.records.history import Response
from pipeline.runs.assembly import Run, Surroundings, ledger_of, writing_of
from pipeline.runs.batches.lanes import FormerServices, Lanes, PictureLane, PromptLane, lanes_of
from pipeline.runs.batches.others import Others
from pipeline.runs.batches.questions import Questions
from pipeline.runs.batches.rounds import Course, Round
from pipeline.runs.painting import looked_at
from pipeline.runs.services.calling import Calling
from pipeline.runs.spending.brought import Brought
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.batch_notes import BatchNote, BatchQuestion, read_note

# A batch's results come one after the other; all of them may take so long.
BATCH_TIMEOUT_S = 3600.0
# Batches take minutes to hours; nobody gains by looking more often.
LOOK_EVERY_S = 30.0


def through_batches(run: Run, configuration: Configuration, around: Surroundings, calling: Calling) -> str:
    """Have in the store what batches can bring; gives what is still under way, in a line, "" where nothing is.

    Where a service cannot be asked or refuses, or a file cannot be written, `run` is stopped. Raises Stopped.
    """
    # Of its own: what a batch brought is counted when the engine uses it.
    ledger = ledger_of(run, configuration.settings, around, Brought())
    batching = _Batching(run=run, configuration=configuration, around=around, calling=calling, ledger=ledger)
    try:
        return batching.brought()
    except PipelineError as error:
        cause = StopCause.IMAGE_GATE if batching.is_at_pictures else StopCause.PROMPT_GATE
        run.stop.request(consequence_of(error).stops or cause, f"the batch: {error}", None)
        return ""


@dataclass(slots=True, kw_only=True)
class _Batching:
    """The batches of one run. `collected` are the kinds that were, after which what is missing is asked for singly."""

    run: Run
    configuration: Configuration
    around: Surroundings
    calling: Calling
    ledger: Ledger
    is_at_pictures: bool = False
    collected: set[CallKind] = field(default_factory=set)

    def brought(self) -> str:
        """Wait, where that is wanted, until nothing is under way."""
        told = ""
        while left := self._look():
            if not self.run.prepared.order.wait:
                return left
            if left != told:
                self.around.tell(f"Waiting: {left}.")
                told = left
            self.around.clock.sleep(LOOK_EVERY_S, self.run.stop)
        return ""

    def _look(self) -> str:
        """Collect what is done, hand in what may be; gives what is under way, in a line, "" where nothing is."""
        own = "; ".join(filter(None, [self._followed(kind) for kind in CallKind]))
        if own:
            return own
        questions = self._questions()
        others = Others(own=self.run.work_folder.path, history=self.run.keeping.history, follow=self._follow_in)
        elsewhere = others.look(set(questions.keys()))
        if self.run.prepared.order.batch and CallKind.IMAGE not in self.collected:
            lanes = lanes_of(self.run.prepared.services)
            own = self._handed_in(lanes, questions, others)
            elsewhere = others.look(set(questions.keys()))  # what was left to others, who were first
        return "; ".join(filter(None, [own, elsewhere]))

    def _handed_in(self, lanes: Lanes, questions: Questions, others: Others) -> str:
        self.is_at_pictures = False
        if lanes.prompts is not None and CallKind.PROMPT not in self.collected:
            share = lanes.pictures.price_share if lanes.pictures else 1.0
            missing = questions.prompts(picture_share=share, elsewhere=others.under_way)
            note = self._prompt_round(lanes.prompts, self.run.work_folder.path).hand_in(missing)
            if note is not None:
                return _told(note)
        if lanes.pictures is None or others.look(set(questions.keys())):
            return ""
        self.is_at_pictures = True
        round_ = self._picture_round(lanes.pictures, self.run.work_folder.path)
        note = round_.hand_in(questions.pictures(elsewhere=others.under_way))
        return "" if note is None else _told(note)

    def _followed(self, kind: CallKind) -> str:
        """What is under way in our own batch of that kind, in a line."""
        note = read_note(self.run.work_folder.path, kind)
        if note is None:
            return ""
        course = self._follow_in(self.run.work_folder.path, note)
        if course is Course.COLLECTED:
            self.collected.add(kind)
        return _told(note) if course is Course.UNDER_WAY else ""

    def _follow_in(self, folder: Path, note: BatchNote) -> Course:
        self.is_at_pictures = note.kind is CallKind.IMAGE
        former = FormerServices(
            services=self.run.prepared.services,
            configuration=self.configuration,
            templates=self.run.prepared.templates,
            clock=self.around.clock,
            receipts=self.run.keeping.store,
        )
        if note.kind is CallKind.PROMPT:
            with former.prompts(note) as prompts:
                return self._prompt_round(prompts, folder, note.model[0]).follow(note)
        with former.pictures(note) as pictures:
            return self._picture_round(pictures, folder, note.model[0]).follow(note)

    def _questions(self) -> Questions:
        settings = self.configuration.settings
        writing = writing_of(self.run, settings, self.calling, self.ledger)
        return Questions(run=self.run, ledger=self.ledger, writing=writing)

    def _prompt_round(self, lane: PromptLane, folder: Path, service: str | None = None) -> Round[Brief, WriterAnswer]:
        caller = self.calling.writing(service or self.run.prepared.services.writer.name)
        return Round(
            kind=CallKind.PROMPT,
            lane=lane,
            caller=replace(caller, timeout_s=BATCH_TIMEOUT_S),
            keep=self._keep_answer,
            **self._of_both(folder),
        )

    def _picture_round(
        self, lane: PictureLane, folder: Path, service: str | None = None
    ) -> Round[ImageRequest, GeneratedImage]:
        caller = self.calling.drawing(service or self.run.prepared.services.painters[0].name)
        return Round(
            kind=CallKind.IMAGE,
            lane=lane,
            caller=replace(caller, timeout_s=BATCH_TIMEOUT_S),
            keep=self._keep_picture,
            **self._of_both(folder),
        )

    def _keep_answer(self, question: BatchQuestion, answer: WriterAnswer) -> tuple[Response, float | None]:
        store = self.run.keeping.store
        with self._alone(question):
            store.keep_answer(question.request, answer)
        return Response.of_answer(answer), answer.cost_usd

    def _keep_picture(self, question: BatchQuestion, image: GeneratedImage) -> tuple[Response, float | None]:
        """At the price it was thought to have, where the service does not say what it cost."""
        store = self.run.keeping.store
        if image.cost_usd is None:
            image = replace(image, cost_usd=question.price_usd)
        with self._alone(question):
            kept = store.keep_picture(question.request, image)
            return looked_at(store, question.request, image, kept.hash)[1], image.cost_usd

    @contextmanager
    def _alone(self, question: BatchQuestion) -> Iterator[None]:
        with self.run.keeping.store.alone_with(
            question.request, lambda seconds: self.around.clock.sleep(seconds, self.run.stop)
        ):
            yield

    def _of_both(self, folder: Path) -> dict[str, Any]:
        return {
            "folder": folder,
            "run_id": self.run.id,
            "history": self.run.keeping.history,
            "ledger": self.ledger,
            "brought": self.run.brought,
            "tell": self.around.tell,
        }


def _told(note: BatchNote) -> str:
    name = f"batch {note.batch}" if note.batch else "a batch whose id was never seen"
    return f"{len(note.questions)} {note.kind}s are under way in {name}"
