"""What a picture that paints a whole slide shows besides its ground: logos, frames, drawings. It counts as art."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter, UnidentifiedImageError

from pipeline.deck.ooxml import Element, qualified, related
from pipeline.deck.package.parts import Part
from pipeline.records import Box

_BLIP, _EMBED = qualified("a:blip"), qualified("r:embed")

# The picture is looked at in cells of a quarter of an inch on a common slide, each of eight by eight pixels.
_COLUMNS, _ROWS, _CELL_PX = 64, 36, 8
# A pixel that differs by so many levels of 255 from what surrounds it within an inch is ink; a cell that holds a
# twentieth of such pixels is taken.
_INK_LEVELS = 24
_NEIGHBOURHOOD_CELLS = 5
_TAKEN_MEAN = 255 / 20


def backdrop_ink(part: Part, fill: Element, box: Box) -> tuple[Box, ...]:
    """The boxes of ink in the picture that `fill` (`a:blipFill`, `p:blipFill`) of `part` stretches over `box`.

    All of `box` where the picture cannot be read, as vector formats cannot.
    """
    blip = fill.find(_BLIP)
    image = None if blip is None else related(part, blip.get(_EMBED))
    cells = None if image is None else _taken_cells(image.blob)
    return (box,) if cells is None else tuple(_on(box, cell) for cell in cells)


@lru_cache(maxsize=16)
def _taken_cells(data: bytes) -> tuple[tuple[int, int, int, int], ...] | None:
    """Rectangles of taken cells as column, row, columns, rows; None where the picture cannot be read."""
    try:
        with Image.open(BytesIO(data)) as picture:
            small = picture.convert("RGBA").resize((_COLUMNS * _CELL_PX, _ROWS * _CELL_PX))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    grid = _ink(small).reduce(_CELL_PX).point(lambda mean: mean > _TAKEN_MEAN and 1)
    values = grid.tobytes()
    rows = [values[row * _COLUMNS : (row + 1) * _COLUMNS] for row in range(_ROWS)]
    return tuple(_merged([list(_runs(row)) for row in rows]))


def _ink(picture: Image.Image) -> Image.Image:
    """White where a channel, transparency included, differs from the median of its neighbourhood."""
    ground = picture.reduce(_CELL_PX).filter(ImageFilter.MedianFilter(_NEIGHBOURHOOD_CELLS)).resize(picture.size)
    channels = ImageChops.difference(picture, ground).split()
    most = channels[0]
    for channel in channels[1:]:
        most = ImageChops.lighter(most, channel)
    return most.point(lambda level: 255 if level > _INK_LEVELS else 0)


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """First column and length of each run of taken cells."""
    start: int | None = None
    for column, is_taken in enumerate((*row, 0)):
        if is_taken and start is None:
            start = column
        elif not is_taken and start is not None:
            yield start, column - start
            start = None


def _merged(rows: Sequence[Sequence[tuple[int, int]]]) -> Iterator[tuple[int, int, int, int]]:
    """Runs that stand one below the other and are alike, as one rectangle."""
    growing: dict[tuple[int, int], int] = {}
    for number, runs in enumerate([*rows, ()]):
        for run in [run for run in growing if run not in runs]:
            first = growing.pop(run)
            yield run[0], first, run[1], number - first
        for run in runs:
            growing.setdefault(run, number)


def _on(box: Box, cell: tuple[int, int, int, int]) -> Box:
    column, row, columns, rows = cell
    return Box(
        left_emu=box.left_emu + column * box.width_emu // _COLUMNS,
        top_emu=box.top_emu + row * box.height_emu // _ROWS,
        width_emu=-(-columns * box.width_emu // _COLUMNS),
        height_emu=-(-rows * box.height_emu // _ROWS),
    )
