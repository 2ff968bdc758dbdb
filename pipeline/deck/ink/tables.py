"""How large a table really is: its rows grow until the text of their cells fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.deck.geometry import Frame, Transform, bounding_box
from pipeline.deck.ink.blocks import measured_text, set_text
from pipeline.deck.ink.text_styles import TextContext
from pipeline.deck.ooxml import Element, flag, integer, qualified
from pipeline.records import EMU_PER_POINT, Box

_TABLE = qualified("a:graphic/a:graphicData/a:tbl")
_TABLE_PROPERTIES, _COLUMNS, _ROWS = map(qualified, ("a:tblPr", "a:tblGrid/a:gridCol", "a:tr"))
_CELL, _BODY, _CELL_PROPERTIES = map(qualified, ("a:tc", "a:txBody", "a:tcPr"))

_DEFAULT_MARGINS = {"marL": 91_440, "marR": 91_440, "marT": 45_720, "marB": 45_720}
"""ECMA-376 part 1, 21.1.3.17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A cell's first row, how many rows it spans, and the height its text needs."""

    row: int
    rows: int
    height_emu: int


def table_ink(element: Element, frame: Frame, parent: Transform, context: TextContext) -> tuple[Box, ...]:
    """The box of the table in a `p:graphicFrame`, in slide EMU; none where it holds no table.

    As wide as its columns, as high as its rows once they hold their text; the frame may say less or more.
    """
    table = element.find(_TABLE)
    if table is None:
        return ()
    widths = [max(integer(column, "w") or 0, 0) for column in table.iterfind(_COLUMNS)]
    heights = _row_heights(table, widths, context)
    width, height = sum(widths) or frame.width, sum(heights) or frame.height
    return (bounding_box(replace(frame, width=width, height=height), parent),)


def _row_heights(table: Element, widths: Sequence[int], context: TextContext) -> list[int]:
    rows = table.findall(_ROWS)
    heights = [max(integer(row, "h") or 0, 0) for row in rows]
    has_header = flag(table.find(_TABLE_PROPERTIES), "firstRow", default=False)
    # The styles Office brings set header rows in bold.
    bold = replace(context, levels=tuple(replace(one, run=replace(one.run, is_bold=True)) for one in context.levels))
    for place, row in enumerate(rows):
        for cell in _cells(row, place, widths, bold if has_header and place == 0 else context):
            last = min(place + cell.rows, len(rows)) - 1
            missing = cell.height_emu - sum(heights[place : last + 1])
            heights[last] += max(missing, 0)
    return heights


def _cells(row: Element, place: int, widths: Sequence[int], context: TextContext) -> Iterator[_Cell]:
    """The cells that hold text of their own; those merged into a neighbour do not."""
    for column, cell in enumerate(row.iterfind(_CELL)):
        body = cell.find(_BODY)
        is_merged = flag(cell, "hMerge", default=False) or flag(cell, "vMerge", default=False)
        if body is None or is_merged:
            continue
        columns = max(integer(cell, "gridSpan") or 1, 1)
        width = sum(widths[column : column + columns])
        yield _Cell(
            row=place, rows=max(integer(cell, "rowSpan") or 1, 1), height_emu=_height(cell, body, width, context)
        )


def _height(cell: Element, body: Element, width_emu: int, context: TextContext) -> int:
    properties = cell.find(_CELL_PROPERTIES)
    margins = {
        name: default if (stated := integer(properties, name)) is None else stated
        for name, default in _DEFAULT_MARGINS.items()
    }
    if properties is not None and properties.get("vert", "horz") != "horz":
        # Turned text grows sideways into rows that PowerPoint has made high enough.
        return 0
    room = max(width_emu - margins["marL"] - margins["marR"], EMU_PER_POINT) / EMU_PER_POINT
    block = set_text(measured_text(body, context), room, is_tall=True)
    return round(block.height * EMU_PER_POINT) + margins["marT"] + margins["marB"]
