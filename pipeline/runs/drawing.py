"""A worker's step: the picture of one slide is made by the first service that can, checked, kept and weighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PIL.Image import Image

from pipeline.engine.chain import Chain
from pipeline.engine.messages import Drawn
from pipeline.errors import FailedCall, FailureKind, ServiceError
from pipeline.images.checking import checked
from pipeline.images.fitting import fit_to_slot
from pipeline.images.grounds import matched
from pipeline.images.saliency import weigh
from pipeline.planning.cropping import best_crop
from pipeline.records import Brief, Ground, ImageRequest, Prompt
from pipeline.runs.jobs import SlideJob
from pipeline.runs.painting import Made, Painter, PictureOrder

PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The call, the download, the decoding, the check. None of it touches the deck.

    `painters` are the chain's links by name. `card` draws what stands where no service made a picture, None for
    nothing.
    """

    jobs: Mapping[int, SlideJob]
    chain: Chain[PictureOrder, Made]
    painters: Mapping[str, Painter]
    card: Callable[[ImageRequest], bytes] | None
    max_px_per_in: int

    def __call__(self, prompt: Prompt) -> Drawn:
        job = self.jobs[prompt.slide_number]
        order = PictureOrder(slide_number=prompt.slide_number, request=_request(job, prompt, self.max_px_per_in))
        for link in self.chain.links:
            made = self.painters[link.name].kept(order)
            if made is not None:
                return self._drawn(prompt, made, link.service, link.model)
        try:
            reply = self.chain.call(order, asks_for_milder=not prompt.is_last)
        except ServiceError as error:
            may_be_softened = error.kind is FailureKind.POLICY and not prompt.is_last
            if self.card is None or may_be_softened or job.cover is not None:  # text would stand on the card's text
                raise
            return self._card(self.card, prompt, order.request, error)
        return self._drawn(prompt, reply.value, reply.link.service, reply.link.model, reply.failed_calls, calls=1)

    def _drawn(
        self,
        prompt: Prompt,
        made: Made,
        service: str,
        model: str,
        failed_calls: tuple[FailedCall, ...] = (),
        *,
        calls: int = 0,
    ) -> Drawn:
        job = self.jobs[prompt.slide_number]
        picture = _on_ground(made.picture, job.brief)
        window = best_crop(*picture.size, job.slot.box.aspect_ratio, *weigh(picture))
        return Drawn(
            slide_number=prompt.slide_number,
            alt_text=prompt.alt_text,
            fit=partial(fit_to_slot, picture, window, job.slot.box, max_px_per_in=self.max_px_per_in, cover=job.cover),
            provider=service,
            model=model,
            attempts=len(failed_calls) + calls,
            failed_calls=failed_calls,
            cost_usd=made.cost_usd + sum(call.cost_usd for call in failed_calls),
            image=made.path,
        )

    def _card(
        self, draw: Callable[[ImageRequest], bytes], prompt: Prompt, request: ImageRequest, error: ServiceError
    ) -> Drawn:
        job, card = self.jobs[prompt.slide_number], checked(draw(request))
        return Drawn(
            slide_number=prompt.slide_number,
            alt_text=f"Placeholder, no picture yet: {prompt.alt_text}",
            fit=partial(
                fit_to_slot, card, (0, 0, *card.size), job.slot.box, max_px_per_in=self.max_px_per_in, cover=None
            ),
            provider=PLACEHOLDER,
            model="",
            attempts=len(error.calls),
            failed_calls=error.calls,
            cost_usd=error.cost_usd,
            image=None,
            stands_in_for=str(error),
        )


def _on_ground(picture: Image, brief: Brief) -> Image:
    return matched(picture, brief.theme.background) if brief.ground is Ground.PLAIN else picture


def _request(job: SlideJob, prompt: Prompt, max_px_per_in: int) -> ImageRequest:
    return ImageRequest(
        prompt=prompt.text,
        subject=prompt.subject,
        aspect_ratio=round(job.slot.box.aspect_ratio, 3),
        width_px=job.width_px(max_px_per_in),
        style=job.style.name,
        theme=job.brief.theme,
        seed=job.brief.seed,
        is_cover=job.brief.is_cover,
        ground=job.brief.ground,
    )
