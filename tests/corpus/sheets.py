"""Contact sheets to look at: each illustrated slide before and after, side by side. Writes one PNG a deck."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from tests.corpus.measuring import DeckFigures, Task
from tests.corpus.rendering import render

_THUMB_PX = 360
_COLUMNS = 3
_GAP_PX = 8


def write_sheet(task: Task, figures: DeckFigures) -> Path | None:
    """The sheet of one deck, beside its result; None where no slide got a picture."""
    numbers = [slide.number for slide in figures.slides if slide.new_pictures]
    if not numbers:
        return None
    before, after = render(task.deck), render(task.result)
    first = before[0]
    size = (_THUMB_PX, round(_THUMB_PX * first.height / first.width))
    rows = -(-len(numbers) // _COLUMNS)
    cell_width, cell_height = 2 * size[0] + 3 * _GAP_PX, size[1] + _GAP_PX
    sheet = Image.new("RGB", (_COLUMNS * cell_width, rows * cell_height + _GAP_PX), "#e0d8ff")
    for place, number in enumerate(numbers):
        left, top = place % _COLUMNS * cell_width, place // _COLUMNS * cell_height + _GAP_PX
        for side, pages in enumerate((before, after)):
            sheet.paste(pages[number - 1].resize(size), (left + side * (size[0] + _GAP_PX // 2), top))
        ImageDraw.Draw(sheet).text((left, top), str(number), fill="#c00", stroke_width=2, stroke_fill="white")
    path = task.folder / f"{task.deck.stem}.sheet.png"
    sheet.save(path)
    return path
