"""All the words of a slide are read, each where it belongs, and the deck is left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx.enum.chart import XL_CHART_TYPE

from pipeline.deck.reading import read_deck
from pipeline.errors import DeckError
from tests.unit.deck.build import (
    BLANK,
    TITLE_AND_CONTENT,
    TITLE_ONLY,
    TITLE_SLIDE,
    add_xml,
    chart_data,
    deck,
    graphic_frame,
    group,
    only,
    opened,
    read,
    read_only,
    relate,
    text_box,
)

DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
EXTENDED_CHART = "http://schemas.microsoft.com/office/drawing/2014/chartex"
MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
INCH = 914_400


def test_title_and_paragraphs_are_told_apart() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    slide = only(presentation)
    slide.shapes.title.text_frame.text = "How leaves\vmake sugar"
    slide.placeholders[1].text_frame.text = "Light\n\n  Water  and air\n"
    read = read_only(presentation)
    assert (read.title, read.body) == ("How leaves make sugar", ("Light", "Water and air"))


def test_a_table_is_read_row_by_row() -> None:
    presentation = deck()
    table = only(presentation).shapes.add_table(3, 3, 0, 0, INCH, INCH).table
    for number, text in enumerate(["City", "Area", "People", "Graz", "", "300,000"]):
        table.cell(number // 3, number % 3).text = text
    assert read_only(presentation).body == ("City | Area | People", "Graz | 300,000")


def test_a_chart_is_read_by_its_title_and_categories() -> None:
    presentation = deck()
    data = chart_data(["North", "South"], "2025", "2026")
    frame = only(presentation).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, INCH, INCH, data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Sales by region"
    assert read_only(presentation).body == ("Sales by region", "North | South")


def test_a_chart_of_one_series_is_headed_by_its_name() -> None:
    presentation = deck()
    data = chart_data(["North", "South"], "Sales")
    frame = only(presentation).shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, INCH, INCH, data)
    frame.chart.has_title = True
    assert read_only(presentation).body == ("Sales", "North | South")


def test_a_sunburst_names_each_branch_once() -> None:
    presentation = deck()
    slide = only(presentation)
    chart = relate(
        slide,
        "chartEx1",
        f'<cx:chartSpace xmlns:cx="{EXTENDED_CHART}" xmlns:a="{MAIN}">'
        '<cx:chartData><cx:data id="0"><cx:strDim type="cat">'
        "<cx:lvl><cx:pt>Oak</cx:pt><cx:pt>Elm</cx:pt></cx:lvl><cx:lvl><cx:pt>Trees</cx:pt><cx:pt>Trees</cx:pt></cx:lvl>"
        "</cx:strDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Wood</a:t></a:r></a:p>"
        "</cx:rich></cx:tx></cx:title></cx:chart></cx:chartSpace>",
    )
    add_xml(slide, graphic_frame(EXTENDED_CHART, f'<cx:chart r:id="{chart}"/>'))
    assert read_only(presentation).body == ("Wood", "Oak | Elm | Trees")


def test_smartart_is_read_node_by_node_in_the_order_it_is_drawn() -> None:
    presentation = deck()
    slide = only(presentation)
    nodes = {"3": "Sell", "1": "Plan", "2": "Ask first", "9": ""}
    points = "".join(
        f'<dgm:pt modelId="{name}" type="{"doc" if name == "9" else "node"}"><dgm:t>'
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for name, text in nodes.items()
    )
    links = "".join(
        f'<dgm:cxn srcId="{above}" destId="{below}" srcOrd="{order}"/>'
        for above, below, order in [("9", "3", 1), ("9", "1", 0), ("1", "2", 0), ("2", "1", 0)]
    )
    data = relate(
        slide,
        "data1",
        f'<dgm:dataModel xmlns:dgm="{DIAGRAM}" xmlns:a="{MAIN}"><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}'
        "</dgm:cxnLst></dgm:dataModel>",
    )
    add_xml(slide, graphic_frame(DIAGRAM, f'<dgm:relIds r:dm="{data}"/>'))
    assert read_only(presentation).body == ("Plan", "Ask first", "Sell")


def test_a_chart_whose_part_is_gone_has_no_words() -> None:
    presentation = deck()
    add_xml(only(presentation), graphic_frame(EXTENDED_CHART, '<cx:chart r:id="rId77"/>'))
    assert read_only(presentation).body == ()


def test_a_damaged_part_is_named_with_the_deck() -> None:
    presentation = deck()
    slide = only(presentation)
    data = relate(slide, "data1", "<dgm:dataModel")
    add_xml(slide, graphic_frame(DIAGRAM, f'<dgm:relIds r:dm="{data}"/>'))
    with pytest.raises(DeckError, match=r"^talk\.pptx: /ppt/data1\.xml is damaged .*; open it in PowerPoint"):
        read(presentation)


def test_the_body_reads_from_the_top_and_from_the_left_however_it_was_drawn() -> None:
    presentation = deck()
    inside = text_box("", 0, 9, 1, 1, "last")
    drawn = [
        group((0, 5 * INCH), (INCH, INCH), (0, 9, 1, 1), inside),
        text_box("", 5 * INCH, 2 * INCH, 9, 9, "second"),
        text_box("", 0, 2 * INCH + 5_000, 9, 9, "first"),
    ]
    add_xml(only(presentation), "".join(drawn))
    assert read_only(presentation).body == ("first", "second", "last")


def test_hebrew_reads_from_the_right() -> None:
    presentation = deck()
    add_xml(only(presentation), text_box("", 0, 0, 9, 9, "שמאל") + text_box("", 5 * INCH, 0, 9, 9, "ימין"))
    assert read_only(presentation).body == ("ימין", "שמאל")


def test_slide_numbers_dates_and_footers_are_not_what_a_slide_says() -> None:
    presentation = deck()
    footer = text_box("footer", 0, 0, 9, 9, "ACME confidential").replace(
        "<p:nvPr/>", '<p:nvPr><p:ph type="ftr"/></p:nvPr>'
    )
    number = text_box("number", 0, 0, 9, 9).replace(
        "<a:r><a:rPr /><a:t></a:t></a:r>", '<a:fld type="slidenum"><a:t>3</a:t></a:fld>'
    )
    assert "a:fld" in number
    add_xml(only(presentation), footer + number)
    read = read_only(presentation)
    assert read.body == ()
    assert [one.text for one in read.shapes] == ["ACME confidential", "3"]


def test_only_the_notes_text_is_notes_and_its_lines_are_kept() -> None:
    presentation = deck(TITLE_ONLY, TITLE_ONLY)
    only(presentation).notes_slide.notes_text_frame.text = "illustrate: yes\nstyle: flat\vand calm"
    assert [one.notes for one in read(presentation).slides] == ["illustrate: yes\nstyle: flat\nand calm", ""]


def test_layout_number_id_and_hidden_flag_are_read() -> None:
    presentation = deck(TITLE_SLIDE, BLANK)
    presentation.slides[1]._element.set("show", "0")
    slides = read(presentation).slides
    assert [(one.number, one.layout_name, one.layout_type, one.is_hidden) for one in slides] == [
        (1, "Title Slide", "title", False),
        (2, "Blank", "blank", True),
    ]
    assert [one.slide_id for one in slides] == [one.slide_id for one in presentation.slides]


def test_a_deck_that_states_no_size_has_the_one_powerpoint_takes() -> None:
    presentation = deck()
    presentation._element.remove(presentation._element.sldSz)
    assert (read(presentation).width_emu, read(presentation).height_emu) == (10 * INCH, int(7.5 * INCH))


def test_a_slide_without_a_layout_is_damage(tmp_path: Path) -> None:
    presentation = deck()
    layout = next(name for name, one in only(presentation).part.rels.items() if one.reltype.endswith("/slideLayout"))
    only(presentation).part.rels.pop(layout)
    with pytest.raises(DeckError, match=r"slide1\.xml has no slideLayout"):
        read_deck(tmp_path, opened(presentation))


def test_reading_changes_nothing(tmp_path: Path) -> None:
    package = opened(deck(TITLE_AND_CONTENT, BLANK))
    package.file.seek(0)
    before = package.file.read()
    read_deck(tmp_path, package)
    package.file.seek(0)
    assert package.file.read() == before
