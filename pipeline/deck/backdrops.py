"""What a picture that paints a whole slide shows besides its ground: logos, frames, drawings. It counts as art."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter, UnidentifiedImageError

from pipeline.deck.ooxml import Element, integer, qualified, related
from pipeline.deck.package.parts import Part
from pipeline.records import Box

_BLIP, _EMBED = qualified("a:blip"), qualified("r:embed")
_PATTERN = qualified("a:pattFill")
_TILE, _CROP, _LAID = qualified("a:tile"), qualified("a:srcRect"), qualified("a:stretch/a:fillRect")

_WHOLE = 100_000
_SLACK_EMU = 12_700
"""An edge so near to that of what is covered is not seen."""

# The picture is looked at in cells of a quarter of an inch on a common slide, each of eight by eight pixels.
_COLUMNS, _ROWS, _CELL_PX = 64, 36, 8
# A pixel that differs by so many levels of 255 from what surrounds it within an inch is ink; a cell that holds a
# twentieth of such pixels is taken.
_INK_LEVELS = 24
_NEIGHBOURHOOD_CELLS = 5
_TAKEN_MEAN = 255 / 20


def backdrop_ink(part: Part, fill: Element, box: Box) -> tuple[Box, ...]:
    """The boxes of ink where `fill` (`a:blipFill`, `p:blipFill`, `a:pattFill`) of `part` paints `box`.

    All of `box` where the picture cannot be read, as vector formats cannot, for patterns, and where a picture is tiled
    that shows anything but its ground.
    """
    if fill.tag == _PATTERN:
        return everywhere(box)
    blip = fill.find(_BLIP)
    image = None if blip is None else related(part, blip.get(_EMBED))
    if image is None:
        return everywhere(box)
    is_tiled = fill.find(_TILE) is not None
    cells = _taken_cells(image.blob, is_tiled=is_tiled)
    if cells is None:
        return everywhere(box)
    if is_tiled:
        return everywhere(box) if cells else ()
    place = _place(fill, box)
    ink = (*(_on(place, cell) for cell in cells), *_edges_inside(place, box))
    return tuple(_cut(one, box) for one in ink if one.meets(box))


def everywhere(box: Box) -> tuple[Box, Box]:
    """Ink all over `box`, in two halves: in one piece, what is as large as a slide counts as its ground."""
    half = box.height_emu // 2
    rest = replace(box, top_emu=box.top_emu + half, height_emu=box.height_emu - half)
    return replace(box, height_emu=half), rest


def mirrored(one: Box, box: Box, *, across: bool, down: bool) -> Box:
    """Where `one` lies once `box`, which it is in, is mirrored left to right or upside down."""
    left = box.left_emu + box.right_emu - one.right_emu if across else one.left_emu
    top = box.top_emu + box.bottom_emu - one.bottom_emu if down else one.top_emu
    return replace(one, left_emu=left, top_emu=top)


def _place(fill: Element, box: Box) -> Box:
    """Where the whole of a picture would lie of which `a:srcRect` cuts a part that `a:fillRect` lays into `box`.

    Both state how far each side is inside, in 100000ths, less than nothing for outside (ECMA-376 part 1, 20.1.8.55 and
    20.1.8.30).
    """
    crop, laid = fill.find(_CROP), fill.find(_LAID)
    left, width = _axis(crop, laid, ("l", "r"), box.left_emu, box.width_emu)
    top, height = _axis(crop, laid, ("t", "b"), box.top_emu, box.height_emu)
    return Box(left_emu=round(left), top_emu=round(top), width_emu=round(width), height_emu=round(height))


def _axis(
    crop: Element | None, laid: Element | None, sides: tuple[str, str], start: int, size: int
) -> tuple[float, float]:
    """Start and size along one axis; a picture that is cropped or laid to nothing counts as stretched over all."""
    first, last = ((integer(laid, side) or 0) / _WHOLE for side in sides)
    cut_first, cut_last = ((integer(crop, side) or 0) / _WHOLE for side in sides)
    shown, kept = size * (1 - first - last), 1 - cut_first - cut_last
    if shown <= 0 or kept <= 0:
        return start, size
    return start + size * first - cut_first * shown / kept, shown / kept


def _edges_inside(place: Box, box: Box) -> Iterator[Box]:
    """The sides of a picture that end inside what it is to cover."""
    right, bottom = place.right_emu - 1, place.bottom_emu - 1
    if place.left_emu > box.left_emu + _SLACK_EMU:
        yield replace(place, width_emu=1)
    if place.top_emu > box.top_emu + _SLACK_EMU:
        yield replace(place, height_emu=1)
    if right < box.right_emu - _SLACK_EMU:
        yield replace(place, left_emu=right, width_emu=1)
    if bottom < box.bottom_emu - _SLACK_EMU:
        yield replace(place, top_emu=bottom, height_emu=1)


def _cut(one: Box, box: Box) -> Box:
    left, top = max(one.left_emu, box.left_emu), max(one.top_emu, box.top_emu)
    return Box(
        left_emu=left,
        top_emu=top,
        width_emu=min(one.right_emu, box.right_emu) - left,
        height_emu=min(one.bottom_emu, box.bottom_emu) - top,
    )


@lru_cache(maxsize=16)
def _taken_cells(data: bytes, *, is_tiled: bool) -> tuple[tuple[int, int, int, int], ...] | None:
    """Rectangles of taken cells as column, row, columns, rows; None where the picture cannot be read."""
    try:
        with Image.open(BytesIO(data)) as picture:
            small = picture.convert("RGBA").resize((_COLUMNS * _CELL_PX, _ROWS * _CELL_PX))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    grid = _ink(_rolled(small) if is_tiled else small).reduce(_CELL_PX).point(lambda mean: mean > _TAKEN_MEAN and 1)
    values = grid.tobytes()
    rows = [values[row * _COLUMNS : (row + 1) * _COLUMNS] for row in range(_ROWS)]
    return tuple(_merged([list(_runs(row)) for row in rows]))


def _rolled(tile: Image.Image) -> Image.Image:
    """Four quarters of tiles that meet in the middle: where one does not go on as the other ends, that shows."""
    return ImageChops.offset(tile, tile.width // 2, tile.height // 2)


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
