"""Prompts and pictures of a run at the batch's price: first the prompts, then, of what was written, the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipeline.asking.batches import BatchLane
from pipeline.config.settings import Settings
from pipeline.engine.clock import StopCause
from pipeline.engine.failures import consequence_of
from pipeline.engine.messages import WriteOrder
from pipeline.errors import BudgetError, PromptError, ServiceError, UsageError
from pipeline.images.openai_batches import batches_of as picture_batches_of
from pipeline.prompting.claude_batches import batches_of as prompt_batches_of
from pipeline.records import Brief, CallKind, GeneratedImage, ImageRequest, Prompt, Request, WriterAnswer
from pipeline.records.history import Response
from pipeline.runs.assembly import Run, Surroundings, ledger_of, writing_of
from pipeline.runs.batches.rounds import Question, Round
from pipeline.runs.drawing import image_request
from pipeline.runs.ledger import Ledger
from pipeline.runs.painting import looked_at
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.choosing import Services
from pipeline.runs.writing import Writing, response_of

# A batch's results come one after the other; all of them may take so long.
BATCH_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Who takes batches, None where nobody does."""

    prompts: BatchLane[Brief, WriterAnswer] | None
    pictures: BatchLane[ImageRequest, GeneratedImage] | None


def lanes_of(services: Services) -> Lanes:
    """Raises UsageError where neither prompts nor pictures can be had in batches."""
    lanes = Lanes(prompts=prompt_batches_of(services.writer), pictures=picture_batches_of(services.painters[0]))
    if lanes.prompts is None and lanes.pictures is None:
        raise UsageError("--batch: neither the prompts' nor the pictures' service takes batches; leave it out")
    return lanes


def through_batches(run: Run, settings: Settings, around: Surroundings, calling: Calling) -> str:
    """Have in the store what batches can bring; gives what is still under way, in a line, "" where nothing is.

    Where a service cannot be asked or refuses, `run` is stopped. Raises UsageError where none takes batches.
    """
    lanes, ledger = lanes_of(run.prepared.services), ledger_of(run, settings, around)
    batching = _Batching(run=run, settings=settings, around=around, calling=calling, ledger=ledger)
    prompts = None if lanes.prompts is None else batching.prompts(lanes.prompts)
    pictures = None if lanes.pictures is None else batching.pictures(lanes.pictures)
    cause = StopCause.PROMPT_GATE
    try:
        if prompts is not None and (pictures is None or not pictures.is_under_way):
            left = prompts.brought(batching.missing_prompts)
            if left or pictures is None:
                return left
        cause = StopCause.IMAGE_GATE
        writing = writing_of(run, settings, calling, ledger)
        return "" if pictures is None else pictures.brought(lambda: batching.missing_pictures(writing))
    except ServiceError as error:
        run.stop.request(consequence_of(error).stops or cause, f"the batch: {error}", None)
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batching:
    run: Run
    settings: Settings
    around: Surroundings
    calling: Calling
    ledger: Ledger

    def prompts(self, lane: BatchLane[Brief, WriterAnswer]) -> Round[Brief, WriterAnswer]:
        services = self.run.prepared.services
        return Round(
            kind=CallKind.PROMPT,
            lane=lane,
            caller=replace(self.calling.writing(services.writer.name), timeout_s=BATCH_TIMEOUT_S),
            keep=self._keep_answer,
            **self._of_both(),
        )

    def pictures(self, lane: BatchLane[ImageRequest, GeneratedImage]) -> Round[ImageRequest, GeneratedImage]:
        first = self.run.prepared.services.painters[0]
        return Round(
            kind=CallKind.IMAGE,
            lane=lane,
            caller=replace(self.calling.drawing(first.name), timeout_s=BATCH_TIMEOUT_S),
            keep=self._keep_picture,
            **self._of_both(),
        )

    def missing_prompts(self) -> Iterator[Question[Brief]]:
        writer, store = self.run.prepared.services.writer, self.run.keeping.store
        for number, job in self.run.prepared.jobs.items():
            request = writer.request(job.brief)
            if not job.own_prompt and store.find_answer(request) is None:
                yield Question(
                    asked=job.brief, request=request, slide_number=number, price_usd=writer.estimate_usd(job.brief)
                )

    def missing_pictures(self, writing: Writing) -> Iterator[Question[ImageRequest]]:
        """Of the slides whose prompts are known; one that is missing still is asked for at once, at the full price."""
        services, store = self.run.prepared.services, self.run.keeping.store
        painter = services.painters[0]
        for number, job in self.run.prepared.jobs.items():
            prompt = _prompt_of(writing, number)
            self.ledger.release(number)
            if prompt is None:
                continue
            asked = image_request(job, prompt, self.settings.layout.max_px_per_in)
            if any(store.find_picture(one.request(asked)) is not None for one in services.painters):
                continue
            price_usd = painter.estimate_usd(asked.aspect_ratio, asked.width_px)
            yield Question(asked=asked, request=painter.request(asked), slide_number=number, price_usd=price_usd)

    def _keep_answer(self, request: Request, answer: WriterAnswer) -> tuple[Response, float | None]:
        store = self.run.keeping.store
        with store.alone_with(request, self._wait):
            store.keep_answer(request, answer)
        return response_of(answer), answer.cost_usd

    def _keep_picture(self, request: Request, image: GeneratedImage) -> tuple[Response, float | None]:
        store = self.run.keeping.store
        with store.alone_with(request, self._wait):
            kept = store.keep_picture(request, image)
            return looked_at(store, request, image, kept.hash)[1], image.cost_usd

    def _wait(self, seconds: float) -> None:
        self.around.clock.sleep(seconds, self.run.stop)

    def _of_both(self) -> dict[str, Any]:
        return {
            "folder": self.run.work_folder.path,
            "run_id": self.run.id,
            "history": self.run.keeping.history,
            "ledger": self.ledger,
            "waits": self.run.prepared.order.wait,
            "tell": self.around.tell,
        }


def _prompt_of(writing: Writing, number: int) -> Prompt | None:
    """The engine asks again for what fails here, and says why it failed."""
    try:
        prompt = writing(WriteOrder(slide_number=number))
    except (PromptError, ServiceError, BudgetError):
        return None
    return prompt if isinstance(prompt, Prompt) else None
