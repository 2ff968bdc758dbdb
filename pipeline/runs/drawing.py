"""A worker's step: the picture of one slide is made by the first service that can, checked, kept and weighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PIL.Image import Image

from pipeline.engine.chain import Chain, Reply
from pipeline.engine.failures import consequence_of
from pipeline.engine.messages import Drawn
from pipeline.errors import ServiceError
from pipeline.images.checking import checked
from pipeline.images.fitting import fit_to_slot
from pipeline.images.grounds import matched
from pipeline.images.saliency import weigh
from pipeline.planning.cropping import best_crop
from pipeline.records import Brief, Ground, ImageRequest, Prompt
from pipeline.runs.jobs import SlideJob
from pipeline.runs.painting import Made, PictureOrder
from pipeline.runs.spending.ledger import Ledger

PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The call, the download, the decoding, the check. None of it touches the deck.

    `card` draws what stands where no service made a picture, None for nothing.
    """

    jobs: Mapping[int, SlideJob]
    chain: Chain[PictureOrder, Made]
    ledger: Ledger
    card: Callable[[ImageRequest], bytes] | None
    max_px_per_in: int

    def __call__(self, prompt: Prompt) -> Drawn:
        job = self.jobs[prompt.slide_number]
        request = image_request(job, prompt, self.max_px_per_in)
        order = PictureOrder(slide_number=prompt.slide_number, request=request)
        try:
            reply = self.chain.call(order, asks_for_milder=not prompt.is_last)
        except ServiceError as error:
            may_be_softened = consequence_of(error).softens and not prompt.is_last
            if self.card is None or may_be_softened or job.cover is not None:  # text would stand on the card's text
                raise
            return self._card(self.card, prompt, request, error)
        finally:
            self.ledger.release(prompt.slide_number)
        return self._drawn(prompt, reply)

    def _drawn(self, prompt: Prompt, reply: Reply[PictureOrder, Made]) -> Drawn:
        job, made, failed_calls = self.jobs[prompt.slide_number], reply.value, reply.failed_calls
        picture = _on_ground(made.picture, job.brief)
        window = best_crop(*picture.size, job.slot.box.aspect_ratio, *weigh(picture))
        return Drawn(
            slide_number=prompt.slide_number,
            alt_text=prompt.alt_text,
            fit=partial(fit_to_slot, picture, window, job.slot.box, max_px_per_in=self.max_px_per_in, cover=job.cover),
            provider=reply.link.service,
            model=reply.link.model,
            attempts=len(failed_calls) + (not reply.is_kept),
            failed_calls=failed_calls,
            cost_usd=(made.cost_usd or 0.0) + sum(call.cost_usd for call in failed_calls),
            saved_usd=made.saved_usd,
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


def image_request(job: SlideJob, prompt: Prompt, max_px_per_in: int) -> ImageRequest:
    """The picture of a slide as it is asked for, of whomever."""
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
