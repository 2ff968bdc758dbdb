"""Coming back to a deck: what a slide says, as a digest that changes when its picture should."""

from __future__ import annotations

import hashlib

from pipeline.planning.notes import parse_notes
from pipeline.planning.stand_ins import says_image_here
from pipeline.records import Slide

_DIGITS = 10


def content_digest(slide: Slide) -> str:
    """Ten hexadecimal digits for what a picture of `slide` is made from: its words and a person's own prompt.

    The order of lines and their white space do not count: they change when another program saves the deck.
    """
    override = parse_notes(slide.notes)
    lines = sorted(" ".join(line.split()) for line in (slide.title, *own_words(slide)))
    text = "\n".join(line for line in (*lines, override.prompt, override.style) if line)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def own_words(slide: Slide) -> tuple[str, ...]:
    """The body of `slide` without what only says where a picture goes, and is gone once there is one."""
    return tuple(line for line in slide.body if not says_image_here(line))
