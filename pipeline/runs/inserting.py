"""The owner's step: a picture is cut, put into its slide, marked, and looked at once more where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.deck.ink.rendered import with_known_ink
from pipeline.deck.pictures.looks import look_of
from pipeline.deck.pictures.marks import NO_CONTENT, Mark, read_mark, write_mark
from pipeline.deck.reading import DeckReader
from pipeline.deck.writing import DeckFile
from pipeline.engine.messages import Drawn
from pipeline.errors import PictureError
from pipeline.planning.inspection import fault_of
from pipeline.planning.renewal import content_digest
from pipeline.records import Box, Deck, FittedPicture, SlidePlan, SlideShape
from pipeline.runs.jobs import SlideJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserting:
    """Puts pictures into one deck. Raises PictureError where a picture cannot stand where it was put; it is out again.

    `ink_is_rendered` where the slides' ink was seen in a render, which says more than reading a slide again.
    `last_slide_id` is the deck's largest, for the marks.
    Not for several threads at once.
    """

    deck: Deck
    file: DeckFile
    reader: DeckReader
    plans: Mapping[int, SlidePlan]
    jobs: Mapping[int, SlideJob]
    ink_is_rendered: bool
    last_slide_id: int

    def __call__(self, drawn: Drawn) -> None:
        number, plan, picture = drawn.slide_number, self.plans[drawn.slide_number], drawn.fit()
        content = NO_CONTENT if drawn.stands_in_for else content_digest(plan.slide)
        name = self._name(plan, self.jobs[number], picture, content)
        shape_id = self._put(plan, self.jobs[number], picture, name, drawn.alt_text)
        fault = self._fault(plan, self.jobs[number], picture, shape_id)
        if fault:
            self.file.remove(number, shape_id, name)
            raise PictureError(f"{fault}; it was taken out again")

    def _name(self, plan: SlidePlan, job: SlideJob, picture: FittedPicture, content: str) -> str:
        mark = Mark(
            content=content,
            look=look_of(picture.data),
            place=self._place(plan, job),
            last_slide_id=self.last_slide_id,
        )
        return write_mark(mark)

    def _place(self, plan: SlidePlan, job: SlideJob) -> Box:
        """Where we would have it: what a person moved once counts as moved for ever."""
        before = plan.renews
        mark = read_mark(before.name) if before is not None and _was_moved(before) else None
        return job.slot.box if mark is None else mark.place

    def _put(self, plan: SlidePlan, job: SlideJob, picture: FittedPicture, name: str, alt_text: str) -> int:
        number, before = plan.slide.number, plan.renews
        if before is None:
            return self.file.insert(
                number,
                job.slot,
                picture,
                name=name,
                alt_text=alt_text,
                finish=job.finish,
                narrowed=plan.narrowed,
            )
        stays = before.ours is not None and before.ours.frame == job.slot.box
        box = None if stays else job.slot.box
        self.file.renew(number, before.shape_id, before.name, picture, name=name, alt_text=alt_text, box=box)
        return before.shape_id

    def _fault(self, plan: SlidePlan, job: SlideJob, picture: FittedPicture, shape_id: int) -> str | None:
        slide = self.reader.read_again(plan.slide, self.file.slide_part(plan.slide.number))
        if self.ink_is_rendered:
            slide = with_known_ink(slide, plan.slide)
        return fault_of(slide, self.deck, shape_id, job.slot.kind, picture)


def _was_moved(shape: SlideShape) -> bool:
    return shape.ours is not None and shape.ours.was_moved
