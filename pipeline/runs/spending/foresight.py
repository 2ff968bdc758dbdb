"""What is known of a slide's picture before anybody asks for it: what it will be asked with, and if it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.images.provider import ImageProvider
from pipeline.records import ImageRequest, Prompt
from pipeline.runs.drawing import image_request
from pipeline.runs.jobs import SlideJob
from pipeline.runs.painting import PictureOrder, call_for
from pipeline.runs.spending.attempts import Call
from pipeline.store.keeping import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """For one run: its `painters`, the first of which is taken to make what is missing."""

    painters: tuple[ImageProvider, ...]
    store: Store
    max_px_per_in: int

    def call(self, job: SlideJob, prompt: Prompt | None = None) -> Call:
        """The call for the picture. What it costs does not hang on the prompt, which may not be there yet."""
        number = job.brief.slide_number
        known = prompt or Prompt(slide_number=number, text="", subject="", alt_text="")
        return call_for(self.painters[0], PictureOrder(slide_number=number, request=self.request(job, known)))

    def is_kept(self, job: SlideJob, prompt: Prompt) -> bool:
        """Whether the store has it, of any of the painters."""
        request = self.request(job, prompt)
        return any(self.store.find_picture(one.request(request)) is not None for one in self.painters)

    def request(self, job: SlideJob, prompt: Prompt) -> ImageRequest:
        """The picture as it is asked for, of whomever."""
        return image_request(job, prompt, self.max_px_per_in)
