"""A picture that cannot stand where it was put is out of the deck again, as if it had never been in."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pipeline.config.settings import Settings
from pipeline.deck.package.opening import open_deck
from pipeline.deck.pictures.marks import read_mark
from pipeline.deck.reading import DeckReader
from pipeline.deck.writing import DeckFile
from pipeline.engine.messages import Drawn
from pipeline.errors import PictureError
from pipeline.planning.plan import plan_deck
from pipeline.planning.renewal import content_digest
from pipeline.prompting.templates import load_templates
from pipeline.records import FittedPicture
from pipeline.runs.briefing import make_jobs
from pipeline.runs.inserting import Inserting
from tests.unit.deck.build import TITLE_AND_CONTENT, deck, only, saved

NUMBER = 1


@pytest.fixture
def step(tmp_path):
    """The step for a deck of one slide that is mostly empty below its text."""
    presentation = deck(TITLE_AND_CONTENT)
    only(presentation).shapes.title.text = "How glaciers move"
    only(presentation).placeholders[1].text = "They slide\nThey flow"
    path = saved(presentation, tmp_path / "talk.pptx")
    package = open_deck(path)
    reader = DeckReader(path, package)
    read = reader.read()
    plans = plan_deck(read, Settings(), {NUMBER})
    jobs = make_jobs(read, plans, load_templates(None).styles, "flat", takes_transparency=False)
    with closing(DeckFile(package)) as file:
        yield Inserting(
            deck=read,
            file=file,
            reader=reader,
            plans={NUMBER: plans[0]},
            jobs=jobs,
            ink_is_rendered=False,
            last_slide_id=max(slide.slide_id for slide in read.slides),
        )


def drawn(ratio, alt_text="A glacier"):
    width, height = round(400 * ratio), 400
    encoded = BytesIO()
    Image.new("RGB", (width, height), "navy").save(encoded, "PNG")
    picture = FittedPicture(data=encoded.getvalue(), extension="png", width_px=width, height_px=height)
    return Drawn(
        slide_number=NUMBER, alt_text=alt_text, fit=lambda: picture, provider="toy", model="m", attempts=1,
        cost_usd=0.0, image=Path("x"),
    )  # fmt: skip


def ratio(step):
    return step.jobs[NUMBER].slot.box.aspect_ratio


def test_a_picture_that_fits_stands_in_its_slot_under_its_mark(step):
    step(drawn(ratio(step)))
    ((_, shape_id),) = step.file.placed
    again = step.reader.read_again(step.deck.slides[0], step.file.slide_part(NUMBER))
    ours = next(shape for shape in again.shapes if shape.shape_id == shape_id)
    mark = read_mark(ours.name)
    assert mark.content == content_digest(step.deck.slides[0])
    assert (ours.box, mark.is_at(ours.box)) == (step.jobs[NUMBER].slot.box, True)
    assert not ours.ours.was_moved


def over_the_title(step):
    title = next(shape.box for shape in step.deck.slides[0].shapes if shape.placeholder == "title")
    job = step.jobs[NUMBER]
    moved = replace(job, slot=replace(job.slot, box=title))
    return replace(step, jobs={NUMBER: moved}), drawn(title.aspect_ratio)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (over_the_title, "covers something"),
        (lambda step: (step, drawn(1.1 * ratio(step))), "is stretched"),
        (lambda step: (step, drawn(ratio(step), alt_text="")), "has no alt text"),
    ],
)
def test_a_faulty_picture_is_refused_and_the_slide_is_as_it_was(step, fault, said):
    before = step.file.slide_part(NUMBER).blob
    step, picture = fault(step)
    with pytest.raises(PictureError, match=said):
        step(picture)
    assert step.file.slide_part(NUMBER).blob == before
    assert (step.file.placed, step.file.changes().added) == ({}, {})
