"""What is done for one slide at each stage: the prompt is written, the picture is made, checked, kept and cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from PIL.Image import Image

from pipeline.engine.calls import Caller
from pipeline.engine.messages import Drawn, WriteOrder
from pipeline.errors import NotEnglishError, PromptError, ServiceError
from pipeline.images.checking import checked
from pipeline.images.fitting import fit_to_slot
from pipeline.images.grounds import matched
from pipeline.images.provider import ImageProvider
from pipeline.images.saliency import weigh
from pipeline.planning.cropping import best_crop
from pipeline.prompting.styles import Style
from pipeline.prompting.writer import PromptWriter
from pipeline.prompting.writing import Limits, ready_prompt, write_prompt
from pipeline.records import (
    EMU_PER_INCH,
    Brief,
    Cover,
    Declined,
    Ground,
    ImageRequest,
    PictureFinish,
    Prompt,
    Slot,
    WriterAnswer,
)
from pipeline.store.work_folder import WorkFolder, request_key

MILDER = "An image service refused this prompt on grounds of its policy. Write a milder one with another motif: "


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideJob:
    """One slide's work: what the writer is told, the person's own prompt if there is one, the room for the picture.

    `finish` is how the picture's edges look once it is in the deck, `cover` what it has to respect behind text.
    """

    brief: Brief
    style: Style
    own_prompt: str
    own_style: Style | None
    slot: Slot
    finish: PictureFinish
    cover: Cover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The producer's step."""

    jobs: Mapping[int, SlideJob]
    writer: PromptWriter
    caller: Caller
    limits: Limits
    work_folder: WorkFolder
    template_key: str

    def __call__(self, order: WriteOrder) -> Prompt | Declined:
        job = self.jobs[order.slide_number]
        brief = job.brief
        if order.milder_than:
            brief = replace(brief, complaint=MILDER + order.milder_than)
        elif job.own_prompt:
            try:
                return ready_prompt(job.own_prompt, brief, job.own_style, self.limits)
            except NotEnglishError:
                brief = replace(brief, wish=job.own_prompt)
        try:
            return write_prompt(brief, self._ask, job.style, self.limits)
        except PromptError:
            self.work_folder.discard_answers(order.slide_number)
            raise

    def _ask(self, brief: Brief) -> WriterAnswer:
        key = request_key(
            {
                "writer": self.writer.name,
                "model": self.writer.model,
                "templates": self.template_key,
                "brief": asdict(brief),
            }
        )
        kept = self.work_folder.find_answer(brief.slide_number, key)
        if kept is not None:
            return kept

        def ask(timeout_s: float) -> WriterAnswer:
            answer = self.writer.write(brief, timeout_s)
            self.work_folder.keep_answer(brief.slide_number, key, answer)
            return answer

        answer = self.caller.call(ask)
        return replace(answer.value, cost_usd=answer.value.cost_usd + answer.wasted_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A worker's step: the call, the download, the decoding, the check. None of it touches the deck."""

    jobs: Mapping[int, SlideJob]
    provider: ImageProvider
    caller: Caller
    work_folder: WorkFolder
    quality: str
    max_px_per_in: int

    def __call__(self, prompt: Prompt) -> Drawn:
        job = self.jobs[prompt.slide_number]
        request = _request(job, prompt, self.max_px_per_in)
        key = request_key(
            {
                "provider": self.provider.name,
                "model": self.provider.model,
                "quality": self.quality,
                "request": asdict(request),
            }
        )
        made = self._kept(prompt.slide_number, key)
        attempts, wasted_usd = 0, 0.0
        if made is None:
            answer = self.caller.call(lambda timeout_s: self._make(request, prompt.slide_number, key, timeout_s))
            made, attempts, wasted_usd = answer.value, answer.attempts, answer.wasted_usd
        picture = _on_ground(made.picture, job.brief)
        window = best_crop(*picture.size, job.slot.box.aspect_ratio, *weigh(picture))
        return Drawn(
            slide_number=prompt.slide_number,
            alt_text=prompt.alt_text,
            fit=partial(fit_to_slot, picture, window, job.slot.box, max_px_per_in=self.max_px_per_in, cover=job.cover),
            provider=self.provider.name,
            model=self.provider.model,
            attempts=attempts,
            cost_usd=made.cost_usd + wasted_usd,
            image=made.path,
        )

    def _kept(self, slide_number: int, key: str) -> _Made | None:
        """The picture an earlier run paid for, if it is still whole."""
        path = self.work_folder.find_image(slide_number, key)
        if path is None:
            return None
        try:
            return _Made(path=path, picture=checked(self.work_folder.read_image(path)), cost_usd=0.0)
        except ServiceError:
            self.work_folder.discard_image(path)
            return None

    def _make(self, request: ImageRequest, slide_number: int, key: str, timeout_s: float) -> _Made:
        image = self.provider.generate(request, timeout_s)
        path = self.work_folder.keep_image(slide_number, key, image)
        cost_usd = image.cost_usd or 0.0
        try:
            return _Made(path=path, picture=checked(image.data), cost_usd=cost_usd)
        except ServiceError as error:
            self.work_folder.discard_image(path)
            error.cost_usd = cost_usd
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A picture that is on disk and has passed the check."""

    path: Path
    picture: Image
    cost_usd: float


def _on_ground(picture: Image, brief: Brief) -> Image:
    return matched(picture, brief.theme.background) if brief.ground is Ground.PLAIN else picture


def _request(job: SlideJob, prompt: Prompt, max_px_per_in: int) -> ImageRequest:
    return ImageRequest(
        prompt=prompt.text,
        subject=prompt.subject,
        aspect_ratio=round(job.slot.box.aspect_ratio, 3),
        width_px=round(job.slot.box.width_emu / EMU_PER_INCH * max_px_per_in),
        style=job.style.name,
        theme=job.brief.theme,
        seed=job.brief.seed,
        is_cover=job.brief.is_cover,
        ground=job.brief.ground,
    )
