"""Tables are as high as their rows, and rows as high as the text in their cells."""

from __future__ import annotations

import pytest

from pipeline.deck.geometry import SLIDE
from pipeline.deck.ink.tables import table_ink
from tests.unit.deck.ink.typeset import INCH, PLAIN, frame, xml

ROW = INCH // 2
LONG = "Many more words than such a narrow column can hold in one line"


def cell(text: str = "", attributes: str = "", properties: str = "") -> str:
    run = f"<a:r><a:t>{text}</a:t></a:r>" if text else ""
    return f"<a:tc {attributes}><a:txBody><a:bodyPr/><a:p>{run}</a:p></a:txBody><a:tcPr {properties}/></a:tc>"


def height_in(*rows: str, properties: str = "") -> float:
    columns = f'<a:gridCol w="{INCH}"/>' * 2
    lines = "".join(f'<a:tr h="{ROW}">{row}</a:tr>' for row in rows)
    table = xml(
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr {properties}/><a:tblGrid>{columns}</a:tblGrid>"
        f"{lines}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    (box,) = table_ink(table, frame(), SLIDE, PLAIN)
    assert box.width_emu == 2 * INCH
    return box.height_emu / INCH


def test_rows_that_hold_their_text_keep_their_height():
    assert height_in(cell("a") + cell("b"), cell() + cell()) == pytest.approx(1)


def test_a_row_grows_with_the_text_in_it():
    assert height_in(cell(LONG) + cell("b")) > 1.5


def test_margins_count():
    assert height_in(cell("a", "", f'marT="{INCH}"') + cell()) > 1.2


def test_merged_cells_have_the_width_of_all_of_them():
    alone = height_in(cell(LONG) + cell())
    merged = height_in(cell(LONG, 'gridSpan="2"') + cell(LONG, 'hMerge="1"'))
    assert merged < alone


def test_a_cell_over_several_rows_has_the_height_of_all_of_them():
    alone = height_in(cell(LONG) + cell(), cell() + cell(), cell() + cell())
    merged = height_in(cell(LONG, 'rowSpan="3"') + cell(), *[cell(LONG, 'vMerge="1"') + cell() for _ in range(2)])
    assert merged < alone


def test_other_frames_hold_no_table():
    assert table_ink(xml("<p:graphicFrame/>"), frame(), SLIDE, PLAIN) == ()
