"""Decks for torture: every slide has room for a picture, and every slide's prompt is known by its words."""

from __future__ import annotations

import random
import re
import zipfile
from itertools import product
from pathlib import Path

from pptx import Presentation
from pptx.util import Inches

from tests.fakes.anthropic_faults import answering_with
from tests.fakes.wire import Exchange, Json, Reply

_COLOURS = ("red", "green", "yellow", "white", "black", "silver")
_THINGS = ("kite", "boat", "lantern", "bicycle", "barn", "umbrella")
SUBJECTS = tuple(f"A {colour} {thing} beside a quiet river" for colour, thing in product(_COLOURS, _THINGS))
"""What is drawn for slide 1, 2, …; no two alike, or one call would do for both."""

_STAGE = re.compile(r"Stage (\d+) of a river")


def make_deck(path: Path, slides: int, *, ballast_bytes: int = 0) -> Path:
    """Write a deck whose slides have a title and a text on the left, and the right half free.

    `ballast_bytes` of noise in a part that nothing shows make it take a while to be saved.
    """
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    for number in range(1, slides + 1):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        for shape, box in zip(slide.placeholders, ((0.5, 0.4, 12, 1), (0.5, 1.6, 6, 5)), strict=True):
            shape.left, shape.top, shape.width, shape.height = map(Inches, box)
        slide.shapes.title.text = f"Stage {number} of a river"
        slide.placeholders[1].text = f"Water carries stones and sand, part {number}"
    presentation.save(str(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ppt/media/ballast.png", random.Random(path.name).randbytes(ballast_bytes))
    return path


def slide_written_for(body: Json) -> int:
    """The slide a call to Claude is about: the last block of its message alone differs from slide to slide."""
    found = _STAGE.search(body["messages"][-1]["content"][-1]["text"])
    assert found, "a call that is about no slide"
    return int(found[1])


def slide_drawn_for(body: Json) -> int:
    """The slide a call for a picture is about."""
    return next(number for number, subject in enumerate(SUBJECTS, 1) if subject in body["prompt"])


def with_own_subject(exchange: Exchange) -> Reply | None:
    """Claude's usual answer, with the slide's own subject for a prompt. A Fault."""
    return answering_with(prompt=SUBJECTS[slide_written_for(exchange.request.body) - 1])(exchange)
