"""Decks for the tests of many: no two say the same, so that none finds its pictures in the store."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from pptx import Presentation
from pptx.util import Inches


@cache
def deck_about(subject: str, slides: int) -> bytes:
    """A deck's file: so many slides with room for a picture."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    for number in range(1, slides + 1):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        for shape, box in zip(slide.placeholders, ((0.5, 0.4, 12, 1), (0.5, 1.6, 6, 5)), strict=True):
            shape.left, shape.top, shape.width, shape.height = map(Inches, box)
        slide.shapes.title.text = f"How {subject} are made, step {number}"
        slide.placeholders[1].text = f"Makers of {subject} learn step {number}"
    file = BytesIO()
    presentation.save(file)
    return file.getvalue()


def put_decks(folder: Path, **slides: int) -> Path:
    """Decks in `folder`, by their subject: so many slides. "__" in a subject makes a folder of what is before it."""
    for subject, count in slides.items():
        path = folder / f"{subject.replace('__', '/')}.pptx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(deck_about(subject, count))
    return folder
